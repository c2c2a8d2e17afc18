"""Each part of the dashboard, used with the keyboard alone, on a desktop and a phone, in light
and dark mode. It shows the API's metrics and the focus, and axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_page import (
    AXE,
    DESKTOP,
    PHONE,
    counts,
    expect_figure,
    figure,
    opened,
    shown,
    violations,
    violations_in_both,
)
from tests.end_to_end.product import Product

pytestmark = [
    pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"]),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make build"),
]
MOST_TABS = 120
CARDS = {
    "sources": ["source", "channel", "referrer", "utm_campaign"],
    "pages": ["page", "entry_page", "exit_page"],
    "locations": ["country", "region", "city", "language"],
    "devices": ["device", "browser", "os", "screen"],
    "events": ["event"],
}
REALTIME_LISTS = {
    "page": "pages", "source": "sources", "country": "countries", "device": "devices",
}  # fmt: skip
FOCUSED = """(selector) => {
  const one = document.activeElement
  const hasRing = ['', '::after'].some((part) =>
    getComputedStyle(one, part).outlineStyle !== 'none')
  return [one.matches(selector), hasRing, one.outerHTML.slice(0, 200)]
}"""
Size = dict[str, int]


def walking(size: Size, theme: str = "light") -> dict[str, Any]:
    return {
        "size": size,
        "color_scheme": theme,
        "bypass_csp": True,
        "reduced_motion": "reduce",
    }


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus; everything on the way must show its focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        is_there, has_ring, element = page.evaluate(FOCUSED, selector)
        assert has_ring, element
        if is_there:
            return
    raise AssertionError(f"Tab does not reach {selector}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_header(browser: Browser, shop: Product, size: Size) -> None:
    with opened(browser, shop, **walking(size)) as dashboard:
        page = shown(dashboard)
        live = dashboard.answer("/api/realtime")
        expect(page.locator("#live-count")).to_have_text(str(live["current_visitors"]))
        expect(page.locator("#live-age")).to_contain_text("updated")
        expect(page).to_have_title(
            f"{live['current_visitors']} now · demo.example · LiveInsight"
        )
        assert violations_in_both(page) == []

        tab_to(page, "#site")
        tab_to(page, "#menu-button")
        press(page, "Enter")
        expect(page.get_by_role("radio", name="System")).to_be_focused()
        assert violations_in_both(page, ".menu") == []
        press(page, "Escape")
        expect(page.locator("#menu-button")).to_be_focused()

        tab_to(page, "#filter-button")
        press(page, "Enter")
        expect(page.locator(".filter-menu textarea")).to_be_focused()
        page.keyboard.type("/seeds.html")
        page.locator(".filter-menu .menu-item").first.wait_for()
        assert violations_in_both(page, ".menu") == []
        press(page, "Enter")
        expect(page.locator(".pill")).to_have_text("Page is /seeds.html")
        assert violations_in_both(page, "#top") == []

        tab_to(page, "#period-button")
        press(page, "Enter")
        expect(page.locator(".menu-item[aria-current]")).to_be_focused()
        assert violations_in_both(page, ".menu") == []
        press(page, "ArrowDown", "Enter")
        expect(page.locator("#period-button")).to_contain_text("Last 28 days")
        expect(page.locator(".menu")).to_have_count(0)
        press(page, "x")
        page.wait_for_url("**compare=previous_year**")
        press(page, "Escape")
        assert dashboard.state == {
            "site": "demo.example", "period": "28d", "compare": "previous_year",
        }  # fmt: skip


# Another theme draws the plot anew, without its tip.
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_metrics_and_chart(browser: Browser, shop: Product, size: Size, theme: str) -> None:
    with opened(
        browser, shop, "?site=demo.example&period=28d", **walking(size, theme)
    ) as dashboard:
        page = shown(dashboard)
        answer = dashboard.answer("/api/stats")
        for metric in ("visitors", "sessions", "pageviews", "views_per_session",
                       "bounce_rate", "session_duration", "engaged_time"):  # fmt: skip
            assert figure(page, metric) == answer["totals"][metric]

        tab_to(page, '.tile[data-key="bounce_rate"]')
        expect(page.locator(".tip")).to_contain_text("Share of sessions")
        press(page, "Enter")
        expect(page.locator('.tile[data-key="bounce_rate"]')).to_have_attribute(
            "aria-pressed", "true"
        )
        press(page, "v", "Escape")
        assert dashboard.state["metric"] == "session_duration"
        tab_to(page, ".plot")
        press(page, "Home")
        expect(page.locator(".plot-tip")).to_be_visible()
        assert violations(page, "#chart") == []

        press(page, "g")
        values = page.locator("#chart tbody td:nth-child(2) data")
        expect(values).to_have_count(28)
        result = values.evaluate_all("all => all.map((one) => one.value)")
        series = [row["session_duration"] for row in answer["series"]]
        assert result == ["" if value is None else str(value) for value in series]
        assert violations(page, "#chart") == []


def test_cards(browser: Browser, shop: Product, size: Size) -> None:
    with opened(browser, shop, **walking(size)) as dashboard:
        page = shown(dashboard)
        answer = dashboard.answer("/api/stats")
        for card, dimensions in CARDS.items():
            tab_to(page, f"#card-{card} [role=tab]")
            for number, dimension in enumerate(dimensions):
                if number:
                    press(page, "ArrowRight")
                if dimension not in answer["breakdowns"]:
                    page.wait_for_function(
                        f"document.querySelectorAll('#card-{card} .row').length"
                    )
                    continue
                shown_rows = [
                    row["visitors"]
                    for row in answer["breakdowns"][dimension]["rows"]
                    if dimension != "event" or row["value"] is not None
                ]
                assert counts(page, card) == shown_rows, dimension
        assert page.locator("#card-hours td[data-hour]").count() == 168
        assert violations_in_both(page, "#cards") == []

        tab_to(page, "#card-hours .download")
        press(page, "/")
        page.locator("dialog.details tbody tr").first.wait_for()
        assert violations_in_both(page, "dialog.details") == []
        page.keyboard.type("journal")
        expect(page.locator("dialog.details tbody tr").first).to_contain_text("/journal/")
        tab_to(page, "dialog.details .value")
        press(page, "Enter")
        page.wait_for_url("**/*filters=exit_page==/journal/*")


def test_realtime(browser: Browser, shop: Product, size: Size) -> None:
    with opened(browser, shop, **walking(size)) as dashboard:
        page = shown(dashboard)
        press(page, "r")
        page.locator(".session-row").first.wait_for()
        live = dashboard.answer("/api/realtime")
        expect(page.locator(".session-row")).to_have_count(len(live["feed"]))
        expect(page.locator(".now-number")).to_have_text(str(live["current_visitors"]))
        expect(page.locator("#realtime .minute")).to_have_count(30)
        cells = page.locator(".minutes-table tbody td:nth-child(2)").all_inner_texts()
        assert cells == [str(row["pageviews"]) for row in live["series"]]
        for dimension, name in REALTIME_LISTS.items():
            result = page.locator(f'[data-dimension="{dimension}"] data').all_inner_texts()
            # A list in which nothing is known is not shown; no source is a source.
            is_known = dimension == "source" or any(row["value"] for row in live[name])
            assert result == [str(row["visitors"]) for row in live[name] if is_known]
        assert violations_in_both(page) == []

        tab_to(page, ".session-row")
        press(page, "Enter")
        expect(page.get_by_role("dialog", name="Session")).to_contain_text("Active. Ends")


def test_sessions(browser: Browser, shop: Product, size: Size) -> None:
    with opened(browser, shop, **walking(size)) as dashboard:
        page = shown(dashboard)
        press(page, "s")
        page.locator(".sessions-table .open").first.wait_for()
        listed = dashboard.answer("/api/sessions")["sessions"]
        expect(page.locator(".sessions-table tbody tr")).to_have_count(len(listed))
        views = page.locator("td.c-pageviews").all_text_contents()
        assert views == [str(session["page_count"]) for session in listed]
        assert violations_in_both(page) == []

        tab_to(page, ".sessions-table .open")
        press(page, "Enter")
        drawer = page.get_by_role("dialog", name="Session")
        expect(drawer.locator(".timeline li").first).to_be_visible()
        timeline = dashboard.answer(f"/api/sessions/{listed[0]['session_id']}")["timeline"]
        seen = [one for one in timeline if one["event_type"] != "engagement"]
        expect(drawer.locator(".timeline li")).to_have_count(len(seen) + 2)
        assert violations_in_both(page, "dialog.drawer") == []
        press(page, "Escape")
        expect(page.locator(".sessions-table .open").first).to_be_focused()


def test_help_and_sign_in(browser: Browser, shop: Product, size: Size) -> None:
    with opened(browser, shop, token=None, **walking(size)) as dashboard:
        page = shown(dashboard, "#token")
        assert violations_in_both(page) == []
        expect(page.get_by_label("Token")).to_be_focused()
        page.keyboard.type(shop.token)
        press(page, "Enter")
        shown(dashboard)
        expect_figure(page, "visitors", dashboard.answer("/api/stats")["totals"]["visitors"])
        press(page, "?")
        sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
        expect(sheet).to_be_visible()
        assert violations_in_both(page, "dialog.help") == []
        press(page, "Escape")
        expect(sheet).to_be_hidden()


def test_first_visit(browser: Browser, shop: Product, size: Size) -> None:
    with opened(browser, shop, "?site=new.example", **walking(size)) as dashboard:
        page = shown(dashboard, ".snippet")
        assert violations_in_both(page) == []
        tab_to(page, ".snippet button")
        press(page, "Enter")
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
