"""The folder with a run's data, and the markers that tell the next run how this one ended.

lock               held by the run that uses the folder
running            exists during a run; if it exists at the start, the last run was killed
demo-half-filled   exists while the demo is filled; at the start: filling was interrupted
aws/               the emulator's data
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO

from devkit.emulated_aws.emulator import acquire_lock, last_saved_at

PATIENCE_SECONDS = 6
POLL_SECONDS = 0.1


class CannotRun(Exception):
    """The run cannot start or continue; the message is for the user."""


@contextlib.contextmanager
def exclusive_run(state: Path) -> Iterator[None]:
    """Hold the folder's lock: two runs would overwrite each other's data. Wait for a run that
    is ending, up to PATIENCE_SECONDS."""
    state.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with (state / "lock").open("w", encoding="utf-8") as lock:
        while not try_lock(lock):
            if time.monotonic() > deadline:
                raise CannotRun("LiveInsight is already running in this folder.")
            time.sleep(POLL_SECONDS)
        yield


def try_lock(lock: TextIO) -> bool:
    """Try to take the lock; return whether this process holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def data_folder(state: Path) -> Path:
    """Return the emulator's folder, emptied if filling the demo was interrupted."""
    folder = state / "aws"
    if incomplete_demo_marker(state).exists():
        folder.mkdir(exist_ok=True)
        with acquire_lock(folder):
            shutil.rmtree(folder)
        incomplete_demo_marker(state).unlink()
    return folder


def incomplete_demo_marker(state: Path) -> Path:
    return state / "demo-half-filled"


def running_marker(state: Path) -> Path:
    return state / "running"


def report_previous_run(state: Path) -> None:
    """If the last run was killed, print how old the saved data is."""
    if not running_marker(state).exists():
        return
    when = last_saved_at(state / "aws")
    if when is None:
        print("The last run was killed before anything was saved.", flush=True)
        return
    local = when.astimezone()
    age = round((datetime.now(local.tzinfo) - local).total_seconds())
    print(
        f"The last run was killed. This one continues with the data saved at "
        f"{local:%H:%M:%S on %Y-%m-%d} ({age} seconds ago).",
        flush=True,
    )
