"""Whatever the network does, each event arrives once, with the time when it happened."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest

from .recorder import until
from .tracker_world import World, hide, kept, open_world, show

world = pytest.fixture(open_world)


def fast_forward(world: World) -> None:
    """Let time pass, one retry after the other, until nothing waits for a response."""
    for _ in range(10):
        world.tab.clock.fast_forward(61_000)
        if until(lambda: kept(world.tab)[0] == [], page=world.tab, seconds=0.4):
            return


def test_temporary_network_failure_loses_no_event(world: World) -> None:
    world.tab.clock.install()
    world.visit("/a")
    world.wait_for("page_view")
    world.context.set_offline(True)
    for number in range(3):
        world.tab.evaluate("n => liveinsight('step', { n })", number)
        world.tab.clock.fast_forward(10_000)
    assert world.recorder.events("step") == []
    world.context.set_offline(False)
    world.tab.clock.fast_forward(61_000)

    steps = world.wait_for("step", 3)
    assert [step["props"]["n"] for step in steps] == [0, 1, 2]
    assert [round(step["age"], -4) for step in steps] == [90_000, 80_000, 70_000]


@pytest.mark.parametrize("ending", ["cut", "lost", 500, 503, 408, 429])
def test_failed_request_is_retried_until_it_gets_a_response(
    world: World, ending: int | str
) -> None:
    world.recorder.fail(ending, times=3)
    world.tab.clock.install()
    world.visit("/a")
    world.wait_for_attempts(1)
    fast_forward(world)

    world.wait_for("page_view")
    world.tab.clock.fast_forward(600_000)
    world.tab.wait_for_timeout(200)
    assert kept(world.tab)[0] == []
    # The answer to the fourth request was the last word.
    assert [delivery.types for delivery in world.recorder.deliveries] == [["page_view"]] * 4


@pytest.mark.parametrize("ending", [400, 403, 404, 413, "text"])
def test_invalid_event_is_not_retried(world: World, ending: int | str) -> None:
    world.recorder.fail(ending, times=1)
    world.tab.clock.install()
    world.visit("/a")
    world.wait_for_attempts(1)
    world.tab.clock.fast_forward(600_000)
    world.tab.wait_for_timeout(200)
    world.tab.evaluate("liveinsight('next')")

    world.wait_for("next")
    assert [delivery.types for delivery in world.recorder.deliveries] == [
        ["page_view"],
        ["next"],
    ]


def test_retries_back_off_up_to_a_minute(world: World) -> None:
    world.recorder.fail(503)
    world.tab.clock.install()
    world.visit("/a")
    world.wait_for_attempts(1)
    for _ in range(60):
        # Steps of two seconds, so that each attempt falls into the step in which it was due.
        world.tab.clock.fast_forward(2_000)
        world.tab.wait_for_timeout(10)
    ages = [delivery.events[0]["age"] for delivery in world.recorder.deliveries]
    waits = [later - earlier for earlier, later in pairwise(ages)]

    assert 4 <= len(waits) <= 12
    assert waits[-1] > waits[0]
    assert max(waits) < 64_000


def test_retry_after_applies_to_this_page_and_the_next(world: World) -> None:
    world.recorder.fail(429, times=1, Retry_After="30")
    world.recorder.page("/b")
    world.tab.clock.install()
    world.visit("/a", body="<a href=/b>b</a>")
    world.wait_for_attempts(1)
    until(lambda: kept(world.tab)[1] > 0, page=world.tab)
    hide(world.tab)
    show(world.tab)
    world.tab.click("a")
    world.tab.wait_for_url("**/b")
    world.tab.clock.fast_forward(20_000)
    world.tab.wait_for_timeout(300)
    assert len(world.recorder.deliveries) == 1
    world.tab.clock.fast_forward(11_000)

    world.wait_for_paths("/a", "/b")


def test_unsent_events_survive_a_reload(world: World) -> None:
    world.recorder.fail("cut")
    world.visit("/a")
    world.tab.evaluate("liveinsight('bought')")
    until(lambda: len(kept(world.tab)[0]) == 2, page=world.tab)
    world.tab.reload()
    until(lambda: len(kept(world.tab)[0]) >= 3, page=world.tab)
    world.recorder.recover()
    world.tab.reload()

    world.wait_for("page_view", 3)
    world.wait_for("bought")


def test_page_closed_immediately_is_counted(world: World) -> None:
    url = world.recorder.page("/a")
    tab = world.context.new_page()
    tab.goto(url, wait_until="commit")
    tab.wait_for_function("!!window.liveinsight")
    tab.close()

    world.wait_for_paths("/a")
    world.wait_for("engagement")


def test_unconfirmed_events_are_sent_as_a_beacon_on_close(
    world: World,
) -> None:
    world.recorder.fail(503)
    world.visit("/a")
    world.wait_for_attempts(1)
    world.tab.evaluate("liveinsight('bought')")
    world.recorder.recover()
    world.tab.close()

    world.wait_for("page_view")
    world.wait_for("bought")
    assert sum(delivery.is_beacon for delivery in world.recorder.deliveries) == 1


def test_lost_beacon_is_resent(world: World) -> None:
    world.recorder.fail(503)
    world.tab.clock.install(time="2026-01-01T12:00:00")
    world.visit("/a", "data-off=engagement")
    world.wait_for_attempts(1)
    hide(world.tab)
    world.wait_for_attempts(2)
    show(world.tab)
    world.tab.clock.pause_at("2026-01-01T12:01:00")
    world.wait_for_attempts(3)
    world.tab.wait_for_timeout(100)
    world.recorder.recover()
    world.tab.close()

    world.wait_for("page_view")
    assert world.recorder.deliveries[-1].is_beacon


def test_slow_response_counts_nothing_twice(world: World) -> None:
    world.recorder.fail("hold", times=1)
    world.visit("/a")
    world.tab.wait_for_timeout(200)
    hide(world.tab)
    world.wait_for("page_view")
    show(world.tab)
    world.recorder.recover()
    world.tab.evaluate("liveinsight('bought')")

    world.wait_for("bought")
    world.wait_for("page_view")
    until(lambda: kept(world.tab)[0] == [], page=world.tab)
    assert kept(world.tab)[0] == []


def test_copied_queue_of_a_new_tab_counts_once(world: World) -> None:
    world.recorder.fail("cut")
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b target=_blank rel=opener>b</a>")
    until(lambda: len(kept(world.tab)[0]) == 1, page=world.tab)
    with world.context.expect_page() as opened:
        world.tab.click("a")
    other = world.watch(opened.value)
    # A tab that a page opens starts with a copy of its sessionStorage, queue and all.
    until(lambda: len(kept(other)[0]) >= 2, page=other)
    world.recorder.recover()
    for tab, name in ((world.tab, "here"), (other, "there")):
        tab.evaluate("name => liveinsight(name)", name)

    world.wait_for("page_view", 2)
    world.wait_for("here")
    world.wait_for("there")


def test_session_id_of_the_response_is_sent_with_later_events(world: World) -> None:
    world.visit("/a")
    world.wait_for("page_view")
    until(lambda: kept(world.tab)[2], page=world.tab)
    session = kept(world.tab)[2]
    world.tab.evaluate("liveinsight('bought')")
    world.wait_for("bought")
    world.tab.reload()

    views = world.wait_for("page_view", 2)
    assert session.startswith("sess_")
    assert world.recorder.events("bought")[0]["session_id"] == session
    assert views[1]["session_id"] == session


def test_queue_keeps_the_newest_fifty_events(world: World) -> None:
    world.tab.clock.install()
    world.recorder.fail("cut")
    world.visit("/a")
    world.tab.evaluate("for (let n = 0; n < 60; n++) liveinsight('step', { n })")
    assert len(kept(world.tab)[0]) == 50
    until(lambda: world.recorder.deliveries, page=world.tab)
    world.recorder.recover()
    fast_forward(world)

    steps = world.wait_for("step", 50)
    assert [step["props"]["n"] for step in steps] == list(range(10, 60))


@pytest.mark.parametrize("text", ["x", "ü", "서", "😀", "\\ud800"])
def test_long_queue_is_sent_in_requests_of_at_most_60_kb(world: World, text: str) -> None:
    world.tab.clock.install()
    world.recorder.fail("cut", times=1)
    world.visit("/a")
    world.tab.evaluate(
        f"for (let n = 0; n < 40; n++) liveinsight('step', {{ n, text: '{text}'.repeat(900) }})"
    )
    until(lambda: world.recorder.deliveries, page=world.tab)
    fast_forward(world)

    steps = world.wait_for("step", 40)
    assert [step["props"]["n"] for step in steps] == list(range(40))
    sizes = [int(delivery.headers["Content-Length"]) for delivery in world.recorder.deliveries]
    assert len(sizes) > 2
    assert max(sizes) <= 60_000


def test_oversized_event_does_not_block_the_others(world: World) -> None:
    world.tab.clock.install()
    world.recorder.fail("cut", times=1)
    world.visit("/a")
    world.tab.evaluate("liveinsight('large', { text: 'x'.repeat(20000) })")
    world.tab.evaluate("liveinsight('step')")
    until(lambda: world.recorder.deliveries, page=world.tab)
    fast_forward(world)

    world.wait_for("page_view")
    world.wait_for("step")
    assert world.recorder.events("large") == []
    assert kept(world.tab)[0] == []


def test_events_older_than_a_day_are_dropped(world: World) -> None:
    now = time.time() * 1000
    old, recent = (entry(now - hours * 3_600_000, f"h{hours}") for hours in (25, 23))
    world.recorder.page("/first", "data-manual")
    world.tab.goto(f"{world.recorder.url}/first")
    world.tab.evaluate(
        "queue => { sessionStorage.liveinsight = JSON.stringify([queue, 0]) }", [old, recent]
    )
    world.visit("/a")

    [event] = world.wait_for("h23")
    assert round(event["age"], -5) == 82_800_000
    assert world.recorder.events("h25") == []


def entry(at: float, name: str) -> list[Any]:
    return [at, {"event_type": name, "event_id": name, "page_url": "http://shop.example/"}]


def test_script_and_endpoint_can_be_renamed(world: World) -> None:
    world.visit("/a", "data-endpoint=/stats/e", script="/js/own-tracker.js?v=7")
    world.wait_for("page_view")
    other = world.visitor()
    other.goto(world.recorder.page("/b", script="/prod/tracker.js?v=7"))

    world.wait_for_paths("/a", "/b")
    assert world.recorder.deliveries[0].path == "/stats/e"
    assert world.recorder.deliveries[-1].path == "/prod/events"
