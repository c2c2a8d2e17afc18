"""The layout of the dashboard does not shift while it loads, whatever it shows and however slow
the responses are. Long names are truncated, so that the page never scrolls sideways."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from devkit.emulated_aws.emulator import Emulator
from tests.browser.dashboard_page import AXE, opened, send_at, shown, violations
from tests.end_to_end.product import Product, start_product

SIZES = {
    "desktop": {"width": 1280, "height": 720},
    "tablet": {"width": 820, "height": 1180},
    "phone": {"width": 390, "height": 844},
}
LOOKS = [
    pytest.param(
        {"size": size, "color_scheme": theme, "locale": locale}, id=f"{name} {theme} {locale}"
    )
    for name, size in SIZES.items()
    for theme, locale in (("light", "en-GB"), ("dark", "ko-KR"))
]
Look = dict[str, Any]
STILL = 0.01  # what of the window moved, times how far

SHOP = "?site=demo.example"
EMPTY = f"{SHOP}&period=custom&from=2020-01-01&to=2020-01-03"
# What is opened, and what is there when it has loaded.
OPENED = {
    "": "#card-hours",
    f"{SHOP}&period=28d&filters=country==DE;page=~seeds": "#card-hours",
    f"{SHOP}&period=24h&interval=hour&compare=off": "#card-hours",
    f"{SHOP}&period=all&table=1": "#card-hours",
    EMPTY: ".period-empty",
    f"{SHOP}&view=realtime": ".session-row",
    f"{SHOP}&view=sessions": ".sessions-table .open",
    "?site=new.example": ".sheet .snippet",
}


def late(route: Route) -> None:
    time.sleep(0.15)
    route.continue_()


def watch(page: Page) -> None:
    """Delay responses, and record layout shifts."""
    page.route("**/static/ko-*.js", late)
    page.add_init_script(
        "const { fetch } = window; window.fetch = async (...request) => {"
        " await new Promise((passed) => setTimeout(passed, 150)); return fetch(...request) }"
    )
    page.add_init_script(
        "window.moved = []; new PerformanceObserver((list) => list.getEntries().forEach("
        "({ value, sources }) => moved.push([value, ...sources.map(({ node }) =>"
        " node?.id || node?.className || String(node))])))"
        ".observe({ type: 'layout-shift', buffered: true })"
    )


def expect_stillness(page: Page) -> None:
    page.wait_for_timeout(500)  # until what follows the first answers is there too
    moved = page.evaluate("moved")
    assert sum(value for value, *_ in moved) < STILL, (page.url, moved)


@pytest.mark.parametrize("look", LOOKS)
def test_layout_does_not_shift_while_loading(
    browser: Browser, shop: Product, look: Look
) -> None:
    for query, sign in OPENED.items():
        with opened(browser, shop, query, prepare=watch, **look) as dashboard:
            expect_stillness(shown(dashboard, sign))


@pytest.mark.parametrize("look", LOOKS)
def test_layout_does_not_shift_after_a_failed_load(
    browser: Browser, shop: Product, look: Look
) -> None:
    for path in ("sites", "stats", "realtime"):

        def fail(page: Page, path: str = path) -> None:
            watch(page)
            answer = {"status": "error", "message": "The service is resting."}
            page.route(f"**/api/{path}*", lambda route: route.fulfill(status=500, json=answer))

        with opened(browser, shop, SHOP, prepare=fail, **look) as dashboard:
            sign = '#live[data-state="stale"]' if path == "realtime" else ".notice"
            expect_stillness(shown(dashboard, sign))


@pytest.mark.parametrize("look", LOOKS)
def test_layout_does_not_shift_before_sign_in(
    browser: Browser, shop: Product, look: Look
) -> None:
    for token in (None, "one-that-expired"):
        with opened(browser, shop, SHOP, token=token, prepare=watch, **look) as dashboard:
            expect_stillness(shown(dashboard, "#token"))


# Long names

LONG = "a-site-whose-name.is-much-longer-than.the-header-of-the.dashboard-is-wide.example"
HEBREW, ARABIC = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0635\u0631"
MARKS = "z" + "\u0301" * 60
PATHS = [
    "/" + "unbroken" * 60,
    "/" + quote("한국어/문서" * 20),
    "/" + quote(f"{HEBREW}/{ARABIC}/42"),
    "/" + quote(MARKS),
]
WORDS = ["w" * 120, "긴 이름" * 30, f"{HEBREW} {ARABIC}", MARKS]


@pytest.fixture(scope="module")
def verbose(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Return a site with a long name, whose visitors send long values."""
    logs = tmp_path_factory.mktemp("verbose")
    product = start_product(
        emulator, "verbose", logs, expire_seconds=60, SITES=f"{LONG},short.example"
    )
    try:
        fill(product)
        yield product
    finally:
        product.stop()


def fill(product: Product) -> None:
    for number, (path, word) in enumerate(zip(PATHS, WORDS, strict=True)):
        named = quote(word[:40])
        view = {
            "page_url": f"https://{LONG}{path}?utm_source={named}&utm_campaign={named}",
            "referrer": f"https://{'r' * 60}.example/{quote(word[:90])}",
            "user_id": f"{number}{word}"[:120],
            "title": word * 3,
        }
        event = {
            "event_type": word,
            "page_url": view["page_url"],
            "user_id": view["user_id"],
            "props": {f"p{word}"[:90]: word * 5, "plan": word},
        }
        for at in (datetime.now(UTC) - timedelta(days=1), datetime.now(UTC)):
            send_at(product, at, view, event)


def expect_all_in_sight(page: Page, width: int) -> None:
    """Check that the page does not scroll sideways, and that no control extends beyond its
    edge."""
    assert page.evaluate("document.documentElement.scrollWidth") == width, page.url
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('a, button, select, input, h1, h2, dt, dd')]
          .filter((one) => one.checkVisibility({ visibilityProperty: true })
            && !one.closest('.visually-hidden, .skip, .sessions-scroll, .dialog-body table'))
          .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
          .filter(([box]) => box.width && (box.left < -1 || box.right > innerWidth + 1))
          .map(([box, html]) => `${box.left}-${box.right} ${html}`)"""
    )
    assert beyond == [], page.url


def is_whole(element: Locator) -> bool:
    """Return whether no part of its text is cut off."""
    whole: bool = element.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    return whole


@pytest.mark.parametrize("name", SIZES)
def test_long_site_name_is_truncated(browser: Browser, verbose: Product, name: str) -> None:
    size = SIZES[name]
    with opened(browser, verbose, f"?site={LONG}", size=size) as dashboard:
        page = shown(dashboard)
        site = page.get_by_role("combobox", name="Site", exact=True)
        expect(site).to_have_attribute("title", LONG)
        expect(site.locator("option:checked")).to_have_text(LONG)
        box = site.bounding_box()
        assert box is not None
        assert box["width"] >= 64
        for view in ("Overview", "Realtime", "Sessions"):
            link = page.get_by_role("link", name=view)
            assert is_whole(link), view
            link.click()
            expect(link).to_have_attribute("aria-current", "page")
            page.wait_for_timeout(300)
            expect_all_in_sight(page, size["width"])
        page.get_by_role("link", name="Overview").click()
        site.select_option("short.example")
        expect(site).to_have_attribute("title", "short.example")
        page.get_by_role("heading", name="Let’s see your first visitor").wait_for()
        expect_all_in_sight(page, size["width"])


@pytest.mark.parametrize("name", SIZES)
def test_long_values_fit(browser: Browser, verbose: Product, name: str) -> None:
    size = SIZES[name]
    filters = quote(f"page=~{WORDS[0]}|unbroken;event!={WORDS[1]};utm_source!~{WORDS[3][:50]}")
    with opened(browser, verbose, f"?site={LONG}&period=7d", size=size) as dashboard:
        page = shown(dashboard)
        for tab in ("Referrers", "Campaigns", "Entry", "Events"):
            page.get_by_role("tab", name=tab).click()
        page.get_by_role("tab", name="Properties").click()
        page.get_by_label("Name of a property").fill("p" + WORDS[0][:89])
        page.keyboard.press("Enter")
        page.locator("#card-events .row").first.wait_for()
        expect_all_in_sight(page, size["width"])
        row = page.locator("#card-pages .row").filter(has_text="unbroken")
        expect(row).to_have_attribute("title", PATHS[0])

        page.get_by_role("region", name="Events").get_by_role("button").last.wait_for()
        page.goto(f"{dashboard.page.url.partition('?')[0]}?site={LONG}&filters={filters}")
        pill = page.get_by_role("button", name="Remove filter").first
        expect(pill).to_be_visible()
        expect_all_in_sight(page, size["width"])
        page.locator(".pill-name").first.click()
        page.get_by_role("button", name="Apply").wait_for()
        expect_all_in_sight(page, size["width"])


@pytest.mark.parametrize("name", SIZES)
def test_long_values_fit_in_dialogs(browser: Browser, verbose: Product, name: str) -> None:
    size = SIZES[name]
    prop = quote(f"prop:p{WORDS[0][:89]}")
    with opened(browser, verbose, f"?site={LONG}&all={prop}", size=size) as dashboard:
        page = shown(dashboard, "dialog tbody tr")
        expect(page.get_by_role("button", name="Close")).to_be_visible()
        expect_all_in_sight(page, size["width"])
        page.goto(f"{dashboard.page.url.partition('?')[0]}?site={LONG}&view=sessions")
        for number in range(len(PATHS)):
            page.locator(".sessions-table .open").nth(number).click()
            page.locator("dialog .timeline li").nth(2).wait_for()
            expect_all_in_sight(page, size["width"])
            assert page.locator("dialog .dialog-body").evaluate(
                "(one) => one.scrollWidth <= one.clientWidth"
            )
            page.keyboard.press("Escape")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make build")
def test_long_names_are_accessible(browser: Browser, verbose: Product) -> None:
    with opened(browser, verbose, f"?site={LONG}", bypass_csp=True) as dashboard:
        page = shown(dashboard)
        assert violations(page) == []
        page.get_by_role("link", name="Sessions").click()
        page.locator(".sessions-table .open").first.wait_for()
        assert violations(page) == []


def test_right_to_left_values_do_not_reorder_their_line(
    browser: Browser, verbose: Product
) -> None:
    """Text next to a right-to-left name stays next to it."""
    with opened(browser, verbose, f"?site={LONG}&view=realtime") as dashboard:
        page = shown(dashboard, ".session-row")
        line = page.locator(".session-row").filter(has_text=HEBREW).first
        expect(line).to_contain_text("1 page")
        boxes = line.evaluate(
            """(one) => {
              const nodes = [...one.querySelectorAll('bdi')]
              return nodes.map((node) => {
                const range = document.createRange()
                range.selectNodeContents(node)
                return [...range.getClientRects()].map(({ left, top }) => [top, left])[0]
              })
            }"""
        )
        assert boxes == sorted(boxes)
