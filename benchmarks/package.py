"""How large the deployment package is, with all that it needs: `python -m benchmarks.package`.

Needs what `pip install -r requirements.txt` needs.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.result import Result
from local.package import MOST_BYTES, package
from local.paths import ROOT


def measure() -> Iterator[Result]:
    with TemporaryDirectory() as folder:
        project = _copied(Path(folder) / "project")
        with contextlib.redirect_stdout(io.StringIO()):
            package(project, "prod", Path(folder) / "out")
        size = (Path(folder) / "out" / "deployment.zip").stat().st_size
    yield Result("deployment package", size, "bytes", MOST_BYTES)


def _copied(project: Path) -> Path:
    """What is there to be packaged, away from whoever works on it."""
    ignored = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    for name in ("app.py", "requirements.txt"):
        shutil.copy2(ROOT / name, project)
    return project


if __name__ == "__main__":
    for result in measure():
        print(result)
