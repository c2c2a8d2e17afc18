"""The folder that a run leaves behind, and the marks by which the next one knows how it ended.

lock               held by the run that uses the folder
running            there while one runs: found at a start, the last one was killed
demo-half-filled   there while the demo is being filled: found at a start, that was cut short
aws/               what the emulator keeps
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

from devkit.emulated_aws.emulator import saved_at, wait_for_lock

PATIENCE_SECONDS = 6
POLL_SECONDS = 0.1


class CannotRun(Exception):
    """The message is a sentence for the person at the keyboard."""


@contextlib.contextmanager
def only_here(state: Path) -> Iterator[None]:
    """Two runs on one state would overwrite each other's data. Wait for one that is ending."""
    state.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + PATIENCE_SECONDS
    with (state / "lock").open("w", encoding="utf-8") as lock:
        while not is_locked(lock):
            if time.monotonic() > deadline:
                raise CannotRun("LiveInsight runs from this folder already: stop that first.")
            time.sleep(POLL_SECONDS)
        yield


def is_locked(lock: TextIO) -> bool:
    """Whether this process has the lock now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def data_folder(state: Path) -> Path:
    """Where the emulator keeps its data: emptied when all of it is a demo cut short."""
    folder = state / "aws"
    if half_filled_mark(state).exists():
        folder.mkdir(exist_ok=True)
        with wait_for_lock(folder):
            shutil.rmtree(folder)
        half_filled_mark(state).unlink()
    return folder


def half_filled_mark(state: Path) -> Path:
    return state / "demo-half-filled"


def running_mark(state: Path) -> Path:
    return state / "running"


def say_how_it_ended(state: Path) -> None:
    """After a kill: how old the data is that the emulator comes up with."""
    if not running_mark(state).exists():
        return
    when = saved_at(state / "aws")
    if when is None:
        print("The last run was killed before anything was saved.", flush=True)
        return
    local = when.astimezone()
    age = round((datetime.now(local.tzinfo) - local).total_seconds())
    print(
        f"The last run was killed. This one goes on with what the emulator saved last, at "
        f"{local:%H:%M:%S on %Y-%m-%d} ({age} seconds ago).",
        flush=True,
    )
