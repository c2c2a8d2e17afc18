"""The stories in pages/ that name Firefox run there with the expected events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import webdriver
from .elsewhere import missing, play
from .story import Story, stories
from .webdriver import WebDriver


@pytest.fixture(scope="module")
def firefox() -> Iterator[WebDriver]:
    result = webdriver.find_firefox()
    if result is None:
        missing("firefox-esr")
    with webdriver.firefox(result) as driver:
        yield driver


@pytest.mark.parametrize("story", stories("firefox"))
def test_firefox(story: Story, sites: dict[str, Path], firefox: WebDriver) -> None:
    play(story, sites, firefox)
