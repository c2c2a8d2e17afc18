"""An emulated account for operators' commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.emulated_aws.emulator import start_emulator
from tests.forked import forked_python
from tests.operate.gateway_server import gateway_server
from tests.operate.stages import Aws, aws_environment, copied_repository, in_environment

SERVICES = (
    "apigateway", "cloudformation", "cloudwatch", "dynamodb", "events", "iam", "lambda", "logs",
    "s3", "sns", "ssm", "sts", "xray",
)  # fmt: skip


@pytest.fixture(scope="session")
def made_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    emulator = start_emulator(tmp_path_factory.mktemp("aws"))
    source = copied_repository(tmp_path_factory.mktemp("repository"))
    try:
        with gateway_server() as gateway:
            yield Aws(source, gateway, aws_environment(emulator, gateway))
    finally:
        emulator.stop()


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the Python that runs commands and Chalice."""
    packages = ("boto3", "s3transfer.manager", "chalice.cli", "yaml")
    folder = tmp_path_factory.mktemp("python")
    with forked_python(folder, *packages, services=SERVICES) as made:
        yield made


@pytest.fixture
def aws(made_aws: Aws) -> Iterator[Aws]:
    """Return one account for all tests of a run, each of which uses its own stages."""
    with in_environment(made_aws.environment):
        made_aws.gateway.calls.clear()
        yield made_aws
