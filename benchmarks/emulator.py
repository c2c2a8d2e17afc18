"""The emulator with a stage of its own, and a client for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.config import Config

from local.emulator import Emulator, start_emulator
from local.paths import RESOURCES
from local.stack import aws_client, deploy_stack

# As the product's own client: what it leaves out would not be measured.
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=32)

_numbers = count(1)


@contextmanager
def emulator() -> Iterator[Emulator]:
    with TemporaryDirectory() as folder:
        started = start_emulator(Path(folder))
        try:
            yield started
        finally:
            started.stop()


def fresh_stage(started: Emulator) -> tuple[Any, dict[str, str]]:
    """A client, and the settings that name the empty tables of a new stage."""
    outputs = deploy_stack(RESOURCES, f"bench{next(_numbers)}", started.environment)
    settings = {
        "EVENTS_TABLE": outputs["EventsTable"],
        "SESSIONS_TABLE": outputs["SessionsTable"],
        "ACTIVE_SESSIONS_TABLE": outputs["ActiveSessionsTable"],
        "ROLLUPS_TABLE": outputs["RollupsTable"],
    }
    return aws_client("dynamodb", started.environment, CONFIG), settings
