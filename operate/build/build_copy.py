"""The copy of the app that Chalice deploys or packages, in .build/deploy/STAGE: only what
belongs in the zip, the packages for our runtime, and a config.json with the functions'
environment."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from devkit.project_paths import ROOT
from operate.aws.stage import Stage, deployed_environment
from operate.build.bundle import add_packages
from operate.build.runtime import RUNTIME

_PARTS = ("app.py", "requirements.txt", "chalicelib", "vendor")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".DS_Store")


@dataclass(frozen=True, slots=True)
class BuildCopy:
    folder: Path
    stage: str

    @property
    def chalice_state_file(self) -> Path:
        """Chalice's record of what it deployed, which it reads the next time."""
        return self.folder / ".chalice" / "deployed" / f"{self.stage}.json"

    @property
    def config_file(self) -> Path:
        return self.folder / ".chalice" / "config.json"

    def fingerprint(self) -> str:
        """Return a hash of everything that is deployed except the environment."""
        digest = hashlib.sha256(f"{RUNTIME} {version('chalice')}".encode())
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and not name.startswith(".chalice/deploy"):
                digest.update(f"\0{name}\0".encode() + self._content(path))
        return digest.hexdigest()

    def _content(self, path: Path) -> bytes:
        if path != self.config_file:
            return path.read_bytes()
        config = json.loads(path.read_text(encoding="utf-8"))
        config["stages"] = {self.stage: config["stages"][self.stage]}
        config["stages"][self.stage].pop("environment_variables", None)
        return json.dumps(config, sort_keys=True).encode()


@contextmanager
def build_copy(
    stage: Stage, stored: Mapping[str, str], source: Path = ROOT
) -> Iterator[BuildCopy]:
    """Create the copy. `stored` are variables that are stored in the account. The config.json
    of the copy is deleted afterwards; packages that Chalice has built stay for the next
    time."""
    folder = source / ".build" / "deploy" / stage.name
    project = BuildCopy(folder, stage.name)
    _clear(folder)
    (folder / ".chalice").mkdir(parents=True, exist_ok=True)
    for name in _PARTS:
        _copy(source / name, folder / name)
    add_packages(folder, source / ".build" / "packages")
    for policy in (source / ".chalice").glob("policy-*.json"):
        _copy(policy, folder / ".chalice" / policy.name)
    _write_privately(project.config_file, config_with(stage, stored))
    try:
        yield project
    finally:
        project.config_file.unlink(missing_ok=True)


def config_with(stage: Stage, stored: Mapping[str, str]) -> dict[str, Any]:
    """Return config.json with the environment of the stage's functions."""
    config: dict[str, Any] = copy.deepcopy(dict(stage.config))
    config.get("environment_variables", {}).pop("VISITOR_KEY", None)
    config["stages"][stage.name]["environment_variables"] = deployed_environment(stage, stored)
    return config


def _clear(folder: Path) -> None:
    for path in folder.iterdir() if folder.exists() else ():
        if path.name != ".chalice":
            _remove(path)
    for path in (folder / ".chalice").iterdir() if (folder / ".chalice").exists() else ():
        if path.name != "deployments":
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_LEFT_OUT)
    elif source.exists():
        shutil.copy2(source, target)


def _write_privately(path: Path, value: Any) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2)
