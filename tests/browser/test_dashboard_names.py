"""Names on the dashboard are readable: paths are decoded, markup is shown as text, and the
filter of each row finds it again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from devkit.emulated_aws.emulator import Emulator
from tests.browser.dashboard_page import downloaded, expect_figure, opened, send_at, shown
from tests.end_to_end.product import Product, start_product

SITE = "names.example"
KOREAN = "/한국어/문서"
EMOJI = "/👩‍💻/café"
HIDDEN = "/a\u202egpj.exe\u200b"  # turned around, and a space that has no width
PLAIN = "/plain"
ODD = "net, EUR; a==1|2 \\"  # the name of a property
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def view(path: str, **fields: Any) -> dict[str, Any]:
    return {"page_url": f"https://{SITE}{quote(path)}", **fields}


@pytest.fixture(scope="module")
def named(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Return a site whose pages, events and sources have names of every kind."""
    logs = tmp_path_factory.mktemp("named")
    product = start_product(emulator, "named", logs, expire_seconds=60, SITES=SITE)
    try:
        korean = view(KOREAN, user_id="kim")
        wiki = {"url": "https://ko.wikipedia.org/wiki/%ED%95%9C%EA%B5%AD"}
        link = {**korean, "event_type": "outbound_link", "props": wiki}
        bold = {**korean, "event_type": "<b>(other)</b>", "props": {ODD: "<i>pro</i>"}}
        send_at(product, YESTERDAY, korean, link, bold, {**korean, "event_type": "(other)"})
        null = view(PLAIN + "?", page_url=f"https://{SITE}{PLAIN}?utm_source=null")
        send_at(product, YESTERDAY, null, *map(view, [EMOJI, HIDDEN, PLAIN]))
        send_at(product, datetime.now(UTC), view(KOREAN))
        yield product
    finally:
        product.stop()


def row(page: Page, card: str, name: str) -> Any:
    region = page.get_by_role("region", name=card, exact=True)
    return region.get_by_role("button").filter(has=page.get_by_text(name, exact=True))


def test_paths_are_shown_decoded(browser: Browser, named: Product) -> None:
    with opened(browser, named, f"?site={SITE}&period=7d") as dashboard:
        page = shown(dashboard)
        for tab in ("Pages", "Entry pages", "Exit pages"):
            page.get_by_role("tab", name=tab, exact=True).click()
            for path in (KOREAN, EMOJI, PLAIN):
                expect(row(page, "Pages", path)).to_have_attribute("title", path)
        page.get_by_role("button", name="Details").nth(1).click()
        listed = page.get_by_role("dialog", name="Exit pages").get_by_role(
            "button", name=KOREAN
        )
        expect(listed).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Realtime").click()
        expect(page.get_by_role("button").filter(has_text=KOREAN)).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text=KOREAN)).to_have_count(2)
        page.get_by_role("link", name="Sessions").click()
        session = page.get_by_role("row").filter(has_text=KOREAN).last
        session.get_by_role("button").click()
        timeline = page.get_by_role("dialog", name="Session")
        expect(timeline.get_by_role("listitem").nth(1)).to_contain_text(KOREAN)
        expect(timeline).to_contain_text("url: https://ko.wikipedia.org/wiki/한국")


def test_invisible_characters_are_not_decoded(browser: Browser, named: Product) -> None:
    with opened(browser, named, f"?site={SITE}&period=7d") as dashboard:
        names = shown(dashboard).locator("#card-pages .name").all_inner_texts()
        result = next(name for name in names if "exe" in name)
        assert not {"\u202e", "\u200b"} & set(result)
        assert result != "/agpj.exe"


def test_decoded_row_can_be_searched(browser: Browser, named: Product) -> None:
    """With the filter that a click sets, with a link to it, and with an older link to its
    encoded form."""
    with opened(browser, named, f"?site={SITE}&period=7d") as dashboard:
        page = shown(dashboard)
        row(page, "Pages", KOREAN).click()
        pill = page.get_by_role("button", name="Remove filter:")
        expect(pill).to_have_accessible_name(f"Remove filter: Page is {KOREAN}")
        expect(row(page, "Pages", KOREAN)).to_have_attribute("aria-pressed", "true")
        expect_figure(page, "sessions", 2)
        page.reload()
        shown(dashboard)
        expect(row(page, "Pages", KOREAN)).to_have_attribute("aria-pressed", "true")
        expect_figure(page, "sessions", 2)
        page.get_by_role("link", name="Sessions").click()
        expect(page.get_by_role("row").filter(has_text=KOREAN)).to_have_count(2)
    encoded = quote(f"page=={quote(KOREAN)}")
    with opened(browser, named, f"?site={SITE}&period=7d&filters={encoded}") as dashboard:
        page = shown(dashboard)
        expect(
            page.get_by_role("button", name=f"Remove filter: Page is {KOREAN}")
        ).to_be_visible()
        expect(row(page, "Pages", KOREAN)).to_have_attribute("aria-pressed", "true")
        row(page, "Pages", KOREAN).click()
        expect(pill_of(page)).to_have_count(0)


def pill_of(page: Page) -> Any:
    return page.get_by_role("button", name="Remove filter:")


def test_downloaded_file_has_decoded_paths(browser: Browser, named: Product) -> None:
    with opened(browser, named, f"?site={SITE}&period=7d") as dashboard:
        shown(dashboard)
        name, text = downloaded(dashboard.page, "#card-pages .download")
        assert name == f"{SITE}-7d-page.csv"
        visitors = {
            line["page"]: line["visitors"] for line in csv.DictReader(text.splitlines())
        }
        assert visitors[KOREAN] == "2"
        assert visitors[EMOJI] == "1"


def test_event_named_other_is_a_normal_row(browser: Browser, named: Product) -> None:
    with opened(browser, named, f"?site={SITE}&period=7d") as dashboard:
        page = shown(dashboard)
        row(page, "Events", "(other)").click()
        expect(pill_of(page)).to_have_accessible_name("Remove filter: Event is (other)")
        expect_figure(page, "sessions", 1)
        expect(row(page, "Events", "<b>(other)</b>")).to_be_visible()


def test_truncated_list_ends_with_other(browser: Browser, named: Product) -> None:
    """No filter matches that row."""

    def cut(route: Route) -> None:
        answer = route.fetch().json()
        answer["data"]["meta"]["cut"] = ["event"]
        route.fulfill(json=answer)

    def prepare(page: Page) -> None:
        page.route("**/api/stats*", cut)

    with opened(browser, named, f"?site={SITE}&period=7d", prepare=prepare) as dashboard:
        page = shown(dashboard)
        events = page.get_by_role("region", name="Events", exact=True)
        expect(events.get_by_text("Other", exact=True)).to_be_visible()
        expect(row(page, "Events", "Other")).to_have_count(0)
        events.get_by_role("button", name="Details").click()
        rest = page.get_by_role("dialog").get_by_role("button", name="Other", exact=True)
        expect(rest).to_be_disabled()


def test_value_named_null_differs_from_a_missing_value(
    browser: Browser, named: Product
) -> None:
    with opened(browser, named, f"?site={SITE}&period=7d") as dashboard:
        page = shown(dashboard)
        names = ["Direct / none", "null"]
        for _ in range(2):
            expect(page.locator("#card-sources .name")).to_have_text(names)
            page.keyboard.press("x")  # another comparison: the same rows once more
            page.wait_for_url("**/*compare=*")
        row(page, "Sources", "null").click()
        expect(pill_of(page)).to_have_accessible_name("Remove filter: Source is null")
        expect_figure(page, "sessions", 1)


def test_property_can_have_any_name(browser: Browser, named: Product) -> None:
    query = f"?site={SITE}&period=7d&events=prop&prop={quote(ODD)}"
    with opened(browser, named, query) as dashboard:
        page = shown(dashboard)
        row(page, "Events", "<i>pro</i>").click()
        name = f"Remove filter: Property {ODD} is <i>pro</i>"
        expect(pill_of(page)).to_have_accessible_name(name)
        expect(row(page, "Events", "<i>pro</i>")).to_have_attribute("aria-pressed", "true")
        expect_figure(page, "sessions", 1)
        page.reload()
        expect(row(page, "Events", "<i>pro</i>")).to_have_attribute("aria-pressed", "true")


def test_decoded_path_can_be_searched_and_filtered(browser: Browser, named: Product) -> None:
    with opened(browser, named, f"?site={SITE}&period=7d&all=page") as dashboard:
        page = shown(dashboard, "dialog tbody tr")
        pages = page.get_by_role("dialog", name="Pages")
        pages.get_by_role("searchbox").fill("한국")
        expect(pages.get_by_role("row")).to_have_count(2)
        expect(pages.get_by_role("rowheader")).to_have_text(KOREAN)
        page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Filter", exact=True).click()
        page.get_by_label("Condition").select_option("contains")
        page.get_by_role("textbox", name="Value").fill("한국")
        page.get_by_role("button", name="Apply").click()
        expect(pill_of(page)).to_have_accessible_name("Remove filter: Page contains 한국")
        expect(page.get_by_role("button", name="Sessions 2")).to_be_visible()
