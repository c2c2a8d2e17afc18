"""Operators' commands as users type them: `make TARGET NAME=value` in a copy of the repository,
each in its own process, on an emulated account."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.project_paths import ROOT

# Sleeps in the processes of a command are short: nothing takes long in an emulated account.
QUICK = """
import time
time.sleep = lambda seconds, sleep=time.sleep: sleep(min(seconds, 0.01))
"""


@dataclass(frozen=True, slots=True)
class Done:
    """The output and the exit code of a command."""

    code: int
    said: str
    failed_with: str


@dataclass(frozen=True, slots=True)
class Commands:
    source: Path
    environment: Mapping[str, str]

    def make(self, target: str, **variables: str) -> Done:
        """Run a make target without `make build`, which the copy does not need."""
        done = subprocess.run(
            ["make", "--no-print-directory", "-o", "build", target]
            + [f"{name}={value}" for name, value in variables.items()],
            cwd=self.source,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.source),
                "PYTHONPATH": str(self.source / "quick"),
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


def complete(source: Path, python: Path) -> None:
    """Complete a copy of the app so that commands run in it, with that Python."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("operate", "devkit", "traffic_model"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    shutil.copy2(ROOT / "Makefile", source)
    (source / ".venv" / "bin").mkdir(parents=True)
    (source / ".venv" / "bin" / "python").symlink_to(python)
    (source / "quick").mkdir()
    (source / "quick" / "sitecustomize.py").write_text(QUICK, "utf-8")
