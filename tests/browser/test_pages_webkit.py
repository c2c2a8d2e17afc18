"""The stories in pages/ that name WebKit run there with the expected events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import webdriver
from .elsewhere import missing, play
from .story import Story, stories
from .webdriver import WebDriver


@pytest.fixture(scope="module")
def webkit() -> Iterator[WebDriver]:
    result = webdriver.find_webkit()
    if result is None:
        missing("webkit2gtk-driver xvfb")
    with webdriver.webkit(*result) as driver:
        yield driver


@pytest.mark.parametrize("story", stories("webkit"))
def test_webkit(story: Story, sites: dict[str, Path], webkit: WebDriver) -> None:
    play(story, sites, webkit)
