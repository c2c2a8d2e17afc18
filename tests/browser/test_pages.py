"""Each story in pages/ runs in Chromium with the expected events: see pages/README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .drivers import ChromiumDriver, launch_options
from .story import LateTitle, Story, on_site, stories
from .tracker_world import USER_AGENT


@pytest.fixture(scope="module")
def caching(browser: Browser, chromium: str) -> Iterator[Browser]:
    """Return a Chromium with the back-forward cache, which Playwright turns off."""
    caching = browser.browser_type.launch(
        **launch_options(chromium), ignore_default_args=["--disable-back-forward-cache"]
    )
    yield caching
    caching.close()


@pytest.mark.parametrize("story", stories("chromium"))
def test_story(
    story: Story, sites: dict[str, Path], browser: Browser, request: pytest.FixtureRequest
) -> None:
    if story.caching:
        browser = request.getfixturevalue("caching")
    try:
        play(story, sites[story.site], browser)
    except LateTitle:
        play(story, sites[story.site], browser)


def play(story: Story, site: Path, browser: Browser) -> None:
    context = browser.new_context(user_agent=USER_AGENT)
    driver = ChromiumDriver(context)
    with on_site(story, site, driver) as run:
        run.play()
    context.close()
    assert driver.errors == []
