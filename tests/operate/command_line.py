"""Commands in the process of the tests: errors are raised instead of printed."""

from __future__ import annotations

from operate.__main__ import cli
from operate.commands.shared_options import PROGRAM


def run_command(*words: str) -> None:
    """Run `python -m operate` with these arguments."""
    cli.main(list(words), prog_name=PROGRAM, standalone_mode=False)
