"""The dashboard: its figures, its choices, its lists, and the address that keeps them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_api import StandIn, answer, serving
from tests.browser.dashboard_page import (
    expect_figure,
    figure,
    opened,
    rows,
    shown,
    stats,
    stats_requests,
)


@pytest.fixture(scope="module")
def api() -> Iterator[StandIn]:
    with serving() as running:
        running.visits("example.com")
        yield running


def asked_of(page: Page) -> dict[str, str]:
    """The parameters in the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_the_live_number_is_in_the_header_and_in_the_title(
    browser: Browser, api: StandIn
) -> None:
    live = answer(api, "realtime", {"site": "example.com"})
    with opened(browser, api) as page:
        expect(page.locator("#live-count")).to_have_text(str(live["current_visitors"]))
        expect(page).to_have_title(
            f"{live['current_visitors']} now · example.com · LiveInsight"
        )
        expect(page.locator("#live-age")).to_contain_text("updated")
        expect(page.locator("#minutes .minute")).to_have_count(30)
        label = page.locator("#minutes .bars").get_attribute("aria-label")
        assert f"{live['pageviews']} page views by {live['visitors']} visitors" in str(label)


def test_the_figures_are_those_of_the_api(browser: Browser, api: StandIn) -> None:
    expected = stats(api, compare="previous_period")
    with opened(browser, api) as page:
        shown(page)
        for metric, value in expected["totals"].items():
            if metric not in ("events", "scroll_depth"):
                assert figure(page, metric) == value
        assert rows(page, "pages") == [
            (row["value"], row["visitors"]) for row in expected["breakdowns"]["page"]["rows"]
        ]
        tile = page.locator('.tile[data-key="visitors"]')
        share = expected["totals"]["visitors"] / expected["previous"]["visitors"] - 1
        assert ("more" if share > 0 else "fewer") in tile.inner_text()


def test_the_table_has_the_values_of_the_chart(browser: Browser, api: StandIn) -> None:
    series = stats(api)["series"]
    with opened(browser, api, "?site=example.com&metric=pageviews") as page:
        shown(page).locator(".tools-table").click()
        values = page.locator("#chart tbody td:nth-child(2) data")
        expect(values).to_have_count(len(series))
        found = values.evaluate_all("all => all.map(one => Number(one.value))")
        assert found == [row["pageviews"] for row in series]
        assert "still running" in page.locator("#chart tbody tr").last.inner_text()


def test_a_tile_charts_its_metric_and_back_goes_back(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        tile = shown(page).locator('.tile[data-key="bounce_rate"]')
        tile.click()
        expect(tile).to_have_attribute("aria-pressed", "true")
        assert asked_of(page)["metric"] == "bounce_rate"
        spoken = re.compile(r"^Bounce rate, 7 values from .* Highest: .*%")
        expect(page.locator(".plot")).to_have_attribute("aria-label", spoken)
        page.go_back()
        expect(tile).to_have_attribute("aria-pressed", "false")
        assert len(stats_requests(api)) == 1


def test_a_metric_says_what_it_means_on_focus(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).locator('.tile[data-key="sessions"]').focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(page.locator(".tip")).to_contain_text("no gap of 30 minutes")
        expect(page.locator(".tip")).to_contain_text("before:")
        page.keyboard.press("Escape")
        expect(page.locator(".tip")).to_be_hidden()


def test_a_change_of_period_is_one_request(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page)
        before = len(api.requests)
        page.get_by_role("button", name="Last 7 days").click()
        page.get_by_role("button", name="Last 28 days").click()
        expect(page.locator("#period-button")).to_contain_text("Last 28 days")
        expect_figure(page, "visitors", stats(api, period="28d")["totals"]["visitors"])
        asked = [request for request in api.requests[before:] if "/api/realtime" not in request]
        assert [urlsplit(request).path for request in asked if "/api/" in request] == [
            "/prod/api/stats"
        ]
        assert asked_of(page)["period"] == "28d"


def test_the_arrows_step_to_the_period_before_and_back(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=example.com&period=today") as page:
        shown(page).get_by_role("button", name="Earlier period").click()
        expect(page.locator("#period-button")).to_contain_text("Yesterday")
        with page.expect_response("**/api/stats?*period=custom*") as answer:
            page.get_by_role("button", name="Earlier period").click()
        answer.value.finished()
        page.wait_for_timeout(300)  # until the figures of that day are drawn
        page.get_by_role("button", name="Later period").click()
        expect(page.locator("#period-button")).to_contain_text("Yesterday")
        page.get_by_role("button", name="Later period").click()
        expect(page.locator("#period-button")).to_contain_text("Today")
        expect(page.get_by_role("button", name="Later period")).to_be_disabled()


def test_dates_of_ones_own(browser: Browser, api: StandIn) -> None:
    period = stats(api)["period"]
    with opened(browser, api, "?site=example.com&period=28d") as page:
        shown(page).locator("#period-button").click()
        page.get_by_label("From", exact=True).fill(period["from"])
        page.get_by_label("To", exact=True).fill(period["to"])
        page.get_by_role("button", name="Apply").click()
        expect_figure(page, "sessions", stats(api)["totals"]["sessions"])


def test_a_row_filters_the_page_and_its_pill_removes_the_filter(
    browser: Browser, api: StandIn
) -> None:
    filtered = stats(api, filters="source==Google")
    with opened(browser, api) as page:
        row = shown(page).locator("#card-sources .row", has_text="Google").first
        row.click()
        expect(page.locator(".pill")).to_have_text("Source is Google")
        expect_figure(page, "visitors", filtered["totals"]["visitors"])
        expect(row).to_have_attribute("aria-pressed", "true")
        expect(row).to_be_focused()
        page.get_by_role("button", name="Remove filter: Source is Google").click()
        expect(page.locator(".pill")).to_have_count(0)
        expect_figure(page, "visitors", stats(api)["totals"]["visitors"])


def test_none_is_a_value_to_filter_by(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).locator("#card-sources .row", has_text="Direct / none").click()
        expect(page.locator(".pill")).to_have_text("Source is Direct / none")
        assert asked_of(page)["filters"] == "source=="


def test_a_filter_put_together(browser: Browser, api: StandIn) -> None:
    filtered = stats(api, filters="page=~docs|pricing;country!=DE")
    with opened(browser, api, "?site=example.com&filters=country!%3DDE") as page:
        shown(page).get_by_role("button", name="Filter", exact=True).click()
        page.get_by_label("Condition").select_option("=~")
        page.locator(".filter-menu textarea").fill("docs\npricing")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".pill")).to_have_text(
            ["Country is not Germany", "Page contains docs or pricing"]
        )
        expect_figure(page, "sessions", filtered["totals"]["sessions"])
        page.get_by_role("button", name="Clear all").click()
        expect(page.locator(".pill")).to_have_count(0)


def test_a_tab_shows_its_dimension_without_another_request(
    browser: Browser, api: StandIn
) -> None:
    expected = stats(api)["breakdowns"]["entry_page"]["rows"]
    with opened(browser, api) as page:
        shown(page).get_by_role("tab", name="Entry").click()
        expect(page.get_by_role("tab", name="Entry")).to_have_attribute("aria-selected", "true")
        assert rows(page, "pages") == [(row["value"], row["visitors"]) for row in expected]
        assert len(stats_requests(api)) == 1
        assert asked_of(page)["pages"] == "entry_page"


def test_a_tab_of_detail_is_asked_for_when_it_is_opened(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).get_by_role("tab", name="Cities").click()
        expect(page.locator("#card-locations .row").first).to_contain_text("San Francisco")
        assert "dimensions=city" in stats_requests(api)[-1]
        page.get_by_role("tab", name="Properties").click()
        page.get_by_label("Name of a property").fill("plan")
        page.keyboard.press("Enter")
        expect(page.locator("#card-events .row").first).to_contain_text("free")


def test_countries_and_languages_have_names(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        expect(shown(page).locator("#card-locations .name").first).to_have_text("United States")
        page.get_by_role("tab", name="Languages").click()
        expect(page.locator("#card-locations .name").filter(has_text="German")).to_have_text(
            "German (Germany)"
        )


def test_the_hours_of_the_week_are_a_grid(browser: Browser, api: StandIn) -> None:
    found = {
        row["value"]: row["visitors"]
        for row in stats(api, dimensions="hour_of_week")["breakdowns"]["hour_of_week"]["rows"]
    }
    with opened(browser, api) as page:
        cells = shown(page).locator("#card-hours td[data-hour]")
        assert cells.count() == 168
        for hour in ("0", "36", "100"):
            assert cells.nth(int(hour)).inner_text() == str(found.get(hour, 0))


def test_hours_that_were_cut_are_asked_for_when_they_are_seen(
    browser: Browser, api: StandIn
) -> None:
    api.all_hours = False
    try:
        with opened(browser, api) as page:
            grid = shown(page).locator("#card-hours")
            assert len(stats_requests(api)) == 1
            grid.scroll_into_view_if_needed()
            most = page.locator("#card-hours td[data-hour] span").filter(has_not_text="0")
            expect(most.nth(30)).to_be_attached()
            assert "dimensions=hour_of_week&limit=168" in stats_requests(api)[-1]
            assert len(stats_requests(api)) == 2
    finally:
        api.all_hours = True


def test_the_whole_list_is_searched_and_sorted(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).locator("#card-pages .expand").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("tbody tr")).to_have_count(13)
        assert asked_of(page)["all"] == "page"
        dialog.get_by_role("button", name="Bounce rate").click()
        expect(dialog.get_by_role("columnheader", name="Bounce rate")).to_have_attribute(
            "aria-sort", "descending"
        )
        rates = dialog.locator("tbody td:nth-child(6) data").evaluate_all(
            "all => all.map(one => Number(one.value))"
        )
        assert rates == sorted(rates, reverse=True)
        dialog.get_by_role("searchbox").fill("docs")
        expect(dialog.locator("tbody tr")).to_have_count(4)
        dialog.get_by_role("button", name="/docs/api", exact=True).click()
        expect(page.locator(".pill")).to_have_text("Page is /docs/api")
        expect(dialog).to_be_hidden()


def test_a_click_on_the_chart_zooms_into_the_day(browser: Browser, api: StandIn) -> None:
    day = stats(api, period="28d")["series"][14]["time"][:10]
    with opened(browser, api, "?site=example.com&period=28d") as page:
        over = shown(page, ".u-over")
        box = over.locator(".u-over").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 14 / 27, box["y"] + 60)
        expect(page.locator(".plot-tip")).to_contain_text("Difference")
        page.mouse.down()
        page.mouse.up()
        page.wait_for_url(f"**/*from={day}*")
        assert asked_of(page)["to"] == day


def test_a_drag_over_the_chart_chooses_its_days(browser: Browser, api: StandIn) -> None:
    series = stats(api, period="28d")["series"]
    with opened(browser, api, "?site=example.com&period=28d") as page:
        box = shown(page, ".u-over").locator(".u-over").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 7 / 27, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 14 / 27, box["y"] + 60, steps=4)
        page.mouse.up()
        page.wait_for_url("**/*period=custom*")
        chosen = asked_of(page)
        assert (chosen["from"], chosen["to"]) == (
            series[7]["time"][:10],
            series[14]["time"][:10],
        )


def test_the_comparison_can_be_turned_off(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).locator("#compare-button").click()
        page.get_by_role("button", name="No comparison").click()
        expect(page.locator(".legend .earlier")).to_have_count(0)
        expect(page.locator('.tile[data-key="visitors"] .tile-change')).to_have_text(
            re.compile(r"^\s*$")
        )
        assert "compare" not in stats_requests(api)[-1]


def test_a_link_reproduces_the_view(browser: Browser, api: StandIn) -> None:
    query = (
        "?site=example.com&period=28d&filters=country==KR;page=~docs&metric=pageviews"
        "&pages=exit_page&table=1"
    )
    with opened(browser, api, query) as page:
        shown(page)
        expect(page.locator(".pill")).to_have_text(
            ["Country is South Korea", "Page contains docs"]
        )
        expect(page.locator("#chart tbody tr")).to_have_count(28)
        expect(page.get_by_role("tab", name="Exit")).to_have_attribute("aria-selected", "true")
        assert asked_of(page)["filters"] == "country==KR;page=~docs"


def test_realtime_shows_who_is_here(browser: Browser, api: StandIn) -> None:
    live = answer(api, "realtime", {"site": "example.com"})
    with opened(browser, api, "?site=example.com&view=realtime") as page:
        expect(shown(page, ".visit").locator(".visit")).to_have_count(len(live["feed"]))
        expect(page.locator(".now-number")).to_have_text(str(live["current_visitors"]))
        pages = page.locator('[data-list="pages"] .row')
        assert pages.locator(".name").all_inner_texts() == [
            row["value"] for row in live["pages"]
        ]
        page.locator(".visit").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("Still open.")
        assert asked_of(page)["session"] == live["feed"][0]["session_id"]


def test_a_new_session_slides_into_the_feed(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=example.com&view=realtime") as page:
        first = shown(page, ".visit").locator(".feed li").first.get_attribute("data-key")
        api.later = 120_000
        try:
            page.evaluate("dispatchEvent(new Event('online'))")
            expect(page.locator(".feed li").first).not_to_have_attribute("data-key", str(first))
            expect(page.locator(f'.feed li[data-key="{first}"]')).to_have_count(1)
        finally:
            api.later = 0


def test_sessions_are_listed_and_lead_to_their_timeline(browser: Browser, api: StandIn) -> None:
    query = {"site": "example.com", "period": "7d", "limit": "100"}
    listed = answer(api, "sessions", query)["sessions"]
    number = next(
        at for at, row in enumerate(listed) if row["page_count"] > 2 and not row["is_active"]
    )
    with opened(browser, api, "?site=example.com&view=sessions") as page:
        expect(shown(page, ".sessions-table .open").locator("tbody tr")).to_have_count(50)
        page.get_by_role("button", name="Show more").click()
        expect(page.locator(".sessions-table tbody tr")).to_have_count(100)
        page.locator(".sessions-table .open").nth(number).click()
        drawer = page.get_by_role("dialog")
        session = listed[number]
        timeline = answer(api, f"sessions/{session['session_id']}", {"site": "example.com"})[
            "timeline"
        ]
        expect(drawer.locator(".steps li")).to_have_count(len(timeline) + 2)
        expect(drawer).to_contain_text("Ended: nothing more within 30 minutes.")
        drawer.get_by_role("button", name="Older session").click()
        page.wait_for_url(f"**/*session={listed[number + 1]['session_id']}*")
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()
        assert "session" not in asked_of(page)


def test_a_card_is_downloaded_as_csv(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        with page.expect_download() as download:
            shown(page).locator("#card-pages .download").click()
        lines = download.value.path().read_text(encoding="utf-8").splitlines()
        assert download.value.suggested_filename == "example.com-7d-page.csv"
        assert lines[0].startswith("page,visitors,sessions,pageviews")
        assert len(lines) == 14


def test_the_sessions_are_downloaded_page_by_page(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=example.com&period=today") as page:
        shown(page).locator("#menu-button").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Export sessions (CSV)").click()
        lines = download.value.path().read_text(encoding="utf-8").splitlines()
        sessions = stats(api, period="today")["totals"]["sessions"]
        assert len(lines) == sessions + 1
        assert len({line.split(",")[0] for line in lines}) == sessions + 1
        assert len(api.asked("/api/export")) > 1
