"""Each story in pages/ comes out as written: see pages/README.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from local.browser import launch_options

from . import museum
from .drivers import ChromiumDriver
from .recorder import recording
from .site import Site
from .story import Story, Telling
from .tracker_world import USER_AGENT

STORIES = {
    f"{file.parent.name}/{file.stem}": Story.read(file)
    for file in sorted(museum.PAGES.glob("*/*.story"))
}


@pytest.fixture(scope="module")
def sites(request: pytest.FixtureRequest) -> dict[str, Path]:
    """Where the sites of the stories that were asked for are, built once for all processes."""
    items = request.session.items
    names = {
        item.callspec.params["story"].site for item in items if "sites" in item.fixturenames
    }
    return museum.build(sorted(names))


@pytest.fixture(scope="module")
def caching(browser: Browser, chromium: str) -> Iterator[Browser]:
    """A Chromium with the back-forward cache, which Playwright switches off."""
    caching = browser.browser_type.launch(
        **launch_options(chromium), ignore_default_args=["--disable-back-forward-cache"]
    )
    yield caching
    caching.close()


@pytest.mark.parametrize("story", [pytest.param(s, id=name) for name, s in STORIES.items()])
def test_story(story: Story, sites: dict[str, Path], caching: Browser) -> None:
    with recording() as recorder:
        site = Site(story.site, sites[story.site], recorder.other_url)
        site.tag = story.tag if story.tag == "none" else f"data-local {story.tag}".strip()
        recorder.site = site
        context = caching.new_context(user_agent=USER_AGENT)
        driver = ChromiumDriver(context)
        try:
            Telling(story, recorder, site, driver).tell()
        finally:
            context.close()
        assert driver.errors == []
