"""An emulator, and new stages in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.storage.aws.client import sdk_client
from devkit.emulated_aws.emulated_stack import deploy_stack
from devkit.emulated_aws.emulator import Emulator, start_emulator
from devkit.project_paths import RESOURCES

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
    """Deploy a new stage; return a client of it and the variables that name its tables."""
    outputs = deploy_stack(RESOURCES, f"bench{next(_numbers)}", started.environment)
    settings = {
        "EVENTS_TABLE": outputs["EventsTable"],
        "SESSIONS_TABLE": outputs["SessionsTable"],
        "ACTIVE_SESSIONS_TABLE": outputs["ActiveSessionsTable"],
        "ROLLUPS_TABLE": outputs["RollupsTable"],
    }
    was = dict(os.environ)
    os.environ.update(started.environment)
    try:
        return sdk_client("dynamodb"), settings
    finally:
        os.environ.clear()
        os.environ.update(was)
