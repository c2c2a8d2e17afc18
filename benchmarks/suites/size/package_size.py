"""The size of the deployment package, with everything it needs.

    python -m benchmarks.suites.size.package_size

Needs what `pip install -r requirements.txt` needs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness.result import Result
from devkit.project_paths import ROOT

MAX_BYTES = 1_600_000  # as in operate/deploy/package.py
PACKAGE = ("operate", "package", "--stage", "prod", "--region", "us-east-1")


def measure() -> Iterator[Result]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", *PACKAGE, folder]
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        size = (Path(folder) / "deployment.zip").stat().st_size
    yield Result("deployment package", size, "bytes", MAX_BYTES)


if __name__ == "__main__":
    for result in measure():
        print(result)
