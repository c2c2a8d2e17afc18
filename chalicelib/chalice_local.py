"""Lets `chalice local` use the data of `make run` while that runs.

`make run` writes its environment to .local/environment.json: the URL of the emulated AWS, the
names of the tables, the token's hash. Only `chalice local` reads it, not Lambda, deployments,
packaging or tests. `app.py` calls `attach` before it imports anything that reads the
environment.
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
    """Return whether this process is `chalice local`."""
    return "AWS_CHALICE_CLI_MODE" in os.environ and _command(arguments) == "local"


def _command(arguments: Sequence[str]) -> str | None:
    words = iter(arguments)
    for word in words:
        if word == "--project-dir":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None
