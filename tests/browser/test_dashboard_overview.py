"""The overview of the dashboard on the real app with the demo's traffic: its metrics, choices
and lists, and the URL that contains them all."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.browser.dashboard_page import (
    PHONE,
    expect_figure,
    figure,
    opened,
    rows,
    shown,
    stats,
)
from tests.end_to_end.product import Product

STATS = "/api/stats"


def test_changes_have_an_arrow_and_a_signed_percentage(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        answer = dashboard.answer(STATS)
        for metric in ("visitors", "session_duration"):
            now, before = answer["totals"][metric], answer["previous"][metric]
            share = r"▲ \+[\d.]+%" if now > before else r"▼ -[\d.]+%"
            change = page.locator(f'.tile[data-key="{metric}"] .tile-change')
            expect(change).to_have_text(re.compile(share if now != before else "no change"))


def test_back_and_forward_restore_views(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        tile = shown(dashboard).locator('.tile[data-key="bounce_rate"]')
        tile.click()
        expect(tile).to_have_attribute("aria-pressed", "true")
        spoken = re.compile(r"^Bounce rate, 7 values from .* Highest: .*%")
        expect(dashboard.page.locator(".plot")).to_have_attribute("aria-label", spoken)
        dashboard.page.go_back()
        expect(tile).to_have_attribute("aria-pressed", "false")
        dashboard.page.go_forward()
        expect(tile).to_have_attribute("aria-pressed", "true")
        assert len(dashboard.queries(STATS)) == 1


def test_changing_the_period_makes_one_request(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.locator("#card-hours").scroll_into_view_if_needed()
        dashboard.requests.clear()
        page.get_by_role("button", name="Last 7 days").click()
        page.get_by_role("button", name="Last 28 days").click()
        expect_figure(page, "sessions", stats(shop, "period=28d")["totals"]["sessions"])
        busiest = page.locator("#card-hours .busiest")
        expect(busiest).to_have_text(re.compile(r"Busiest: \w+day, \d\d:00 \(\d+ visitors\)"))
        page.wait_for_timeout(300)  # until what else it might ask for has been asked for
        requests = [urlsplit(request.url).path for request in dashboard.requests]
        assert [path for path in requests if path.startswith("/api/stat")] == [STATS]
        others = set(requests) - {"/api/realtime", STATS}
        assert all(path.startswith("/static/menu_host-") for path in others), others


def test_grid_has_every_hour_of_the_week(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d") as dashboard:
        page = shown(dashboard)
        result = dashboard.answer(STATS)["breakdowns"]["hour_of_week"]
        cells = page.locator("#card-hours td[data-hour]").all_text_contents()
        assert len(result["rows"]) == result["total"] > 10
        assert {int(row["value"]): str(row["visitors"]) for row in result["rows"]} == {
            hour: text for hour, text in enumerate(cells) if text != "0"
        }


def test_arrows_step_through_periods(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=today") as dashboard:
        page = shown(dashboard, ".tile data[value]")
        period = page.locator("#period-button")
        earlier = page.get_by_role("button", name="Previous", exact=True)
        later = page.get_by_role("button", name="Next", exact=True)
        earlier.click()
        expect(period).to_contain_text("Yesterday")
        later.click()
        expect(period).to_contain_text("Today")
        expect(later).to_be_disabled()
        shown(dashboard, "#chart .plot")
        page.keyboard.press("m")
        expect(period).to_contain_text("This month")
        earlier.click()
        first, last = dashboard.state["from"], dashboard.state["to"]
        assert first.endswith("-01")
        assert int(last[-2:]) >= 28
        expect_figure(
            page,
            "sessions",
            stats(shop, f"period=custom&from={first}&to={last}")["totals"]["sessions"],
        )


def test_quick_steps_are_all_applied(browser: Browser, shop: Product) -> None:
    """Each step starts from the current state, not from what was rendered last."""
    with opened(browser, shop, "?site=demo.example&period=today") as dashboard:
        page = shown(dashboard, ".tile data[value]")
        page.evaluate(
            "[-1, -1, -1, -1, 1].forEach((way) => document"
            ".querySelector(`.arrow:${way < 0 ? 'first' : 'last'}-child`).click())"
        )
        today = page.evaluate("new Date().toISOString().slice(0, 10)")
        days = page.evaluate(
            "([from, to]) => (Date.parse(to) - Date.parse(from)) / 86400000",
            [dashboard.state["from"], today],
        )
        assert days == 3
        assert dashboard.state["from"] == dashboard.state["to"]


def test_custom_range_is_applied(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        week = dashboard.answer(STATS)["series"]
        page.locator("#period-button").click()
        page.get_by_label("From", exact=True).fill(week[1]["time"][:10])
        page.get_by_label("To", exact=True).fill(week[3]["time"][:10])
        page.get_by_role("button", name="Apply").click()
        expect_figure(page, "sessions", sum(row["sessions"] for row in week[1:4]))
        named = f"{int(week[1]['time'][8:10])} – {int(week[3]['time'][8:10])}"
        expect(page.locator("#period-dates")).to_contain_text(
            named if week[1]["time"][:7] == week[3]["time"][:7] else "–"
        )


def test_row_adds_a_filter_and_its_pill_removes_it(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        sessions = figure(page, "sessions")
        row = page.locator("#card-sources .row", has_text="Google").first
        row.click()
        expect(page.locator(".pill")).to_have_text("Source is Google")
        filtered = stats(shop, "period=7d&filters=source==Google")
        expect_figure(page, "sessions", filtered["totals"]["sessions"])
        expect(row).to_have_attribute("aria-pressed", "true")
        expect(row).to_be_focused()
        page.get_by_role("button", name="Remove filter: Source is Google").click()
        expect(page.locator(".pill")).to_have_count(0)
        expect_figure(page, "sessions", sessions)
        page.locator("#card-sources .row", has_text="Direct / none").click()
        expect(page.locator(".pill")).to_have_text("Source is Direct / none")
        assert dashboard.state["filters"] == "source=="


def test_filter_editor_adds_a_filter(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&filters=country!%3DDE") as dashboard:
        page = shown(dashboard)
        page.get_by_role("button", name="Filter", exact=True).click()
        page.get_by_label("Condition").select_option("=~")
        page.locator(".filter-menu textarea").fill("seeds\njournal")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".pill")).to_have_text(
            ["Country is not Germany", "Page contains seeds or journal"]
        )
        asked = "period=7d&filters=country!%3DDE;page=~seeds%7Cjournal"
        expect_figure(page, "sessions", stats(shop, asked)["totals"]["sessions"])
        page.get_by_role("button", name="Clear all").click()
        expect(page.locator(".pill")).to_have_count(0)


def test_tab_shows_its_dimension_without_another_request(
    browser: Browser, shop: Product
) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.get_by_role("tab", name="Entry").click()
        expect(page.get_by_role("tab", name="Entry")).to_have_attribute("aria-selected", "true")
        expected = dashboard.answer(STATS)["breakdowns"]["entry_page"]["rows"]
        assert rows(page, "pages") == [(row["value"], row["visitors"]) for row in expected]
        assert len(dashboard.queries(STATS)) == 1
        assert dashboard.state["pages"] == "entry_page"


def test_tab_can_show_related_dimensions(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d") as dashboard:
        page = shown(dashboard)
        page.get_by_role("tab", name="Campaigns").click()
        page.get_by_label("Group by").select_option("utm_medium")
        mediums = dashboard.answer(STATS)["breakdowns"]["utm_medium"]["rows"]
        assert rows(page, "sources")[1:] == [
            (row["value"], row["visitors"]) for row in mediums if row["value"] is not None
        ]
        page.get_by_role("tab", name="Browsers").click()
        page.locator("#card-devices select").select_option("browser_version")
        expect(page.locator("#card-devices .name").first).to_have_text(re.compile(r"\d"))
        assert dashboard.state["devices"] == "browser_version"


def test_another_site_can_be_selected(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&filters=country==DE") as dashboard:
        page = shown(dashboard)
        page.get_by_label("Site").select_option("new.example")
        heading = page.get_by_role("heading", name="Let’s see your first visitor")
        expect(heading).to_be_visible()
        page.get_by_label("Site").select_option("demo.example")
        shown(dashboard)
        assert dashboard.state == {"site": "demo.example"}


def test_properties_menu_lists_stored_properties(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d") as dashboard:
        page = shown(dashboard)
        with page.expect_response("**/api/stats?*prop%3A*"):
            page.get_by_role("tab", name="Properties").click()
        offered = page.locator("#prop-names option").evaluate_all(
            "all => all.map(o => o.value)"
        )
        assert dashboard.state["prop"] == offered[0]
        page.get_by_label("Name of a property").fill("plan")
        page.keyboard.press("Enter")
        plans = stats(shop, "period=28d&dimensions=prop:plan")["breakdowns"]["prop:plan"]
        expected = [row["value"] for row in plans["rows"] if row["value"] is not None]
        expect(page.locator("#card-events .name")).to_have_text(expected)


def test_full_list_can_be_searched_and_sorted(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.locator("#card-pages .expand").click()
        lines = page.locator("dialog.details tbody tr")
        total = dashboard.answer(STATS)["breakdowns"]["page"]["total"]
        expect(lines).to_have_count(total)
        page.get_by_role("button", name="Engagement time", exact=True).click()
        times = page.locator("dialog.details tbody tr td:last-child data")
        values = times.evaluate_all("all => all.map((one) => Number(one.value))")
        assert values == sorted(values, reverse=True)
        page.get_by_role("searchbox").fill("JOURNAL")
        expect(lines.filter(has_not_text="/journal/")).to_have_count(0)
        page.keyboard.press("Escape")  # the search first
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert "all" not in dashboard.state


def test_link_reproduces_the_view(browser: Browser, shop: Product) -> None:
    query = (
        "?site=demo.example&period=28d&compare=off&filters=country==DE;page=~seeds"
        "&metric=pageviews&pages=exit_page&table=1"
    )
    with opened(browser, shop, query, size=PHONE) as dashboard:
        page = shown(dashboard)
        expect(page.locator(".pill")).to_have_text(
            ["Country is Germany", "Page contains seeds"]
        )
        expect(page.locator("#chart tbody tr")).to_have_count(28)
        expect(page.locator(".legend .earlier")).to_have_count(0)
        expect(page.get_by_role("tab", name="Exit")).to_have_attribute("aria-selected", "true")
        assert "compare" not in dashboard.queries(STATS)[-1]
        assert dashboard.state["filters"] == "country==DE;page=~seeds"
