"""The dashboard for everyone: by keyboard, by screen reader, on any screen, on paper, in
Korean; and light enough for a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_api import StandIn, serving
from tests.browser.dashboard_page import DESKTOP, PHONE, opened, shown

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def api() -> Iterator[StandIn]:
    with serving() as running:
        running.visits("example.com")
        yield running


def violations(page: Page, part: str = "html") -> list[str]:
    """What axe finds wrong in a part of the page, a line each."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "([part, tags]) => axe.run(part, { runOnly: { type: 'tag', values: tags } })",
        [part, RULES],
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make build")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    browser: Browser, api: StandIn, theme: str, size: dict[str, int]
) -> None:
    options = {
        "size": size,
        "color_scheme": theme,
        "bypass_csp": True,
        "reduced_motion": "reduce",
    }
    query = "?site=example.com&filters=source==Google"
    with opened(browser, api, query, **options) as page:
        shown(page)
        assert violations(page) == []
        page.locator(".tools-table").click()
        assert violations(page, "#chart") == []
        page.locator("#filter-button").click()
        page.locator(".filter-menu .menu-item").first.wait_for()
        assert violations(page, ".menu") == []
        page.keyboard.press("Escape")
        page.locator("#card-pages .expand").click()
        page.locator("dialog.details tbody tr").first.wait_for()
        assert violations(page, "dialog.details") == []
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        page.locator(".visit").first.wait_for()
        assert violations(page, "#realtime") == []
        page.keyboard.press("s")
        page.locator(".sessions-table .open").first.wait_for()
        assert violations(page, "#sessions") == []
        page.locator(".sessions-table .open").first.click()
        page.locator(".steps li").first.wait_for()
        assert violations(page, "dialog.drawer") == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make build")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_before_there_are_figures(
    browser: Browser, api: StandIn, theme: str
) -> None:
    with opened(browser, api, token=None, color_scheme=theme, bypass_csp=True) as page:
        shown(page, "#token")
        assert violations(page) == []
    with opened(browser, api, "?site=new.example", color_scheme=theme, bypass_csp=True) as page:
        shown(page, ".snippet")
        assert violations(page) == []


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
def test_nothing_scrolls_sideways(browser: Browser, api: StandIn, width: int) -> None:
    with opened(browser, api, size={"width": width, "height": 900}) as page:
        for view, sign in {
            "o": "#card-hours",
            "r": ".visit",
            "s": ".sessions-table .open",
        }.items():
            shown(page) if view == "o" else page.keyboard.press(view)
            page.locator(sign).first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") == width, view
            assert page.evaluate(
                "[...document.querySelectorAll('.panel')].filter((one) => one.offsetParent)"
                ".every((panel) => panel.getBoundingClientRect().right <= innerWidth)"
            ), view


def test_single_keys_reach_everything(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page)
        for key, change in {
            "f": "period=28d", "x": "compare=previous_year", "v": "metric=sessions",
            "g": "table=1", "r": "view=realtime", "s": "view=sessions", "/": "all=page",
        }.items():  # fmt: skip
            page.keyboard.press(key)
            page.wait_for_url(f"**/*{change}*")
        page.get_by_role("dialog", name="Pages").wait_for()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Pages")).to_be_hidden()
        page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(sheet).to_be_visible()
        sheet.get_by_label("Single-key shortcuts").uncheck()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.keyboard.press("o")
        assert "view=sessions" in page.url


def test_the_page_is_walked_with_the_tab_key(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page)
        seen: list[str] = []
        for _ in range(28):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("document.activeElement.id || document.activeElement.className")
            )
            assert (
                page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            ), seen[-1]
        order = [
            "skip",
            "site",
            "live",
            "menu-button",
            "filter-button",
            "period-button",
            "tile",
            "plot",
        ]
        assert [seen.index(name) for name in order] == sorted(
            seen.index(name) for name in order
        )
        page.locator("#tab-pages-page").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#tab-pages-entry_page")).to_be_focused()
        expect(page.locator("#tab-pages-entry_page")).to_have_attribute("aria-selected", "true")


def test_the_chart_is_read_and_zoomed_with_keys(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).locator(".plot").focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#announcer")).to_have_text(
            re.compile(r"Nov 2026, \d+, before: \d+")
        )
        page.keyboard.press("Enter")
        page.wait_for_url("**/*period=custom*")


def test_a_menu_gives_the_focus_back(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).locator("#period-button").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Last 7 days", exact=True)).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("button", name="Last 28 days")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#period-button")).to_be_focused()
        expect(page.locator("#period-button")).to_have_attribute("aria-expanded", "false")


def test_the_theme_is_kept(browser: Browser, api: StandIn) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, api) as page:
        light = shown(page).evaluate(ground)
        page.locator("#menu-button").click()
        page.get_by_role("radio", name="Dark").click()
        assert page.evaluate(ground) != light
        page.reload()
        shown(page)
        assert page.evaluate(ground) != light


def test_reduced_motion_moves_nothing(browser: Browser, api: StandIn) -> None:
    with opened(
        browser, api, "?site=example.com&view=realtime", reduced_motion="reduce"
    ) as page:
        shown(page, ".visit")
        assert page.evaluate("document.getAnimations().length") == 0


def test_no_card_is_cut_on_paper(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, size={"width": 718, "height": 1000}) as page:
        shown(page).emulate_media(media="print")
        page.locator("#card-hours").wait_for()
        panels = page.locator("main .panel:visible")
        heights = panels.evaluate_all("all => all.map((panel) => panel.offsetHeight)")
        breaks = panels.evaluate_all(
            "all => all.map((panel) => getComputedStyle(panel).breakInside)"
        )
        assert set(breaks) == {"avoid"}
        assert max(heights) < 1000
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        columns = page.locator("#cards").evaluate(
            "one => getComputedStyle(one).gridTemplateColumns"
        )
        assert len(columns.split()) == 2


def test_korean_readers_get_korean(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, locale="ko-KR") as page:
        expect(shown(page).locator('.tile[data-key="bounce_rate"] .tile-name')).to_have_text(
            "이탈률"
        )
        expect(page.locator("html")).to_have_attribute("lang", "ko")
        expect(page.locator("#card-locations .name").first).to_have_text("미국")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_both_languages_have_every_text(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        texts = page.evaluate(
            "Promise.all(['', '_ko'].map((end) => import(`./static/dashboard_texts${end}.js`)))"
            ".then(([en, ko]) => [en.ENGLISH, ko.KOREAN])"
        )
    english, korean = texts
    assert english.keys() == korean.keys()
    for key, text in english.items():
        gaps = [sorted(re.findall(r"\{\w+\}", json.dumps(one))) for one in (text, korean[key])]
        assert set(gaps[0]) == set(gaps[1]), key


def test_the_first_figures_need_little(browser: Browser, api: StandIn) -> None:
    """At most 8 requests and 60 KB gzipped until the first figures, without the API's."""
    with opened(browser, api) as page:
        shown(page)
        api.requests.clear()
        api.sizes.clear()
        page.reload()
        page.locator('.tile data[value]:not([value=""])').first.wait_for()
        asked = api.requests[: api.requests.index(api.asked("/api/stats")[0])]
        shown(page)
    before = {request.rsplit("/", 1)[-1].split("?")[0] or "dashboard.html" for request in asked}
    needed = {name: size for name, size in api.sizes.items() if name in before}
    assert len(needed) == len([request for request in asked if "/api/" not in request]) <= 8
    assert sum(needed.values()) <= 60_000, needed
    assert sum(api.sizes.values()) <= 72_000, api.sizes
