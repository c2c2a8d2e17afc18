"""Engagement that a page has not sent when it is left: the next page sends it, or a beacon
does."""

from __future__ import annotations

from typing import Any

import pytest

from .drivers import launch_options
from .recorder import until
from .tracker_world import World, hide, kept, open_world, show

world = pytest.fixture(open_world)

SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"


def engaged_ms(world: World, path: str) -> float:
    """Return the recorded time of the newest view of a path, or 0."""
    views = [v for v in world.recorder.events("page_view") if v["page_url"].endswith(path)]
    engaged = [
        event["engaged_ms"]
        for event in world.recorder.events("engagement")
        if event["event_id"] == views[-1]["event_id"]
    ]
    return max(engaged, default=0)


def read_for_a_minute(world: World) -> None:
    world.tab.clock.fast_forward(60_000)


LINKS = [
    pytest.param("<a href=/leave>x</a>", {}, id="redirect off the host"),
    pytest.param("<a href=/image.svg>x</a>", {}, id="image"),
    pytest.param("<a href=/download>x</a>", {}, id="download by its answer"),
    pytest.param("<a href=/b download>x</a>", {}, id="download attribute"),
    pytest.param("<a href=/b target=_blank>x</a>", {}, id="another tab"),
    pytest.param("<a href=/b>x</a>", {"modifiers": ["Control"]}, id="ctrl-click"),
    pytest.param("<a href=/b>x</a>", {"modifiers": ["Meta"]}, id="meta-click"),
    pytest.param("<a href=/b>x</a>", {"modifiers": ["Shift"]}, id="shift-click"),
    pytest.param("<a href=/b>x</a>", {"button": "middle"}, id="middle click"),
    pytest.param("<a href=/empty>x</a>", {}, id="no content"),
    pytest.param("<a href=//localhost:{port}/b>x</a>", {}, id="another host"),
    pytest.param("<form action=/leave><button>x</button></form>", {}, id="form"),
]


@pytest.mark.parametrize(("body", "click"), LINKS)
def test_engagement_arrives_if_the_next_page_cannot_send_it(
    world: World, body: str, click: dict[str, Any]
) -> None:
    recorder = world.recorder
    recorder.page("/b")
    recorder.page("/leave", status=302, headers={"Location": f"{recorder.other_url}/away"})
    recorder.page("/empty", status=204)
    recorder.page("/image.svg", headers={"Content-Type": "image/svg+xml"})
    recorder.page("/download", headers={"Content-Disposition": "attachment; filename=a.bin"})
    world.tab.clock.install()
    world.visit("/a", body=body.replace("{port}", str(recorder.port)))
    world.wait_for_answer()
    read_for_a_minute(world)
    world.tab.click("a, button", **click)
    world.tab.wait_for_timeout(300)
    world.tab.close()

    assert until(lambda: engaged_ms(world, "/a") >= 60_000)


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param("document.querySelector('a').click()", id="link"),
        pytest.param("location.href = '/b'", id="script"),
        pytest.param("location.replace('/b.html?x=1')", id="replacement"),
        pytest.param("document.querySelector('form').requestSubmit()", id="form"),
        pytest.param("location.reload()", id="reload"),
    ],
)
def test_next_page_of_the_site_saves_a_request(world: World, leave: str) -> None:
    world.recorder.page("/b")
    world.recorder.page("/b.html")
    world.visit("/a", "data-off=form_submit", body="<a href=/b>b</a><form action=/b>")
    world.wait_for_answer()
    world.tab.evaluate(leave)
    world.wait_for("page_view", 2)

    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"], ["engagement", "page_view"],
    ]  # fmt: skip


def test_uncounted_page_sends_the_engagement_handed_over(world: World) -> None:
    world.recorder.page("/admin", "data-exclude=/admin")
    world.visit("/a", body="<a href=/admin>x</a>")
    world.wait_for_answer()
    world.tab.click("a")
    world.tab.wait_for_url("**/admin")

    world.wait_for("engagement")
    world.wait_for_paths("/a")


def test_back_navigation_hands_over_nothing(world: World, chromium: str) -> None:

    caching = world.browser.browser_type.launch(
        **launch_options(chromium), ignore_default_args=["--disable-back-forward-cache"]
    )
    tab = caching.new_page()
    tab.goto(world.recorder.page("/a"))
    tab.evaluate("window.kept = true")
    tab.goto(world.recorder.page("/b"))
    until(lambda: len(world.recorder.paths()) == 2, page=tab)
    until(lambda: not kept(tab)[0], page=tab)
    tab.evaluate("liveinsight.identify('anna')")
    tab.evaluate("history.back()")
    until(lambda: len(world.recorder.paths()) == 3, page=tab)
    until(lambda: engaged_ms(world, "/b"), page=tab)

    assert tab.evaluate("window.kept")
    assert engaged_ms(world, "/b")
    assert world.recorder.events("page_view")[-1]["user_id"] == "anna"
    caching.close()


def test_browser_without_the_next_url_sends_a_beacon(world: World) -> None:
    world.context.add_init_script(
        "addEventListener('pageswap', event => event.stopImmediatePropagation(), true)"
    )
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    world.wait_for_answer()
    world.tab.click("a")
    world.wait_for_paths("/a", "/b")

    assert world.recorder.deliveries[1].is_beacon
    assert world.recorder.deliveries[1].types == ["engagement"]


def test_empty_engagement_is_not_sent(world: World) -> None:
    world.visit("/a", "data-off=engagement")
    world.wait_for_answer()
    hide(world.tab)
    show(world.tab)
    world.tab.close()
    until(lambda: len(world.recorder.deliveries) > 1, seconds=0.5)

    assert [delivery.types for delivery in world.recorder.deliveries] == [["page_view"]]


def test_long_reading_is_reported_every_twenty_minutes(world: World) -> None:
    world.tab.clock.install()
    world.visit("/a")
    world.wait_for_answer()
    for minutes in (20, 40, 60):
        world.tab.clock.fast_forward(20 * 60_000 + 1_000)
        enough = minutes * 60_000
        until(lambda: engaged_ms(world, "/a") >= enough, page=world.tab)  # noqa: B023
        assert engaged_ms(world, "/a") >= minutes * 60_000

    assert [delivery.types for delivery in world.recorder.deliveries[1:]] == [
        ["engagement"]
    ] * 3


def test_unread_page_is_not_reported(world: World) -> None:
    world.tab.clock.install()
    world.visit("/a")
    world.wait_for_answer()
    hide(world.tab)
    world.wait_for_attempts(2)
    for _ in range(3):
        world.tab.clock.fast_forward(20 * 60_000 + 1_000)
    world.tab.wait_for_timeout(300)

    assert len(world.recorder.deliveries) == 2


def test_background_tab_counts_when_it_becomes_visible(world: World) -> None:
    hidden = """for (const [name, value] of [['hidden', true], ['visibilityState', 'hidden']])
      Object.defineProperty(document, name, { value, configurable: true })"""
    world.tab.add_init_script(hidden)
    world.visit("/a", "data-user-id=anna")
    world.tab.evaluate("liveinsight('early', { n: 1 })")
    assert world.has_sent_nothing()
    assert world.tab.evaluate("sessionStorage.length") == 0
    show(world.tab)

    world.wait_for_paths("/a")
    [early] = world.wait_for("early")
    assert (early["props"], early["user_id"]) == ({"n": 1}, "anna")


def test_tab_that_never_becomes_visible_does_not_count(world: World) -> None:
    world.tab.add_init_script("Object.defineProperty(document, 'hidden', { value: true })")
    world.visit("/a")
    world.tab.evaluate("liveinsight('early')")
    world.tab.close()
    until(lambda: world.recorder.deliveries, seconds=0.5)

    assert world.recorder.deliveries == []
