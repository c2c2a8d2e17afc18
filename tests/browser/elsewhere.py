"""What the story tests of Firefox and WebKit share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest

from .story import Story, on_site
from .webdriver import WebDriver

# A browser that is driven says so, and the tracker counts nothing then.
UNSEEN = b"Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false });"


def missing(packages: str) -> NoReturn:
    """Fail if .ci/run installed these, which sets ALL_BROWSERS; otherwise skip the tests."""
    reason = f"Missing browser. On Debian: apt-get install {packages}"
    if os.environ.get("ALL_BROWSERS"):
        pytest.fail(reason)
    pytest.skip(reason)


def play(story: Story, sites: dict[str, Path], driver: WebDriver) -> None:
    driver.clean()
    with on_site(story, sites[story.site], driver) as run:
        run.recorder.before_tracker = UNSEEN
        # How soon a framework sets its titles is tested in Chromium.
        run.titles = False
        run.play()
