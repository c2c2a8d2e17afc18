"""An emulated account for operators' commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.emulator import start_emulator
from tests.operate.gateway_server import gateway_server
from tests.operate.stages import World, aws_environment, copied_repository, in_environment


@pytest.fixture(scope="session")
def made_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    emulator = start_emulator(tmp_path_factory.mktemp("aws"))
    source = copied_repository(tmp_path_factory.mktemp("repository"))
    try:
        with gateway_server() as gateway:
            yield World(source, gateway, aws_environment(emulator, gateway))
    finally:
        emulator.stop()


@pytest.fixture
def world(made_world: World) -> Iterator[World]:
    """One account for all tests of a run; each takes stages of its own."""
    with in_environment(made_world.environment):
        made_world.gateway.calls.clear()
        yield made_world
