"""Build the apps in pages/, once: a second run builds only folders whose content changed.

    python -m tests.browser.museum [NAME...]     builds these folders, or all, and times it

Sources are copied to .build/museum, where npm installs what package-lock.json names. The script
`build` of a folder's package.json leaves its site in dist/; other folders are served unbuilt.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.frontend_build import NODE_FOR_APPS, tool
from devkit.project_paths import ROOT

PAGES = Path(__file__).parent / "pages"
WORK = ROOT / ".build" / "museum"
MANIFESTS = ("package.json", "package-lock.json", ".npmrc")
# Nothing is fetched or told to anyone while building.
ENVIRONMENT = {
    "ASTRO_TELEMETRY_DISABLED": "1",
    "NEXT_TELEMETRY_DISABLED": "1",
    "NO_UPDATE_NOTIFIER": "1",
}


class CannotBuild(Exception):
    """An app could not be built; the message ends with what its build printed."""


def folders() -> list[str]:
    """Return the names of all folders that have a story."""
    return sorted({story.parent.name for story in PAGES.glob("*/*.story")})


def build_for(tests: Iterable[pytest.Item]) -> dict[str, Path]:
    """Build the sites of the stories that these tests run, the same in all test processes."""
    calls = [test.callspec.params for test in tests if hasattr(test, "callspec")]
    return build(sorted({call["story"].site for call in calls if "story" in call}))


def build(names: Iterable[str]) -> dict[str, Path]:
    """Return where the sites of these folders are; build them if necessary."""
    with _locked():
        built = [name for name in names if (PAGES / name / "package.json").exists()]
        if todo := [name for name in built if not _is_current(name)]:
            _install()
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(_build, todo))
    return {name: (WORK if name in built else PAGES) / name for name in names}


@contextmanager
def _locked() -> Iterator[None]:
    """Let only one process build at a time."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hash(files: Iterable[Path]) -> str:
    result = hashlib.sha256()
    for file in sorted(files):
        result.update(f"{file.relative_to(PAGES)}\0".encode() + file.read_bytes() + b"\0")
    return result.hexdigest()


def _sources(name: str) -> list[Path]:
    """Return what a build depends on: everything but the stories."""
    files = (PAGES / name).rglob("*")
    return [file for file in files if file.is_file() and file.suffix != ".story"]


def _is_current(name: str) -> bool:
    return _read(WORK / name / ".built") == _fingerprint(name)


def _fingerprint(name: str) -> str:
    return _hash([*_sources(name), PAGES / "package-lock.json"])


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""


def _install() -> None:
    """Run `npm ci` if package-lock.json differs from the one that was installed last."""
    digest = _hash([PAGES / name for name in MANIFESTS])
    if _read(WORK / ".installed") == digest:
        return
    shutil.rmtree(WORK / "node_modules", ignore_errors=True)
    for name in MANIFESTS:
        shutil.copy2(PAGES / name, WORK / name)
    for manifest in PAGES.glob("*/package.json"):
        (WORK / manifest.parent.name).mkdir(exist_ok=True)
        shutil.copy2(manifest, WORK / manifest.parent.name)
    _run([tool("npm", NODE_FOR_APPS), "ci", "--silent", "--prefer-offline"], WORK)
    (WORK / ".installed").write_text(digest, "utf-8")


def _build(name: str) -> None:
    folder = WORK / name
    for inside in folder.iterdir() if folder.exists() else []:
        # npm puts here what conflicts with the packages of another folder.
        if inside.name != "node_modules":
            shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
    shutil.copytree(PAGES / name, folder, dirs_exist_ok=True)
    if "build" in json.loads(_read(folder / "package.json")).get("scripts", {}):
        _run([tool("node", NODE_FOR_APPS), "--run", "build"], folder)
    (folder / ".built").write_text(_fingerprint(name), "utf-8")


def _run(command: list[str], folder: Path) -> None:
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotBuild(f"{folder.name}: {' '.join(command)}\n{done.stdout[-4000:]}")


if __name__ == "__main__":
    for name in sys.argv[1:] or folders():
        started = time.monotonic()
        build([name])
        print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)
