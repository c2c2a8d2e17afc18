"""What a newcomer does: click around the demo site, and look at the dashboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from devkit.project_paths import DEMO_SITE
from local.app_server import serve, stop_server
from local.demo_server import page_server
from tests.end_to_end.product import CHROME, Product
from tests.end_to_end.test_whole_way import rows
from tests.end_to_end.waiting import until


@pytest.fixture(scope="module")
def product(serve_product) -> Product:
    return serve_product(SESSION_TIMEOUT_SECONDS="8", expire_seconds=0.5)


@pytest.fixture(scope="module")
def demo_site(product: Product) -> Iterator[str]:
    server = page_server(DEMO_SITE, 0, f"{product.url}/tracker.js")
    thread = serve(server)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    stop_server(server, thread)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    # A headless browser says so, and is not counted then.
    context = browser.new_context(user_agent=CHROME)
    yield context
    context.close()


def click_around(page: Page, demo_site: str) -> None:
    """Visit the home page, the seeds and the guide."""
    page.goto(f"{demo_site}/")
    for name in ("Seeds", "Guide"):
        with page.expect_response("**/events"):
            page.get_by_role("navigation").get_by_role("link", name=name).first.click()


def test_clicks_appear_live_and_in_the_stats(
    context: BrowserContext, product: Product, demo_site: str
):
    visitor = context.new_page()
    click_around(visitor, demo_site)

    live = until(
        lambda: product.read("/api/realtime?site=demo.example"), lambda r: r["pageviews"] == 3
    )
    assert (live["current_visitors"], live["open_sessions"]) == (1, 1)
    assert live["pages"] == [{"value": "/guide.html", "visitors": 1}]

    path = "/api/stats?site=demo.example&period=24h"
    stats = until(lambda: product.read(path), lambda s: s["meta"]["open_sessions"] == 0)
    assert (stats["totals"]["sessions"], stats["totals"]["pageviews"]) == (1, 3)
    assert rows(stats, "page") == {"/": 1, "/seeds.html": 1, "/guide.html": 1}
    assert rows(stats, "entry_page") == {"/": 1}
    assert rows(stats, "exit_page") == {"/guide.html": 1}
    assert stats["totals"]["bounce_rate"] == 0


def test_dashboard_shows_a_visitor_at_its_next_poll(
    context: BrowserContext, product: Product, demo_site: str
):
    dashboard = context.new_page()
    dashboard.goto(f"{product.url}/?view=realtime#token={product.token}")
    expect(dashboard.locator("#live:not([data-state=waiting])")).to_be_visible()
    click_around(context.new_page(), demo_site)
    requests: list[str] = []
    dashboard.on(
        "request", lambda r: requests.append(r.url) if "/api/realtime" in r.url else None
    )

    # It asks every 5 seconds; its title begins with the live number.
    dashboard.bring_to_front()
    expect(dashboard).to_have_title(re.compile(r"^\W*1\b"), timeout=30_000)
    assert len(requests) <= 1
    assert "token" not in dashboard.url
