"""What the dashboard says when it has nothing to show or cannot ask; and that it is safe."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_api import TOKEN, StandIn, serving
from tests.browser.dashboard_page import expect_figure, opened, shown, stats, stats_requests


@pytest.fixture(scope="module")
def running() -> Iterator[StandIn]:
    with serving() as running:
        running.visits("example.com")
        yield running


@pytest.fixture
def api(running: StandIn) -> Iterator[StandIn]:
    yield running
    running.fail_with, running.first_visit_at_new = None, False


def stored(page: Page, storage: str) -> str | None:
    return page.evaluate(f"{storage}.getItem('liveinsight.token')")


def hide(page: Page, hidden: bool) -> None:
    """Tell the page that its tab is hidden, or seen again."""
    page.evaluate(
        "(hidden) => {"
        " Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')) }",
        hidden,
    )


def test_the_token_is_taken_out_of_the_address(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page)
        assert TOKEN not in page.url
        assert stored(page, "sessionStorage") == TOKEN
        assert stored(page, "localStorage") is None
        assert all(TOKEN not in request for request in api.requests)


def test_without_a_token_it_asks_once(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, token=None) as page:
        page.get_by_label("Token").fill("nonsense")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("This token is not valid, or no longer.")
        page.get_by_label("Token").fill(TOKEN)
        page.get_by_label("Keep me signed in").check()
        page.get_by_role("button", name="Sign in").click()
        shown(page)
        assert stored(page, "localStorage") == TOKEN
        page.reload()
        shown(page)


def test_a_token_that_expires_leads_to_signing_in(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page)
        api.fail_with = 401
        page.keyboard.press("u")
        expect(page.get_by_role("alert")).to_have_text("This token is not valid, or no longer.")
        assert stored(page, "sessionStorage") is None


def test_it_polls_every_five_seconds_while_it_is_seen(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, token=None) as page:
        page.clock.install()
        page.goto(f"{api.url}?site=example.com#token={TOKEN}")
        page.reload()
        shown(page)
        hide(page, True)
        api.requests.clear()
        page.clock.run_for(30_000)
        assert api.asked("/api/realtime") == []
        with page.expect_response("**/api/realtime*"):
            hide(page, False)
        expect(page.locator("#live-age")).to_have_text("updated now")
        page.clock.run_for(4_000)
        expect(page.locator("#live-age")).to_have_text("updated 4s ago")
        with page.expect_response("**/api/realtime*"):
            page.clock.run_for(1_500)
        assert len(api.asked("/api/realtime")) == 2


def test_it_says_that_the_live_number_is_stale_and_recovers(
    browser: Browser, api: StandIn
) -> None:
    with opened(browser, api) as page:
        shown(page)
        api.fail_with = 503
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#live")).to_have_attribute("data-state", "stale")
        expect(page.locator("#live-age")).to_contain_text("stale")
        expect(page.locator(".notice")).to_contain_text("The service is resting.")
        api.fail_with = None
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#live")).not_to_have_attribute("data-state", "stale")


def test_it_says_that_it_is_offline(browser: Browser, api: StandIn) -> None:
    with opened(browser, api) as page:
        shown(page).context.set_offline(True)
        expect(page.locator(".notice")).to_contain_text(
            "You are offline. The figures are those of"
        )
        page.context.set_offline(False)
        expect(page.locator(".notice")).to_have_count(0)


def test_an_error_has_its_sentence_and_can_be_tried_again(
    browser: Browser, api: StandIn
) -> None:
    api.fail_with = 500
    with opened(browser, api) as page:
        expect(page.locator(".notice")).to_contain_text("The service is resting.")
        api.fail_with = None
        page.get_by_role("button", name="Try again").click()
        shown(page)
        expect(page.locator(".notice")).to_have_count(0)


def test_a_new_site_shows_its_script_tag_and_notices_the_first_event(
    browser: Browser, api: StandIn
) -> None:
    with opened(
        browser, api, "?site=new.example", permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        expect(page.get_by_role("heading", name="Let’s see your first visitor")).to_be_visible()
        page.get_by_role("button", name="Copy").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        tag = f'<script defer src="{api.url}tracker.js"></script>'
        assert page.evaluate("navigator.clipboard.readText()") == tag
        api.first_visit_at_new = True
        page.wait_for_url("**/*view=realtime*", timeout=9_000)
        expect(page.locator(".now-number")).not_to_have_text("–")


def test_no_site_at_all_is_a_first_visit(browser: Browser, api: StandIn) -> None:
    api.sites = []
    try:
        with opened(browser, api, "") as page:
            expect(page.get_by_text("every page of your site")).to_be_visible()
    finally:
        api.sites = ["example.com"]


def test_a_period_without_visitors_says_so(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=quiet.example") as page:
        expect(page.get_by_text("Nobody came in this period")).to_be_visible()
        page.get_by_role("button", name="Show all time").click()
        shown(page)


def test_filters_that_match_nobody_can_be_cleared(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=example.com&filters=page==/nowhere") as page:
        expect(page.get_by_text("Nobody matches these filters")).to_be_visible()
        page.keyboard.press("Escape")
        shown(page)
        expect_figure(page, "visitors", stats(api)["totals"]["visitors"])


def test_what_an_older_server_lacks_is_left_out(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=plain.example") as page:
        shown(page)
        expect(page.get_by_role("tab", name="Referrers")).to_be_visible()
        for name in ("Channels", "Countries", "Browsers", "Events"):
            expect(page.get_by_role("tab", name=name)).to_have_count(0)
        expect(page.locator("#card-hours")).to_have_count(0)
        page.get_by_role("link", name="Sessions").click()
        expect(page.locator("#sessions")).to_contain_text(
            "This server does not offer this yet."
        )


def test_a_slow_answer_makes_nothing_jump(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=slow.example") as page:
        page.evaluate(
            "window.jumped = 0; new PerformanceObserver((list) => list.getEntries().forEach("
            "(entry) => { window.jumped += entry.value }))"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        shown(page)
        page.locator("#card-hours").wait_for()
        assert page.evaluate("window.jumped") < 0.02
        assert len(stats_requests(api)) == 1


@pytest.mark.parametrize("view", ["overview", "realtime", "sessions"])
def test_hostile_values_are_text(browser: Browser, api: StandIn, view: str) -> None:
    foreign: list[str] = []
    refused: list[str] = []
    with opened(browser, api, f"?site=hostile.example&view={view}") as page:
        page.on("request", lambda request: foreign.append(request.url))
        page.on("console", lambda message: refused.append(message.text))
        if view == "overview":
            shown(page).locator("#card-pages .row", has_text="<script>").click()
            expect(page.locator(".pill")).to_contain_text("<script>window.hacked=1</script>")
            page.locator("#card-sources .expand").click()
            expect(page.get_by_role("dialog").locator("tbody tr").first).to_be_visible()
        else:
            row = page.locator(".visit" if view == "realtime" else ".sessions-table .open")
            row.first.click()
            expect(page.get_by_role("dialog").locator(".steps li").first).to_be_visible()
        assert page.evaluate("window.hacked") is None
        assert (
            page.locator(
                "main script, main img, main iframe, dialog script, dialog img"
            ).count()
            == 0
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    host = urlsplit(api.url).netloc
    assert all(
        urlsplit(url).netloc == host
        for url in foreign
        if not url.startswith(("blob:", "data:"))
    )
    assert [text for text in refused if "Content Security Policy" in text] == []


def test_a_download_has_no_formulas(browser: Browser, api: StandIn) -> None:
    with opened(browser, api, "?site=hostile.example&sources=source") as page:
        with page.expect_download() as download:
            shown(page).locator("#card-sources .download").click()
        text = download.value.path().read_text(encoding="utf-8")
        assert '"\'=HYPERLINK(""http://evil.example"")"' in text
