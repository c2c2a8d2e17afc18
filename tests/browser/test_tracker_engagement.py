"""Engagement time and scroll depth: what counts, and which request contains it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .recorder import Fact, until
from .tracker_world import World, hide, open_world, show

world = pytest.fixture(open_world)

LONG = "<p style='height: 400vh; margin: 0'>long</p>"


def engagement_of(world: World, path: str) -> Fact:
    """Return the recorded engagement with the newest page view of a path."""
    [view] = [v for v in world.recorder.events("page_view") if v["page_url"].endswith(path)]
    result = until(lambda: _of(world, view["event_id"]), page=world.tab)
    assert result, [delivery.types for delivery in world.recorder.deliveries]
    return result[0]


def _of(world: World, event_id: str) -> list[Fact]:
    events = world.recorder.events("engagement")
    return [event for event in events if event["event_id"] == event_id]


def scroll(tab: Page, share: float) -> None:
    """Scroll to a share of the page, and wait until the page has noticed."""
    tab.evaluate(
        """share => new Promise(done => {
            addEventListener('scroll', () => setTimeout(done), { once: true })
            scrollTo(0, share * (document.documentElement.scrollHeight - innerHeight))
        })""",
        share,
    )


def test_engagement_is_sent_with_the_next_page_after_an_internal_link(
    world: World,
) -> None:
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    world.wait_for("page_view")
    world.tab.click("a")

    world.wait_for_paths("/a", "/b")
    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"], ["engagement", "page_view"],
    ]  # fmt: skip
    assert engagement_of(world, "/a")["engaged_ms"] > 0


def test_engagement_is_sent_with_the_next_page_in_a_busy_browser(world: World) -> None:
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    world.wait_for_answer()
    # No timer runs any more, as in a browser that is busy.
    world.tab.evaluate(
        "() => { window.setTimeout = () => 0; document.querySelector('a').click() }"
    )

    world.wait_for_paths("/a", "/b")
    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"], ["engagement", "page_view"],
    ]  # fmt: skip


def test_engagement_is_sent_alone_when_the_visitor_leaves_the_site(world: World) -> None:
    world.visit("/a")
    world.wait_for_answer()
    world.tab.close()

    engagement_of(world, "/a")
    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"], ["engagement"],
    ]  # fmt: skip
    assert world.recorder.deliveries[1].is_beacon


def test_engagement_is_sent_with_the_next_view_of_an_app(world: World) -> None:
    world.visit("/a", body=LONG)
    world.wait_for("page_view")
    world.tab.evaluate("history.pushState({}, '', '/b')")

    world.wait_for_paths("/a", "/b")
    assert world.recorder.deliveries[1].types == ["engagement", "page_view"]
    assert engagement_of(world, "/a")["scroll_depth"] == 25


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("<a href=#part>x</a>", id="to a part of the page"),
        pytest.param("<a href=/b onclick='return false'>x</a>", id="that the page handles"),
        pytest.param("<a href=/files/a.zip download>x</a>", id="to a download"),
    ],
)
def test_link_that_does_not_navigate_delays_nothing(world: World, link: str) -> None:
    world.recorder.page("/files/a.zip")
    world.visit("/a", body=link)
    world.wait_for("page_view")
    world.tab.click("a")
    world.tab.wait_for_timeout(100)
    world.tab.close()

    engagement_of(world, "/a")


def test_only_visible_and_focused_time_counts(world: World) -> None:
    tab = world.tab
    tab.clock.install()
    world.visit("/a")
    world.wait_for("page_view")
    tab.clock.fast_forward(5_000)
    hide(tab)
    tab.clock.fast_forward(60_000)
    show(tab)
    tab.clock.fast_forward(2_000)
    tab.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    tab.clock.fast_forward(60_000)
    tab.evaluate("delete document.hasFocus; dispatchEvent(new Event('focus'))")
    tab.clock.fast_forward(1_000)
    tab.close()

    until(lambda: engagement_of(world, "/a")["engaged_ms"] >= 8_000)
    assert 8_000 <= engagement_of(world, "/a")["engaged_ms"] < 20_000


def test_hiding_a_page_sends_its_engagement(world: World) -> None:
    world.recorder.page("/b")
    world.visit("/a", body=f"<a href=/b>b</a>{LONG}")
    world.wait_for_answer()
    hide(world.tab)
    assert engagement_of(world, "/a")["scroll_depth"] == 25
    show(world.tab)
    # A second glance tells nothing new.
    hide(world.tab)
    show(world.tab)
    scroll(world.tab, 1)
    world.tab.evaluate("document.querySelector('a').click()")

    world.wait_for_paths("/a", "/b")
    # The last word went with the next page.
    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"], ["engagement"], ["engagement", "page_view"],
    ]  # fmt: skip
    assert engagement_of(world, "/a")["scroll_depth"] == 100


def test_deepest_scroll_position_counts(world: World) -> None:
    world.visit("/a", body=LONG)
    world.wait_for("page_view")
    scroll(world.tab, 1 / 3)
    scroll(world.tab, 0)
    world.tab.close()

    assert engagement_of(world, "/a")["scroll_depth"] == 50


def test_each_view_of_an_app_has_its_own_scroll_depth(world: World) -> None:
    world.visit("/a", body=LONG)
    scroll(world.tab, 1)
    # The app shows the next view a little after it has changed the address.
    world.tab.evaluate(
        "history.pushState({}, '', '/b'); dispatchEvent(new Event('scroll')); scrollTo(0, 0)"
    )
    world.wait_for_paths("/a", "/b")
    world.tab.close()

    assert engagement_of(world, "/a")["scroll_depth"] == 100
    assert engagement_of(world, "/b")["scroll_depth"] == 25


def test_engagement_can_be_disabled(world: World) -> None:
    world.visit("/a", "data-off=engagement")
    world.wait_for("page_view")
    world.tab.evaluate("history.pushState({}, '', '/b')")
    world.wait_for_paths("/a", "/b")
    world.tab.close()

    assert world.recorder.events("engagement") == []


def test_no_engagement_is_sent_without_a_page_view(world: World) -> None:
    world.visit("/a", "data-manual")
    world.tab.evaluate("liveinsight('bought')")
    world.wait_for("bought")
    world.tab.close()

    assert world.recorder.events("engagement") == []


def test_response_does_not_send_engagement_before_the_next_view(world: World) -> None:
    world.recorder.fail("hold", times=1)
    world.visit("/a")
    world.tab.wait_for_timeout(50)
    world.tab.evaluate("history.pushState({}, '', '/b')")
    world.recorder.recover()

    world.wait_for_paths("/a", "/b")
    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"], ["engagement", "page_view"],
    ]  # fmt: skip
