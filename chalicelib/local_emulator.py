"""Lets `chalice local`, typed while `make run` runs, work on the same data.

`make run` leaves its environment in .local/environment.json: where the emulated AWS is, what
its tables are called, who may read. Only `chalice local` takes it; in Lambda, when deploying or
packaging and in tests this does nothing. `app.py` calls it before it imports anything that
reads the environment.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parent.parent / ".local" / "environment.json"


def attach() -> None:
    if is_chalice_local(sys.argv[1:]) and ENVIRONMENT.is_file():
        os.environ.update(json.loads(ENVIRONMENT.read_text(encoding="utf-8")))


def is_chalice_local(arguments: Sequence[str]) -> bool:
    """Whether this process is the command line of Chalice and its command is `local`."""
    return "AWS_CHALICE_CLI_MODE" in os.environ and _command(arguments) == "local"


def _command(arguments: Sequence[str]) -> str | None:
    words = iter(arguments)
    for word in words:
        if word == "--project-dir":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None
