"""What happens on a site while its dashboard is open: events arrive, some of them hostile, and
sessions are read and exported."""

from __future__ import annotations

import csv
import json
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.dashboard_page import downloaded, opened, shown, wait_until
from tests.end_to_end.product import Product

ATTACKS = [
    "<img src=x onerror=window.hacked=1>",
    '"><script>window.hacked=1</script>',
    "javascript:window.hacked=1",
    '=HYPERLINK("http://evil.example")',
    "\u202egnp.exe",
    "a" * 400,
    "{{constructor.constructor('window.hacked=1')()}}",
    "__proto__",
]


def visit(product: Product, site: str, **fields: Any) -> dict[str, Any]:
    """Send a page view of a new visitor."""
    event = {"event_type": "page_view", "page_url": f"https://{site}/", "user_id": uuid4().hex}
    answer = product.post({**event, **fields})
    assert answer.status == 200, answer.text
    result: dict[str, Any] = answer.json
    return result


def test_new_session_appears_in_the_feed(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&view=realtime") as dashboard:
        page = shown(dashboard, ".session-row")
        first = page.locator(".feed li").first.get_attribute("data-key")
        page.evaluate(
            "document.querySelector('.feed').addEventListener('animationstart',"
            " (event) => { window.slid = event.animationName })"
        )
        page_url = "https://demo.example/just-now"
        session = visit(shop, "demo.example", page_url=page_url)["session_id"]
        expect(page.locator(".feed li").first).to_have_attribute(
            "data-key", session, timeout=9_000
        )
        expect(page.locator(f'.feed li[data-key="{first}"]')).to_have_count(1)
        expect(page.locator('[data-dimension="page"]')).to_contain_text("/just-now")
        wait_until(page, "window.slid === 'arrive'")


def test_first_event_of_a_new_site_is_shown(browser: Browser, shop: Product) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with opened(browser, shop, "?site=places.example", permissions=permissions) as dashboard:
        page = dashboard.page
        heading = page.get_by_role("heading", name="Let’s see your first visitor")
        expect(heading).to_be_visible()
        page.get_by_role("button", name="Copy").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        tag = f'<script defer src="{shop.url}/tracker.js"></script>'
        assert page.evaluate("navigator.clipboard.readText()") == tag

        event = {"event_type": "page_view", "page_url": "https://places.example/"}
        assert shop.post(event, CloudFront_Viewer_Country="KR").status == 200
        page.wait_for_url("**/*view=realtime*", timeout=9_000)
        expect(page.locator(".now-number")).to_have_text("1")
        expect(page.locator('[data-dimension="country"]')).to_contain_text("South Korea")
        page.keyboard.press("o")
        shown(dashboard)
        expect(page.locator("#card-locations .name")).to_have_text(["South Korea"])


def test_sessions_are_listed_filtered_and_opened(browser: Browser, shop: Product) -> None:
    with opened(browser, shop, "?site=demo.example&period=28d&view=sessions") as dashboard:
        page = shown(dashboard, ".sessions-table .open")
        lines = page.locator(".sessions-table tbody tr")
        expect(lines).to_have_count(50)
        page.get_by_role("button", name="Show more").click()
        expect(lines).to_have_count(100)
        assert dashboard.queries("/api/stats") == []

        page.goto(page.url + "&filters=country==DE;page==/seeds.html")
        page.locator(".sessions-table .open").first.wait_for()
        listed = dashboard.answer("/api/sessions")["sessions"]
        assert {session["country"] for session in listed} == {"DE"}
        number = next(
            at
            for at, session in enumerate(listed[:-1])
            if session["page_count"] > 2 and session["ended_by"] == "timeout"
        )
        page.locator(".sessions-table .open").nth(number).click()
        drawer = page.get_by_role("dialog")
        expect(drawer).to_contain_text("Ended: no events for 30 minutes.")
        expect(drawer.locator(".timeline .gap").nth(2)).to_contain_text("later")
        drawer.get_by_role("button", name="Older session").click()
        page.wait_for_url(f"**/*session={listed[number + 1]['session_id']}*")
        page.go_back()
        expect(drawer).to_be_hidden()


@pytest.mark.parametrize("form", ["CSV", "NDJSON"])
def test_sessions_of_a_period_are_exported(browser: Browser, shop: Product, form: str) -> None:
    with opened(browser, shop, "?site=demo.example&filters=device==mobile") as dashboard:
        page = shown(dashboard)
        page.locator("#menu-button").click()
        name, text = downloaded(page, f'.menu-item:has-text("Export sessions ({form})")')
        assert name == f"demo.example-7d-sessions.{form.lower()}"
        lines = text.splitlines()
        read = csv.DictReader(lines) if form == "CSV" else map(json.loads, lines)
        result = list(read)
        sessions = dashboard.answer("/api/stats")["totals"]["sessions"]
        assert len({row["session_id"] for row in result}) == len(result) == sessions
        assert {row["device"] for row in result} == {"mobile"}


def test_export_continues_until_there_is_no_cursor(browser: Browser, shop: Product) -> None:
    pages = [("a,b\r\n1,2\r\n", "next"), ("3,4\r\n", "")]
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.route(
            "**/api/export*",
            lambda route: route.fulfill(
                body=pages["cursor=next" in route.request.url][0],
                headers={"x-liveinsight-cursor": pages["cursor=next" in route.request.url][1]},
            ),
        )
        page.locator("#menu-button").click()
        _, text = downloaded(page, '.menu-item:has-text("Export sessions (CSV)")')
        assert text == "a,b\r\n1,2\r\n3,4\r\n"


def test_each_card_can_be_downloaded_as_csv(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        result = dashboard.answer("/api/stats")["breakdowns"]
        for card, dimension in {"pages": "page", "hours": "hour_of_week"}.items():
            name, text = downloaded(page, f"#card-{card} .download")
            lines = list(csv.DictReader(text.splitlines()))
            assert name == f"demo.example-7d-{dimension}.csv"
            assert len(lines) == result[dimension]["total"]
            assert lines[0]["visitors"] == str(result[dimension]["rows"][0]["visitors"])


@pytest.fixture(scope="module")
def attacked(shop: Product) -> Product:
    """Return a site whose visitors sent hostile strings in every field."""
    for attack in ATTACKS:
        first = visit(
            shop,
            "hostile.example",
            page_url=f"https://hostile.example/{attack}?utm_source={attack}&utm_campaign={attack}",
            title=attack,
            referrer=f"https://evil.example/{attack}",
            language=attack[:35],
            screen=attack[:11],
        )
        event = {"event_type": attack[:120], "props": {attack[:60]: attack}}
        named = {"session_id": first["session_id"], "user_id": attack.replace("/", "")[:128]}
        shop.post({**event, **named, "page_url": "https://hostile.example/"})
    return shop


@pytest.mark.parametrize("view", ["overview", "realtime", "sessions"])
def test_hostile_values_are_shown_as_text(
    browser: Browser, attacked: Product, view: str
) -> None:
    query = f"?site=hostile.example&period=today&view={view}"
    with opened(browser, attacked, query) as dashboard:
        page = dashboard.page
        if view == "overview":
            shown(dashboard).locator("#card-pages .row", has_text="script").first.click()
            expect(page.locator(".pill")).to_contain_text("window.hacked=1")
            page.locator("#card-sources .expand").click()
            expect(page.get_by_role("dialog").locator("tbody tr").first).to_be_visible()
        else:
            row = page.locator(
                ".session-row" if view == "realtime" else ".sessions-table .open"
            )
            row.first.click()
            expect(page.get_by_role("dialog").locator(".timeline li").first).to_be_visible()
        assert page.evaluate("window.hacked") is None
        made = "main :is(script, img, iframe), dialog :is(script, img, iframe)"
        assert page.locator(made).count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_downloaded_file_has_no_formulas(browser: Browser, attacked: Product) -> None:
    with opened(browser, attacked, "?site=hostile.example&sources=utm_campaign") as dashboard:
        _, text = downloaded(shown(dashboard), "#card-sources .download")
        assert '"\'=HYPERLINK(""http://evil.example"")"' in text
