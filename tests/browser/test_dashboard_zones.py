"""All dates and times on the dashboard are in one time zone, the site's unless another one is
chosen, wherever the reader is, and each is labelled with it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from devkit.emulated_aws.emulator import Emulator
from tests.browser.dashboard_page import PHONE, downloaded, opened, send_at, shown
from tests.end_to_end.product import Product, start_product

SITE = "zones.example"
KOLKATA = "Asia/Kolkata"
# 23:40 in UTC is tomorrow in most of Asia.
LATE = (datetime.now(UTC) - timedelta(days=3)).replace(hour=23, minute=40, second=7)
# Half past two comes twice in Berlin on this day: the clocks are set back at 01:00 UTC.
TWICE = [datetime(2025, 10, 26, hour, 30, tzinfo=UTC) for hour in (0, 1)]
ServeIn = Callable[[str], Product]


@pytest.fixture(scope="module")
def serve_in(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServeIn]:
    """Serve the product with this time zone, a visit late in the UTC day, and two on TWICE."""
    served: dict[str, Product] = {}

    def serve(zone: str) -> Product:
        if zone not in served:
            served[zone] = start_product(
                emulator,
                f"zone{len(served)}",
                tmp_path_factory.mktemp("zone"),
                expire_seconds=60,
                SITES=SITE,
                REPORT_TIMEZONE=zone,
            )
            for at in (*TWICE, LATE):
                send_at(served[zone], at, {"page_url": f"https://{SITE}/late"})
        return served[zone]

    yield serve
    for product in served.values():
        product.stop()


def choose_dates(day: datetime, *, more: str = "") -> str:
    """Return the URL of the dashboard for the day and the days next to it."""
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    return f"?site={SITE}&period=custom&from={first:%Y-%m-%d}&to={last:%Y-%m-%d}{more}"


def hours_card(page: Page) -> Locator:
    return page.get_by_role("region", name="Hours of the week")


@pytest.mark.parametrize(
    ("zone", "reader"),
    [
        ("UTC", KOLKATA),
        (KOLKATA, "America/St_Johns"),
        ("Asia/Seoul", "UTC"),
        ("Pacific/Auckland", "Pacific/Honolulu"),
    ],
)
def test_every_time_is_in_the_time_zone_of_the_site(
    browser: Browser, serve_in: ServeIn, zone: str, reader: str
) -> None:
    local = LATE.astimezone(ZoneInfo(zone))
    query = choose_dates(LATE, more="&interval=hour&table=1")
    with opened(browser, serve_in(zone), query, timezone_id=reader) as dashboard:
        page = shown(dashboard)
        hour = page.locator("#chart").get_by_role("row").filter(has_text="▲")
        expect(hour).to_contain_text(
            re.compile(rf"{local:%a},? {local:%-d %b},? {local:%H}:00")
        )
        expect(page.get_by_role("columnheader", name=f"Time ({zone})")).to_be_visible()
        expect(page.get_by_text(f"Times in {zone}").first).to_be_visible()
        expect(hours_card(page)).to_contain_text(f"Times in {zone}")
        expect(hours_card(page)).to_contain_text(f"Busiest: {local:%A, %H}:00 (1 visitor)")
        expect(page.get_by_role("contentinfo")).to_contain_text(zone)

        page.get_by_role("link", name="Sessions").click()
        session = page.get_by_role("button", name=f"{local:%H:%M}", exact=True)
        expect(page.get_by_role("row").nth(1)).to_contain_text(f"{local:%-d %b}")
        expect(page.get_by_role("region", name="Sessions of the period")).to_contain_text(
            f"Times in {zone}"
        )
        session.click()
        timeline = page.get_by_role("dialog", name="Session")
        expect(timeline).to_contain_text(f"{local:%-d %b %Y, %H:%M:%S}")
        expect(timeline.get_by_role("listitem").nth(1)).to_contain_text(f"{local:%H:%M:%S}")
        expect(timeline).to_contain_text(zone)


def test_linked_session_is_in_the_time_zone_of_the_site(
    browser: Browser, serve_in: ServeIn
) -> None:
    """Its response arrives before any that contains the time zone."""
    with opened(
        browser, serve_in(KOLKATA), choose_dates(LATE, more="&view=sessions"), timezone_id="UTC"
    ) as dashboard:
        page = shown(dashboard, ".sessions-table .open")
        page.locator(".sessions-table .open").first.click()
        page.wait_for_url("**/*session=*")
        page.evaluate("localStorage.removeItem('liveinsight.zone')")
        page.reload()
        timeline = page.get_by_role("dialog", name="Session")
        local = LATE.astimezone(ZoneInfo(KOLKATA))
        expect(timeline).to_contain_text(f"{local:%-d %b %Y, %H:%M:%S}")
        expect(timeline).to_contain_text(KOLKATA)
        assert dashboard.queries("/api/stats") == []


def test_repeated_hour_of_a_clock_change_is_distinguished(
    browser: Browser, serve_in: ServeIn
) -> None:
    query = choose_dates(TWICE[0], more="&view=sessions")
    with opened(
        browser, serve_in("Europe/Berlin"), query, timezone_id="America/New_York"
    ) as dashboard:
        page = shown(dashboard, ".sessions-table .open")
        sessions = page.get_by_role("button", name="02:30", exact=True)
        expect(sessions).to_have_count(2)
        for number, name in enumerate(["CET", "CEST"]):
            moment = f"26 Oct 2025, 02:30:00 {name}"
            expect(sessions.nth(number)).to_have_attribute("title", moment)
        sessions.nth(1).click()
        expect(page.get_by_role("dialog", name="Session")).to_contain_text("02:30:00 CEST")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Overview").click()
        expect(hours_card(page)).to_contain_text("Busiest: Sunday, 02:00 (2 visitors)")


def test_today_is_in_the_time_zone_of_the_site(browser: Browser, serve_in: ServeIn) -> None:
    """In the dates of the period, and in those that can be chosen."""
    zone, reader = "Pacific/Auckland", "Pacific/Honolulu"  # at most two hours of one date
    with opened(
        browser, serve_in(zone), f"?site={SITE}&period=today", timezone_id=reader
    ) as dashboard:
        page = shown(dashboard, ".tile data[value]")
        today = datetime.now(ZoneInfo(zone))
        period = page.get_by_role("button", name="Today")
        expect(period).to_contain_text(f"{today:%-d %b %Y}")
        expect(period).to_have_attribute("title", f"Dates in {zone}")
        period.click()
        expect(page.get_by_text(f"Dates in {zone}")).to_be_visible()
        last = page.get_by_label("To", exact=True)
        expect(last).to_have_value(f"{today:%Y-%m-%d}")
        expect(last).to_have_attribute("max", f"{today:%Y-%m-%d}")


def test_selected_time_zone_applies_everywhere(browser: Browser, serve_in: ServeIn) -> None:
    """For readers who choose their own, and for others who open a link to it."""
    query = choose_dates(LATE, more="&view=sessions")
    local = LATE.astimezone(ZoneInfo(KOLKATA))
    with opened(browser, serve_in("UTC"), query, timezone_id=KOLKATA) as dashboard:
        page = shown(dashboard, ".sessions-table .open")
        expect(page.get_by_role("button", name="23:40", exact=True)).to_be_visible()
        mine = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
        page.get_by_role("button", name="More:").click()
        page.get_by_role("radio", name=f"Mine: {mine}").click()
        expect(page.get_by_role("button", name=f"{local:%H:%M}", exact=True)).to_be_visible()
        expect(page.get_by_text(f"Times in {mine}")).to_be_visible()
        link = page.url.partition("/")[2].partition("?")[2]
    with opened(browser, serve_in("UTC"), f"?{link}", timezone_id="Asia/Tokyo") as dashboard:
        page = shown(dashboard, ".sessions-table .open")
        expect(page.get_by_role("button", name=f"{local:%H:%M}", exact=True)).to_be_visible()
        page.get_by_role("button", name="More:").click()
        expect(page.get_by_role("radio", name=mine, exact=True)).to_be_checked()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Overview").click()
        expect(hours_card(page)).to_contain_text(f"Busiest: {local:%A, %H}:00")


def test_time_zone_unknown_to_the_browser_is_handled(
    browser: Browser, serve_in: ServeIn
) -> None:
    """If the zone is newer than the browser, times are as the API returns them."""

    def forget(page: Page) -> None:
        page.add_init_script(
            "const Known = Intl.DateTimeFormat;"
            "Intl.DateTimeFormat = function (locale, options) {"
            f" if (options?.timeZone === '{KOLKATA}') throw new RangeError('zone');"
            " return new Known(locale, options) }"
        )

    query = choose_dates(LATE, more="&view=sessions")
    with opened(
        browser, serve_in(KOLKATA), query, timezone_id="America/New_York", prepare=forget
    ) as dashboard:
        page = shown(dashboard, ".sessions-table .open")
        local = LATE.astimezone(ZoneInfo(KOLKATA))
        expect(page.get_by_role("button", name=f"{local:%H:%M}", exact=True)).to_be_visible()
        expect(page.get_by_text(f"Times in {KOLKATA}")).to_be_visible()


def test_time_zone_is_named_in_korean(browser: Browser, serve_in: ServeIn) -> None:
    local = LATE.astimezone(ZoneInfo(KOLKATA))
    with opened(
        browser,
        serve_in(KOLKATA),
        choose_dates(LATE),
        size=PHONE,
        locale="ko-KR",
        timezone_id="Asia/Seoul",
    ) as dashboard:
        page = shown(dashboard)
        expect(page.get_by_text(f"시간대: {KOLKATA}").first).to_be_visible()
        page.get_by_role("link", name="세션").click()
        expect(page.get_by_role("button", name=f"{local:%H:%M}", exact=True)).to_be_visible()


def test_minutes_are_labelled_with_their_time_zone(browser: Browser, serve_in: ServeIn) -> None:
    with opened(
        browser, serve_in(KOLKATA), f"?site={SITE}&view=realtime", timezone_id="UTC"
    ) as dashboard:
        page = shown(dashboard, "#realtime .minutes-table td")
        series = dashboard.answer("/api/realtime")["series"]
        minutes = page.get_by_role("table", name="Page views per minute")
        expect(minutes).to_contain_text(f"Time ({KOLKATA})")
        expect(minutes.get_by_role("rowheader").first).to_have_text(series[0]["time"][11:16])
        page.locator("#realtime .minute").first.hover()
        expect(page.locator(".tip")).to_contain_text(f"{series[0]['time'][11:16]} {KOLKATA}")


def test_downloaded_hours_name_the_time_zone(browser: Browser, serve_in: ServeIn) -> None:
    with opened(browser, serve_in(KOLKATA), choose_dates(LATE), timezone_id="UTC") as dashboard:
        shown(dashboard)
        _, text = downloaded(dashboard.page, "#card-hours .download")
        lines = list(csv.DictReader(text.splitlines()))
        local = LATE.astimezone(ZoneInfo(KOLKATA))
        assert [line["hour_of_week"] for line in lines] == [f"{local:%a %H}:00"]
        assert {line["timezone"] for line in lines} == {KOLKATA}
