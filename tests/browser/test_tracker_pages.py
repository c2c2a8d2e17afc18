"""Page views: what counts as one, what it contains, and under which path."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, expect

from .drivers import launch_options
from .recorder import until
from .tracker_world import USER_AGENT, World, hide, open_world

world = pytest.fixture(open_world)


def test_page_view_has_the_data_of_the_browser(world: World) -> None:
    tab = world.visitor(
        locale="de-AT", timezone_id="Europe/Vienna", screen={"width": 1440, "height": 900}
    )
    tab.goto(
        world.recorder.page("/a?utm_source=news", title="Über uns"),
        referer="https://news.example/x",
    )

    [view] = world.wait_for("page_view")
    assert view["page_url"] == f"{world.recorder.url}/a?utm_source=news"
    assert view["referrer"] == "https://news.example/x"
    assert view["title"] == "Über uns"
    [delivery] = world.recorder.deliveries
    assert delivery.headers["Accept-Language"].startswith("de-AT")  # read by the collector
    assert (view["screen"], view["timezone"]) == ("1440x900", "Europe/Vienna")
    assert 0 <= view["age"] < 5000
    assert "user_id" not in view
    assert "session_id" not in view


def test_request_needs_no_preflight_and_sends_no_cookie(world: World) -> None:
    world.context.add_cookies([{"name": "a", "value": "b", "url": world.recorder.other_url}])
    world.visit("/a", script=f"{world.recorder.other_url}/tracker.js")

    world.wait_for("page_view")
    [delivery] = world.recorder.deliveries
    assert delivery.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert "Cookie" not in delivery.headers


def test_next_page_view_has_the_referrer_and_the_session(world: World) -> None:
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    [first] = world.wait_for("page_view")
    world.tab.click("a")

    world.wait_for_paths("/a", "/b")
    second = world.recorder.events("page_view")[1]
    assert second["referrer"] == f"{world.recorder.url}/a"
    assert second["session_id"].startswith("sess_")
    assert second["event_id"] != first["event_id"]


def test_each_new_path_of_an_app_is_a_page_view_with_its_title(world: World) -> None:
    world.visit("/a", title="A")
    world.wait_for("page_view")
    for step in (
        "history.pushState({}, '', '/b'); document.title = 'B'",
        "history.replaceState({}, '', '/c'); setTimeout(() => { document.title = 'C' }, 50)",
        "history.pushState({}, '', '/c?tab=2')",
        "history.pushState({}, '', '#part')",
        "history.pushState({ same: 1 }, '')",
    ):
        world.tab.evaluate(step)
        world.tab.wait_for_timeout(300)

    world.wait_for_paths("/a", "/b", "/c")
    views = world.recorder.events("page_view")
    assert [view["title"] for view in views] == ["A", "B", "C"]
    assert [view["referrer"] for view in views[1:]] == [
        f"{world.recorder.url}/a", f"{world.recorder.url}/b",
    ]  # fmt: skip


def test_page_view_waits_for_its_own_title(
    world: World,
) -> None:
    tab = world.tab
    tab.clock.install(time="2026-01-01T12:00:00")
    world.visit("/a")
    world.wait_for("page_view")
    tab.clock.pause_at("2026-01-01T12:01:00")
    tab.evaluate("history.pushState({}, '', '/b'); document.title = 'B'")
    tab.clock.run_for(200)
    tab.evaluate("history.pushState({}, '', '/c')")
    tab.clock.run_for(200)
    tab.evaluate("document.title = 'C'")
    tab.clock.resume()

    world.wait_for_paths("/a", "/b", "/c")
    assert [view["title"] for view in world.recorder.events("page_view")] == ["/a", "B", "C"]


def test_page_view_is_sent_before_its_events(world: World) -> None:
    world.visit("/a")
    world.wait_for_answer()
    world.tab.evaluate("history.pushState({}, '', '/b'); liveinsight('bought')")

    world.wait_for("bought")
    assert world.recorder.deliveries[1].types == ["engagement", "page_view", "bought"]


def test_back_and_forward_in_an_app_count_once_each(world: World) -> None:
    world.visit("/a")
    for path in ("/b", "/c"):
        world.tab.evaluate("path => history.pushState({}, '', path)", path)
    world.tab.go_back()
    world.tab.go_back()
    world.tab.go_forward()

    world.wait_for_paths("/a", "/b", "/c", "/b", "/a", "/b")


def test_short_view_of_an_app_is_not_lost(world: World) -> None:
    world.visit("/a")
    world.wait_for("page_view")
    world.tab.evaluate("history.pushState({}, '', '/b')")
    hide(world.tab)

    world.wait_for_paths("/a", "/b")


def test_hash_routing_includes_the_fragment_in_the_path(world: World) -> None:
    world.visit("/app?utm_source=x", "data-hash")
    world.wait_for_paths("/app")
    world.tab.evaluate("location.hash = '#/one'")
    world.wait_for_paths("/app", "/app/one")
    world.tab.evaluate("location.hash = '#two?tab=1'")
    world.wait_for_paths("/app", "/app/one", "/app/two")
    world.tab.evaluate("location.hash = '#/two?tab=2'")  # the same page
    world.tab.evaluate("location.hash = '#three'")

    world.wait_for_paths("/app", "/app/one", "/app/two", "/app/three")
    assert world.recorder.events("page_view")[1]["page_url"].endswith("/app/one?utm_source=x")


def test_deep_link_with_hash_routing_counts_as_its_view(world: World) -> None:
    world.recorder.page("/", "data-hash")
    world.tab.goto(f"{world.recorder.url}/#/about")

    world.wait_for_paths("/about")


def test_fragment_is_not_a_page_without_hash_routing(world: World) -> None:
    world.visit("/a", body="<a href='#part'>part</a>")
    world.wait_for("page_view")
    world.tab.click("a")
    world.tab.wait_for_timeout(300)

    world.wait_for_paths("/a")
    assert "#" not in world.recorder.events()[0]["page_url"]


def test_manual_mode_counts_only_called_pages(world: World) -> None:
    world.visit("/a", "data-manual")
    world.tab.evaluate("history.pushState({}, '', '/b')")
    world.tab.evaluate("liveinsight.page()")
    world.tab.evaluate("liveinsight.page('/virtual?x=1')")
    world.tab.evaluate("liveinsight('bought')")

    world.wait_for_paths("/b", "/virtual")
    assert world.wait_for("bought")[0]["page_url"] == f"{world.recorder.url}/virtual?x=1"


def test_page_from_the_back_forward_cache_counts_again(
    world: World, browser: Browser, chromium: str
) -> None:
    # Playwright switches that cache off in browsers that it starts.
    caching = browser.browser_type.launch(
        **launch_options(chromium), ignore_default_args=["--disable-back-forward-cache"]
    )
    tab = caching.new_context(user_agent=USER_AGENT).new_page()
    tab.goto(world.recorder.page("/a"))
    tab.evaluate("window.kept = true")
    tab.goto(world.recorder.page("/b"))
    until(lambda: len(world.recorder.paths()) == 2, page=tab)
    tab.evaluate("history.back()")

    until(lambda: len(world.recorder.paths()) == 3, page=tab)
    assert world.recorder.paths() == ["/a", "/b", "/a"]
    assert tab.evaluate("window.kept")
    caching.close()


def test_page_loaded_in_the_background_counts_when_visible(world: World) -> None:
    world.tab.add_init_script(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    )
    world.visit("/a")
    assert world.has_sent_nothing()
    world.tab.evaluate(
        "Object.defineProperty(document, 'hidden', { value: false, configurable: true })"
    )

    world.wait_for_paths("/a")


def test_two_script_tags_count_once(world: World) -> None:
    world.visit("/a", head="<script defer src=/tracker.js></script>")
    world.wait_for("page_view")
    world.tab.wait_for_timeout(200)

    world.wait_for_paths("/a")


def test_calls_before_the_tracker_loads_are_counted(world: World) -> None:
    world.visit(
        "/a",
        head="""<script>
          window.liveinsight = window.liveinsight ||
            function () { (liveinsight.q = liveinsight.q || []).push(arguments) }
          liveinsight('early', { plan: 'pro' })
        </script>""",
    )

    assert world.wait_for("early")[0]["props"] == {"plan": "pro"}
    # What is ready together travels together.
    assert world.recorder.deliveries[0].types == ["page_view", "early"]


@pytest.mark.parametrize(
    ("attributes", "path", "counted"),
    [
        pytest.param("data-mask='/u/*/orders/*'", "/u/7/orders/9", "/u/*/orders/*", id="ids"),
        pytest.param("data-mask='/u/*'", "/u/7/edit", "/u/7/edit", id="one segment"),
        pytest.param("data-mask='/u/*, /files/**'", "/files/a/b", "/files/**", id="any rest"),
        pytest.param("data-mask='/a.b'", "/aXb", "/aXb", id="a dot is a dot"),
        pytest.param("data-exclude='/admin/**'", "/admin/x/y", None, id="excluded"),
        pytest.param("data-exclude='/admin/*'", "/admin/x/y", "/admin/x/y", id="not excluded"),
        pytest.param("data-exclude='/admin'", "/Admin", None, id="regardless of case"),
        pytest.param("data-include='/blog/** /shop'", "/shop", "/shop", id="included"),
        pytest.param("data-include='/blog/**'", "/shop", None, id="not included"),
        pytest.param("data-site=shop.example", "/x", "/x", id="another site"),
    ],
)  # fmt: skip
def test_paths_are_masked_and_excluded(
    world: World, attributes: str, path: str, counted: str | None
) -> None:
    world.visit(path, attributes)

    if counted is None:
        assert world.has_sent_nothing()
    else:
        world.wait_for_paths(counted)
        site = "https://shop.example" if "data-site" in attributes else world.recorder.url
        assert world.recorder.events()[0]["page_url"] == site + counted


def test_internal_referrer_is_masked(world: World) -> None:
    world.recorder.page("/b", "data-site=shop.example data-mask='/users/*'")
    world.tab.goto(f"{world.recorder.url}/b", referer=f"{world.recorder.url}/users/7")

    assert world.wait_for("page_view")[0]["referrer"] == "https://shop.example/users/*"


def test_overlong_url_is_truncated(world: World) -> None:
    world.recorder.page("/a")
    world.tab.goto(f"{world.recorder.url}/a?q={'ü' * 1000}")

    assert len(world.wait_for("page_view")[0]["page_url"]) == 2000


def test_page_in_a_frame_counts(world: World) -> None:
    world.recorder.page("/inner")
    world.visit("/outer", body="<iframe src=/inner sandbox=allow-scripts></iframe>")

    until(lambda: len(world.recorder.paths()) == 2, page=world.tab)
    assert set(world.recorder.paths()) == {"/outer", "/inner"}


def test_page_does_not_wait_for_the_collector(world: World) -> None:
    world.recorder.fail("hold")
    started = time.monotonic()
    world.visit("/a", body="<p>there</p>")

    expect(world.tab.locator("p")).to_have_text("there")
    assert time.monotonic() - started < 5
    world.recorder.recover()
    world.wait_for("page_view")
