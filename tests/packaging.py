"""The packaged app for tests, without its requirements, which would have to be downloaded."""

from __future__ import annotations

import shutil
from pathlib import Path

from devkit.project_paths import ROOT
from operate.deploy.package import package


def packaged_app(folder: Path, stage: str) -> Path:
    """Package the app; return the folder with sam.json and deployment.zip."""
    package(app_without_packages(folder / "project"), stage, folder / "out")
    return folder / "out"


def app_without_packages(project: Path) -> Path:
    """Copy the project with an empty requirements.txt."""
    for name in ("chalicelib", ".chalice"):
        ignored = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    shutil.copy2(ROOT / "app.py", project)
    (project / "requirements.txt").touch()
    return project
