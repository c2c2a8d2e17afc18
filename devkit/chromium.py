"""Find a Chromium for the browser tests, or let Playwright install one.

CHROMIUM=$(.venv/bin/python -m devkit.chromium) .venv/bin/pytest tests/browser
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Otherwise navigator.webdriver is true, and the tracker counts nothing.
    "--disable-blink-features=AutomationControlled",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Return $CHROMIUM, the first known name on PATH, or the one that Playwright installed."""
    named = os.environ.get("CHROMIUM")
    executable = (
        named or next(filter(None, map(shutil.which, NAMES)), None) or installed_chromium()
    )
    return executable if executable and Path(executable).exists() else None


def find_headless_shell() -> str | None:
    """Find Chromium without the code that draws windows. It needs less than half of the CPU
    time, but has no back-forward cache."""
    return shutil.which("chromium-headless-shell")


def launch_options(executable: str) -> dict[str, Any]:
    """Return the arguments of Playwright's `launch` for this Chromium."""
    # Chromium has no sandbox for root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    return {"executable_path": executable, "args": flags}


def installed_chromium() -> str:
    """Return the path at which Playwright installs Chromium."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def install_chromium() -> str | None:
    """Download Playwright's Chromium, about 170 MB; return None if that fails."""
    echo("Found no Chromium: installing the one that Playwright provides.")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        return None
    return find_chromium()


def echo(sentence: str) -> None:
    """Print to standard error; standard output is for the path."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    chromium = find_chromium() or install_chromium()
    if chromium is None:
        echo("Chromium could not be installed: the browser tests are skipped.")
    else:
        print(chromium)
