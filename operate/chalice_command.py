"""The command line of Chalice, for our runtime instead of the Python that runs it.

    python -m operate.chalice_command --project-dir FOLDER deploy --stage prod

Chalice has no setting for it. The packages in FOLDER must be those of the runtime, see
operate/bundle.py.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Mapping

from chalice.cli import main
from chalice.config import Config

from local.paths import ROOT
from operate.runtime import RUNTIME


def run_chalice_command(arguments: list[str], environment: Mapping[str, str]) -> int:
    """In a process of its own, as Chalice imports the app. Its exit code."""
    command = [sys.executable, "-m", "operate.chalice_command", *arguments]
    return subprocess.run(command, cwd=ROOT, env=dict(environment), check=False).returncode


def use_runtime() -> None:
    setattr(Config, "lambda_python_version", property(lambda _: RUNTIME))  # noqa: B010
    # That the Python is another one is intended.
    warnings.filterwarnings("ignore", message="You are currently running python")


if __name__ == "__main__":
    use_runtime()
    sys.exit(main())
