"""One Chromium for all browser tests; each test opens contexts of its own in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Else navigator.webdriver is true, and the tracker counts nothing.
    "--disable-blink-features=AutomationControlled",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_chromium() -> str | None:
    """Where Chromium is: $CHROMIUM, else the first known name on PATH."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return found if found and Path(found).exists() else None


def launch_options() -> dict[str, object]:
    """What to launch Chromium with; where there is none, CI fails and others skip."""
    executable = find_chromium()
    if executable is None:
        reason = "Found no Chromium: set CHROMIUM to its path, or install one."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    # Chromium has no sandbox for root.
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    return {"executable_path": executable, "args": flags}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    options = launch_options()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()
