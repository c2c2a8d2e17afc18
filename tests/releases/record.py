"""Keep the release that is about to be made, for the tests of the one after it.

    python -m tests.releases.record

It writes tests/releases/VERSION, from the code here. CONTRIBUTING.md says when.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

from chalicelib.version import __version__
from devkit.project_paths import ROOT
from operate.versions.migrations import CURRENT_VERSIONS, READABLE_VERSIONS
from tests.releases.release import FOLDER, Code, todays_environment
from tests.releases.visits import before

FUNCTIONS = ("api_handler", "expire_sessions")


def record(version: str, source: Path = ROOT) -> None:
    folder = FOLDER / version
    folder.mkdir(exist_ok=True)
    environment, parameters = todays_environment()
    items = Code(source, environment, parameters).run(before()).items
    _write(folder / "items.json", items)
    _write(
        folder / "release.json",
        {
            "environment": environment,
            "parameters": parameters,
            "policies": {name: _policy(source, name) for name in FUNCTIONS},
            "reads": READABLE_VERSIONS,
            "writes": CURRENT_VERSIONS,
        },
    )
    with zipfile.ZipFile(
        folder / "code.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9
    ) as file:
        for path in [source / "app.py", *sorted((source / "chalicelib").rglob("*.py"))]:
            name = path.relative_to(source).as_posix()
            entry = zipfile.ZipInfo(name)  # of 1980: the same code makes the same file
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, path.read_bytes())


def _policy(source: Path, function: str) -> object:
    path = source / ".chalice" / f"policy-dev-{function}.json"
    policy: object = json.loads(path.read_text("utf-8"))
    return policy


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    record(__version__, *map(Path, sys.argv[1:]))
    print(f"tests/releases/{__version__} is the code here.")
