"""Opening the dashboard in a browser, on the stand-in for its API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_api import TOKEN, StandIn, answer

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 780}


@contextmanager
def opened(
    browser: Browser,
    api: StandIn,
    query: str = "?site=example.com",
    *,
    token: str | None = TOKEN,
    size: dict[str, int] = DESKTOP,
    **options: Any,
) -> Iterator[Page]:
    """The page, opened in a context of its own; an error of its scripts fails the test."""
    context = browser.new_context(viewport=size, **{"locale": "en-GB", **options})
    context.set_default_timeout(10_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    api.requests.clear()
    try:
        page.goto(f"{api.url}{query}" + (f"#token={token}" if token else ""))
        yield page
    finally:
        context.close()
    assert problems == []


def shown(page: Page, selector: str = "#card-pages .row") -> Page:
    """The page, once there is something to see."""
    page.locator(selector).first.wait_for()
    return page


def figure(page: Page, metric: str) -> float:
    """The exact number behind a tile."""
    value = page.locator(f'.tile[data-key="{metric}"] data').get_attribute("value")
    assert value is not None
    return float(value)


def expect_figure(page: Page, metric: str, value: float) -> None:
    """Wait until the tile has this number."""
    tile = page.locator(f'.tile[data-key="{metric}"] data')
    expect(tile).to_have_attribute("value", str(value))


def rows(page: Page, card: str) -> list[tuple[str, int]]:
    """The names of a card and their visitors, from the top."""
    found = page.locator(f"#card-{card} .row")
    names = found.locator(".name").all_inner_texts()
    counts = found.locator(".count").evaluate_all("all => all.map(one => Number(one.value))")
    return list(zip(names, counts, strict=True))


def stats(api: StandIn, **query: str) -> Any:
    """What the API answers."""
    return answer(api, "stats", {"site": "example.com", "period": "7d", **query})


def stats_requests(api: StandIn) -> list[str]:
    return [urlsplit(request).query for request in api.asked("/api/stats")]
