"""The targets of the Makefile, for tests of the docs and the commands."""

from __future__ import annotations

import re
from pathlib import Path

MAKEFILE = (Path(__file__).parent.parent / "Makefile").read_text("utf-8")


def recipes() -> dict[str, str]:
    """Return the recipe of each target."""
    rules = re.findall(r"^([a-z][a-z -]*):[^=\n]*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
    return {target: recipe for targets, recipe in rules for target in targets.split()}


def operator_targets() -> set[str]:
    """Return the targets that run a command on a stage in an account."""
    return {
        target
        for target, recipe in recipes().items()
        if "$(OPERATE)" in recipe and target != "package"
    }
