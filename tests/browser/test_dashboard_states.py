"""What the dashboard shows when it has no data or no connection. The app is real; failures,
delays and outages are simulated between the two."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.dashboard_page import (
    Opened,
    expect_figure,
    opened,
    shown,
    stats,
)
from tests.end_to_end.product import Product

STATS, LIVE = "/api/stats", "/api/realtime"
REJECTED = "Invalid or revoked token."


def stored(page: Page, storage: str) -> str | None:
    result: str | None = page.evaluate(f"{storage}.getItem('liveinsight.token')")
    return result


def test_content_security_policy_allows_own_files_only(shop: Product) -> None:
    policy = shop.send("GET", "/").headers["Content-Security-Policy"]
    allowed = {name: rest for name, *rest in map(str.split, policy.split(";"))}
    assert allowed["default-src"] == allowed["base-uri"] == ["'none'"]
    assert allowed["script-src"] == allowed["connect-src"] == ["'self'"]
    assert {one for each in allowed.values() for one in each} == {"'none'", "'self'", "data:"}


def test_token_is_removed_from_the_url(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        assert shop.token not in page.url
        assert stored(page, "sessionStorage") == shop.token
        assert stored(page, "localStorage") is None
        urls = [request.url.partition("#")[0] for request in dashboard.requests]
        assert all(shop.token not in url for url in urls)


def test_dashboard_asks_for_a_missing_token_once(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, token=None) as dashboard:
        page = dashboard.page
        page.get_by_label("Token").fill("nonsense")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text(REJECTED)
        page.locator("#menu-button").click()
        expect(page.locator(".menu-item")).to_have_count(0)
        page.get_by_label("Token").fill(shop.token)
        page.get_by_label("Keep me signed in").check()
        page.get_by_role("button", name="Sign in").click()
        shown(dashboard)
        assert stored(page, "localStorage") == shop.token
        page.reload()
        shown(dashboard)


def test_revoked_token_leads_to_sign_in(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, may_fail=True) as dashboard:
        page = shown(dashboard)
        dashboard.failing[LIVE] = dashboard.failing[STATS] = 401
        page.keyboard.press("u")
        expect(page.get_by_role("alert")).to_have_text(REJECTED)
        assert stored(page, "sessionStorage") is None


def hide(page: Page, hidden: bool) -> None:
    """Simulate that the tab is hidden, or visible again."""
    page.evaluate(
        "(hidden) => {"
        " Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')) }",
        hidden,
    )


def with_its_clock_stopped(dashboard: Opened, *sign: str) -> Page:
    """Reload the page with a clock that stops when it shows metrics, or `sign`."""
    page = shown(dashboard, *sign)
    page.clock.install()
    page.reload()
    shown(dashboard, *sign)
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=10))
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize(
    ("view", "seconds", "sign"),
    [("overview", 15, "#card-pages .row"), ("realtime", 5, ".session-row")],
)
def test_dashboard_polls_at_the_interval_of_the_view_while_visible(
    browser: Browser, shop: Product, view: str, seconds: int, sign: str
) -> None:
    with opened(browser, shop, f"?site=demo.example&view={view}") as dashboard:
        page = with_its_clock_stopped(dashboard, sign)
        hide(page, True)
        dashboard.requests.clear()
        page.clock.run_for(30_000)
        assert dashboard.queries(LIVE) == []
        with page.expect_response("**/api/realtime*"):
            hide(page, False)
        expect(page.locator("#live-age")).to_have_text("updated now")
        page.clock.run_for(seconds * 1000 - 1_000)
        expect(page.locator("#live-age")).to_have_text(f"updated {seconds - 1}s ago")
        with page.expect_response("**/api/realtime*"):
            page.clock.run_for(1_500)
        assert len(dashboard.queries(LIVE)) == 2


def test_dashboard_backs_off_shows_stale_data_and_recovers(
    browser: Browser, shop: Product
) -> None:
    query = "?site=demo.example&view=realtime"
    with opened(browser, shop, query, may_fail=True) as dashboard:
        page = with_its_clock_stopped(dashboard, ".session-row")
        dashboard.failing[LIVE] = 503
        with page.expect_response(f"**{LIVE}*"):
            page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#live")).to_have_attribute("data-state", "stale")
        expect(page.locator("#live-age")).to_contain_text("stale")
        expect(page.locator(".notice")).to_contain_text("The service is resting.")
        expect(page.locator(".notice")).to_contain_text("Retrying in 10s")
        page.clock.run_for(10_500)
        expect(page.locator(".notice")).to_contain_text("Retrying in 20s")
        dashboard.failing.clear()
        page.clock.run_for(20_500)
        expect(page.locator("#live")).not_to_have_attribute("data-state", "stale")
        expect(page.locator(".notice")).to_have_count(0)


def test_view_begins_at_its_top(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d") as dashboard:
        page = shown(dashboard)
        page.evaluate("scrollTo(0, 700)")
        assert page.evaluate("scrollY") > 0
        page.locator("nav >> text=Sessions").first.click()
        page.locator(".sessions-table .open").nth(40).wait_for()

        assert page.evaluate("scrollY") == 0


def test_dashboard_names_the_days_that_its_numbers_lack(
    browser: Browser, shop: Product
) -> None:
    days = [["2026-09-01"], ["2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04"], None]

    def leave_out(route: Route) -> None:
        answer = route.fetch().json()
        if missing := (days.pop(0) if days else None):
            answer["data"]["meta"]["missing_days"] = missing
        route.fulfill(json=answer)

    with opened(
        browser, shop, prepare=lambda page: page.route(f"**{STATS}*", leave_out)
    ) as dashboard:
        page = shown(dashboard)
        notice = page.locator(".notice")
        expect(notice).to_contain_text("1 day could not be counted in time: 1 Sept 2026.")
        notice.get_by_role("button", name="Try again").click()
        expect(notice).to_contain_text("4 days could not be counted")
        expect(notice).to_contain_text("3 Sept 2026, ….")
        with page.expect_response(f"**{STATS}*"):
            notice.get_by_role("button", name="Try again").click()
        expect(notice).to_have_count(0)


def test_dashboard_shows_that_it_is_offline(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.context.set_offline(True)
        offline = "You are offline. These numbers are from"
        expect(page.locator(".notice")).to_contain_text(offline)
        expect(page.locator("#card-pages .row").first).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator(".notice")).to_have_count(0)


def test_error_has_a_message_and_a_retry_button(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, may_fail=True) as dashboard:
        page = shown(dashboard)
        dashboard.failing[STATS] = 500
        page.keyboard.press("t")
        expect(page.locator(".notice")).to_contain_text("The service is resting.")
        dashboard.failing.clear()
        page.get_by_role("button", name="Try again").click()
        month = stats(shop, "period=30d")["totals"]
        expect_figure(page, "sessions", month["sessions"])
        expect(page.locator(".notice")).to_have_count(0)


def test_dashboard_without_sites_shows_onboarding(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "", token=None) as dashboard:
        page = dashboard.page
        nothing = {"status": "success", "data": {"sites": []}}
        page.route("**/api/sites", lambda route: route.fulfill(json=nothing))
        page.get_by_label("Token").fill(shop.token)
        page.keyboard.press("Enter")
        expect(page.get_by_text("every page of your site")).to_be_visible()


def test_empty_period_shows_a_message(browser: Browser, shop: Product) -> None:
    query = "?site=demo.example&period=custom&from=2020-02-01&to=2020-02-07"
    with opened(browser, shop, query) as dashboard:
        page = dashboard.page
        expect(page.get_by_text("No visitors in this period")).to_be_visible()
        expect(page.locator("#period-dates")).to_have_text(re.compile(r"^1\W+7 Feb 2020$"))
        page.get_by_role("button", name="Show all time").click()
        shown(dashboard)


def test_filters_without_matches_can_be_cleared(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&filters=page==/nowhere") as dashboard:
        page = dashboard.page
        expect(page.get_by_text("No visitors match these filters")).to_be_visible()
        page.keyboard.press("Escape")
        shown(dashboard)
        assert "filters" not in dashboard.state
