"""The stories in pages/ that name Firefox or WebKit come out as written there as well."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import museum, webdriver
from .story import Story, on_site, stories
from .webdriver import WebDriver

# A browser that is driven says so, and the tracker counts nothing then.
UNSEEN = b"Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false });"


@pytest.fixture(scope="module")
def sites(request: pytest.FixtureRequest) -> dict[str, Path]:
    return museum.build_for(request.session.items)


@pytest.fixture(scope="module")
def firefox() -> Iterator[WebDriver]:
    executable = webdriver.find_firefox()
    if executable is None:
        missing("firefox-esr")
    with webdriver.firefox(executable) as driver:
        yield driver


@pytest.fixture(scope="module")
def webkit() -> Iterator[WebDriver]:
    found = webdriver.find_webkit()
    if found is None:
        missing("webkit2gtk-driver xvfb")
    with webdriver.webkit(*found) as driver:
        yield driver


def missing(packages: str) -> None:
    """.ci/run installs these and says so; elsewhere the tests are skipped."""
    reason = f"Missing browser. On Debian: apt-get install {packages}"
    pytest.fail(reason) if os.environ.get("ALL_BROWSERS") else pytest.skip(reason)


@pytest.mark.parametrize("story", stories("firefox"))
def test_firefox(story: Story, sites: dict[str, Path], firefox: WebDriver) -> None:
    tell(story, sites, firefox)


@pytest.mark.parametrize("story", stories("webkit"))
def test_webkit(story: Story, sites: dict[str, Path], webkit: WebDriver) -> None:
    tell(story, sites, webkit)


def tell(story: Story, sites: dict[str, Path], driver: WebDriver) -> None:
    driver.clean()
    with on_site(story, sites[story.site], driver) as telling:
        telling.recorder.before_tracker = UNSEEN
        # How soon a framework sets its titles is tested in Chromium.
        telling.titles = False
        telling.tell()
