"""Which visitors are not counted, and what is not stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from .drivers import launch_options
from .recorder import LOCAL_HOSTS, tracker_source, until
from .tracker_world import World, hide, kept, open_world

world = pytest.fixture(open_world)

BLOCKED = """for (const name of ['sessionStorage', 'localStorage']) {
  const get = () => { throw new DOMException('no', 'SecurityError') }
  Object.defineProperty(window, name, { get })
}"""
FULL = (
    "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
)


@pytest.mark.parametrize(
    "signal",
    [
        pytest.param("navigator, 'globalPrivacyControl', { value: true }", id="GPC"),
        pytest.param("navigator, 'doNotTrack', { value: '1' }", id="DNT"),
        pytest.param("window, 'Cypress', { value: {} }", id="Cypress"),
    ],
)
def test_opted_out_visitor_is_not_counted(world: World, signal: str) -> None:
    world.context.add_init_script(f"Object.defineProperty({signal})")
    world.visit("/a")
    world.tab.evaluate("liveinsight('bought'); liveinsight.page()")
    hide(world.tab)

    assert world.has_sent_nothing()
    assert world.tab.evaluate("sessionStorage.length + localStorage.length") == 0


def test_automated_browser_is_not_counted(
    world: World, browser: Browser, chromium: str
) -> None:
    options = launch_options(chromium)
    options["args"] = [flag for flag in options["args"] if "AutomationControlled" not in flag]
    automated = browser.browser_type.launch(**options)
    tab = automated.new_page()
    tab.goto(world.recorder.page("/a"))
    tab.evaluate("liveinsight('bought')")

    assert tab.evaluate("navigator.webdriver")
    assert world.has_sent_nothing()
    automated.close()


def test_local_page_is_counted_only_with_the_option(world: World) -> None:
    world.recorder.hosts = LOCAL_HOSTS
    world.recorder.page("/a")
    for host in (world.recorder.url, world.recorder.other_url):
        world.tab.goto(f"{host}/a")
    assert world.has_sent_nothing()
    world.visit("/b", "data-local")

    world.wait_for_paths("/b")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("shop.example", True),
        ("localhost.example", True),
        ("127.example", True),
        ("app.localhost", False),
        ("192.168.1.7", False),
        ("[::1]", False),
    ],
)
def test_local_hosts_are_recognized(world: World, host: str, counted: bool) -> None:
    bodies: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            bodies.append(route.request.post_data or "")
            route.fulfill(json={"session_id": "sess_1", "results": []})
        elif route.request.url.endswith("tracker.js"):
            route.fulfill(body=tracker_source(), content_type="text/javascript")
        else:
            route.fulfill(
                body="<script defer src=tracker.js></script>", content_type="text/html"
            )

    world.context.route("**/*", answer)
    world.tab.goto(f"http://{host}/")
    until(lambda: bodies, page=world.tab, seconds=8 if counted else 0.3)

    assert bool(bodies) == counted


def test_opt_out_deletes_stored_data_and_lasts_until_opt_in(world: World) -> None:
    world.recorder.fail(429, times=1, Retry_After="60")
    world.visit("/a")
    world.wait_for_attempts(1)
    assert until(lambda: kept(world.tab)[1], page=world.tab)
    world.tab.evaluate("liveinsight.opt_out(); liveinsight('bought')")
    assert kept(world.tab)[0] == []
    world.tab.reload()
    hide(world.tab)
    other = world.watch(world.context.new_page())
    other.goto(f"{world.recorder.url}/a")
    other.wait_for_timeout(300)
    assert len(world.recorder.deliveries) == 1
    other.evaluate("liveinsight.opt_in(); liveinsight('bought')")

    world.wait_for("page_view")
    world.wait_for("bought")


@pytest.mark.parametrize("trouble", [BLOCKED, FULL], ids=["blocked", "full"])
def test_tracker_works_with_broken_storage(world: World, trouble: str) -> None:
    world.context.add_init_script(trouble)
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    world.tab.evaluate("liveinsight.identify('anna'); liveinsight('bought')")
    world.wait_for("bought")
    world.tab.evaluate("history.pushState({}, '', '/spa')")
    world.wait_for("page_view", 2)
    world.tab.click("a")
    world.wait_for("page_view", 3)
    world.tab.evaluate("liveinsight.opt_out(); liveinsight('later')")
    world.tab.wait_for_timeout(200)

    assert world.recorder.events("later") == []


def test_no_storage_option_stores_nothing_and_loses_no_event(world: World) -> None:
    world.recorder.page("/b", "data-no-storage")
    world.visit("/a", "data-no-storage", body="<a href=/b>b</a>")
    world.wait_for("page_view")
    world.tab.click("a")

    world.wait_for_paths("/a", "/b")
    # There is nothing to hand over through, so engagement went alone.
    world.wait_for("engagement")
    assert world.tab.evaluate("sessionStorage.length + localStorage.length") == 0
    assert world.tab.evaluate("document.cookie") == ""


def test_local_file_is_not_counted(world: World, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<script defer src={world.recorder.url}/tracker.js></script>")
    world.tab.goto(page.as_uri())

    assert world.has_sent_nothing()
