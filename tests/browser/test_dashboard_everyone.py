"""The dashboard for everyone: on any screen, in print, in Korean, with the keyboard alone,
without motion, and small enough for a phone."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.dashboard_page import DESKTOP, PHONE, opened, shown
from tests.end_to_end.product import Product

VIEWS = {"o": "#card-hours", "r": ".session-row", "s": ".sessions-table .open"}
MAX_BYTES, MAX_REQUESTS = 60_000, 5
A4 = {"width": 718, "height": 1000}  # CSS pixels inside the margins
FIRST_FIGURES = '.tile data[value]:not([value=""])'


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_first_metrics_load_few_bytes(
    browser: Browser, shop: Product, size: dict[str, int]
) -> None:
    with opened(browser, shop, "", size=size) as dashboard:
        shown(dashboard, FIRST_FIGURES)
        paths = [urlsplit(one.url).path for one in dashboard.responses]
        first = dashboard.responses[: paths.index("/api/stats") + 1]
        assert len(first) <= MAX_REQUESTS, [one.url for one in first]
        assert sum(len(gzip.compress(one.body())) for one in first) <= MAX_BYTES
        shown(dashboard)
        requests = [urlsplit(request.url).path for request in dashboard.requests]
        assert len(requests) <= 12, requests


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
def test_page_does_not_scroll_sideways(browser: Browser, shop: Product, width: int) -> None:
    with opened(browser, shop, size={"width": width, "height": 900}) as dashboard:
        page = shown(dashboard)
        for view, sign in VIEWS.items():
            page.keyboard.press(view)
            page.locator(sign).first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") == width, view
            assert page.evaluate(
                "[...document.querySelectorAll('.panel')].filter((one) => one.offsetParent)"
                ".every((panel) => panel.getBoundingClientRect().right <= innerWidth)"
            ), view


def test_keyboard_shortcuts_reach_everything(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        for key, change in {
            "f": "period=28d", "x": "compare=previous_year", "v": "metric=sessions",
            "g": "table=1", "[": "period=custom", "r": "view=realtime",
            "s": "view=sessions", "/": "all=page",
        }.items():  # fmt: skip
            page.keyboard.press(key)
            page.wait_for_url(f"**/*{change}*")
        page.get_by_role("dialog", name="Pages").wait_for()
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
        sheet.get_by_label("Single-key shortcuts").uncheck()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.keyboard.press("o")
        assert "view=sessions" in page.url


def test_theme_is_remembered(browser: Browser, shop: Product) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        light = page.evaluate(ground)
        page.locator("#menu-button").click()
        page.get_by_role("radio", name="Dark").click()
        assert page.evaluate(ground) != light
        page.reload()
        shown(dashboard)
        assert page.evaluate(ground) != light


def test_reduced_motion_disables_animations(browser: Browser, shop: Product) -> None:
    query = "?site=demo.example&view=realtime"
    with opened(browser, shop, query, reduced_motion="reduce") as dashboard:
        page = shown(dashboard, ".session-row")
        assert page.evaluate("document.getAnimations().length") == 0


def test_printed_cards_are_not_cut(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, size=A4, color_scheme="dark") as dashboard:
        page = shown(dashboard)
        page.locator("#card-hours").wait_for()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        panels = page.locator("main .panel:visible")
        result = panels.evaluate_all(
            "all => all.map((one) => [one.offsetHeight, getComputedStyle(one).breakInside])"
        )
        assert {inside for _, inside in result} == {"avoid"}
        assert max(height for height, _ in result) < A4["height"] / 2
        assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
        columns = "one => getComputedStyle(one).gridTemplateColumns"
        assert len(page.locator("#cards").evaluate(columns).split()) == 2
        assert page.pdf(format="A4")[:5] == b"%PDF-"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_korean_browser_shows_korean(
    browser: Browser, shop: Product, size: dict[str, int]
) -> None:
    with opened(browser, shop, locale="ko-KR", size=size) as dashboard:
        page = shown(dashboard)
        name = page.locator('.tile[data-key="bounce_rate"] .tile-name')
        expect(name).to_have_text("이탈률")
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page.locator("#card-locations .name").first).to_have_text("독일")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
