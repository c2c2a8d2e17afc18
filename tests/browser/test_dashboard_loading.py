"""What the dashboard loads before its first numbers, and when a file that it needs is gone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.dashboard_page import opened, shown
from tests.end_to_end.product import Product

SESSIONS_FILE = re.compile(r"/static/sessions_view-\w+\.js$")
NAMED = "?site=demo.example"


@pytest.mark.parametrize(
    ("locale", "query", "requests"),
    [
        pytest.param("en-GB", NAMED, 4, id="English, with a site"),
        pytest.param("en-GB", "", 5, id="English, first visit"),
        pytest.param("ko-KR", NAMED, 5, id="Korean, with a site"),
        pytest.param("ko-KR", "", 6, id="Korean, first visit"),
    ],
)
def test_requests_until_the_first_numbers(
    browser: Browser, shop: Product, locale: str, query: str, requests: int
) -> None:
    with opened(browser, shop, query, locale=locale) as dashboard:
        shown(dashboard, ".tile data")
        paths = [urlsplit(request.url).path for request in dashboard.requests]

    assert paths.index("/api/stats") + 1 == requests, paths


def open_sessions_without_their_file(page: Page, *, times: int) -> list[str]:
    """Go to the sessions while an update has deleted their file; return the pages that load."""
    page.route(SESSIONS_FILE, lambda route: route.fulfill(status=404), times=times)
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    page.get_by_role("link", name="Sessions").click()
    return loads


def test_page_reloads_if_an_update_deleted_a_file(browser: Browser, shop: Product) -> None:
    query = f"{NAMED}&filters=country==DE"
    with opened(browser, shop, query) as dashboard:
        page = shown(dashboard)
        loads = open_sessions_without_their_file(page, times=1)
        page.locator(".sessions-table tbody tr").first.wait_for()
        expect(page.locator(".notice")).to_have_count(0)
        assert len(loads) == 1
        assert dashboard.state == {
            "site": "demo.example", "view": "sessions", "filters": "country==DE",
        }  # fmt: skip


def test_page_reloads_once_if_the_file_stays_missing(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        loads = open_sessions_without_their_file(page, times=5)
        expect(page.locator(".notice")).to_contain_text("Something went wrong")
        assert len(loads) == 1


def test_page_does_not_reload_while_the_server_is_away(browser: Browser, shop: Product) -> None:
    with opened(browser, shop) as dashboard:
        page = shown(dashboard)
        page.route(lambda url: url.startswith(shop.url), lambda route: route.abort())
        loads = open_sessions_without_their_file(page, times=1)
        expect(page.locator(".notice")).to_contain_text("Something went wrong")
        assert loads == []
