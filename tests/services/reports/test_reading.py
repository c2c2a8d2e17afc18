"""Reading is activity: engagement keeps the session of its page open. It starts no session,
lengthens none, and ends no bounce."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.exclusions.drop_reason import DropReason
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.collect.collect import Outcome
from chalicelib.web.reading.reports import realtime, session_list, stats, timeline
from tests.world import World, custom, minutes, new_world, page_view

MINUTE_MS = 60_000
ALL = {"site": "example.com", "period": "7d"}


def read(
    world: World, at: float, event_id: str = "v", *, engaged: float = 0, **fields: Any
) -> Outcome:
    """Send engagement with a page view; `at` and `engaged` are in minutes."""
    ms = round(engaged * MINUTE_MS)
    body = custom("engagement", event_id=event_id, engaged_ms=ms, **fields)
    (outcome,) = world.send(body, at=minutes(at))
    return outcome


def view(world: World, at: float, event_id: str = "v", **fields: Any) -> Outcome:
    (outcome,) = world.send(page_view("/", event_id=event_id, **fields), at=minutes(at))
    assert outcome.status == "stored"
    return outcome


def closed(world: World) -> list[Session]:
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    results = [session for recent in recents for session in read_pack(recent.packed).sessions()]
    return sorted(results, key=lambda session: session.started_at)


def test_reading_a_long_page_continues_the_session():
    world = new_world()
    first = view(world, 0, referrer="https://news.ycombinator.com/")
    assert read(world, 20, engaged=20).session_id == first.session_id
    assert read(world, 40, engaged=40).status == "stored"
    assert world.close(at=minutes(60)).sessions_closed == 0
    second = view(world, 69, "w")
    world.close(at=minutes(102))

    (session,) = closed(world)
    assert second.session_id == first.session_id
    assert session.referrer == "https://news.ycombinator.com/"
    assert (session.duration_ms, session.engaged_ms) == (69 * MINUTE_MS, 40 * MINUTE_MS)


@pytest.mark.parametrize(
    ("gap_ms", "sessions"),
    [(30 * MINUTE_MS - 1, 1), (30 * MINUTE_MS, 2)],
    ids=["29:59", "30:00"],
)
def test_session_timeout_starts_after_reading(gap_ms: int, sessions: int):
    world = new_world()
    view(world, 0)
    read(world, 20, engaged=1)
    view(world, 20 + gap_ms / MINUTE_MS, "w")
    world.close(at=minutes(200))

    assert len(closed(world)) == sessions


def test_reading_only_moves_the_end_of_a_session():
    world = new_world()
    first = view(world, 0)
    read(world, 20, engaged=15, scroll_depth=60)
    now = minutes(45)
    (listed,) = session_list(ALL, world.context(now))["sessions"]
    result = timeline(str(first.session_id), {}, world.context())
    totals = stats(ALL, world.context(now))["totals"]
    live = realtime({"site": "example.com"}, world.context(now))
    (item,) = [one for one in world.items("active_sessions") if "site" in one]

    assert result is not None
    assert listed["expires_at"] == result["session"]["expires_at"]
    assert listed["expires_at"].startswith("2026-09-05T10:50:00")
    assert item["expires_at"] == minutes(50) // 1000
    assert (listed["is_active"], listed["duration"], listed["events"]) == (True, 0, 0)
    assert listed["last_activity"].startswith("2026-09-05T10:00:00")
    assert (totals["bounce_rate"], totals["session_duration"]) == (1, 0)
    assert (live["open_sessions"], live["current_visitors"]) == (1, 0)
    world.close(at=minutes(53))
    (session,) = closed(world)
    assert (session.is_bounce, session.duration_ms) == (True, 0)
    assert (session.engaged_ms, session.steps[0].scroll_depth) == (15 * MINUTE_MS, 60)


def test_session_closes_two_minutes_after_its_reading_ends():
    world = new_world()
    view(world, 0)
    read(world, 25, engaged=1)

    assert world.close(at=minutes(57) - 1).sessions_closed == 0
    assert world.close(at=minutes(57)).sessions_closed == 1


def test_continuous_reading_counts_even_if_reported_late():
    """A page view 31 minutes ago is followed by its engagement of 31 minutes."""
    world = new_world()
    first = view(world, 0, referrer="https://news.ycombinator.com/")
    assert read(world, 31, engaged=30.9).status == "stored"
    second = view(world, 45, "w")
    world.close(at=minutes(100))

    assert second.session_id == first.session_id
    assert [len(session.steps) for session in closed(world)] == [2]


def test_short_look_after_a_long_pause_counts_without_opening_a_session():
    """The session is over, but has not been closed yet."""
    world = new_world()
    view(world, 0)
    assert read(world, 31, engaged=0.5).status == "stored"
    view(world, 45, "w")
    world.close(at=minutes(100))

    assert [session.engaged_ms for session in closed(world)] == [30_000, 0]


def test_reading_after_the_close_is_dropped():
    world = new_world()
    first = view(world, 0)
    world.close(at=minutes(40))
    outcome = read(world, 41, engaged=41, session_id=first.session_id)

    assert outcome.drop_reason is DropReason.NO_PAGE_VIEW
    assert world.rows() == []
    (event,) = world.tables.events.of_session(str(first.session_id))
    assert event.engaged_ms == 0


def test_reading_of_a_page_in_another_tab_does_not_keep_a_later_session_open():
    world = new_world()
    view(world, 0)
    view(world, 40, "w")
    read(world, 60, "v", engaged=0)
    view(world, 75, "x")
    world.close(at=minutes(200))

    assert [len(session.steps) for session in closed(world)] == [1, 1, 1]


def test_out_of_order_report_counts_after_the_gap_is_filled():
    world = new_world()
    view(world, 0)
    now = minutes(51)
    for at in (50, 25):
        body = custom("engagement", event_id="v", engaged_ms=at, age=now - minutes(at))
        world.send(body, at=now)
    view(world, 75, "w")
    world.close(at=minutes(200))

    assert [len(session.steps) for session in closed(world)] == [2]


def test_reading_sent_with_the_next_page_is_stored():
    """It needs one item and one call less for most page views."""
    world = new_world()
    first = view(world, 0)
    named = {"session_id": first.session_id}
    engagement = custom("engagement", event_id="v", engaged_ms=9_000, scroll_depth=70, **named)
    outcomes = world.send(engagement, page_view("/b", event_id="w", **named), at=minutes(1))

    assert [outcome.session_id for outcome in outcomes] == [first.session_id] * 2
    events = {
        one.event_id: one for one in world.tables.events.of_session(str(first.session_id))
    }
    assert (events["v"].engaged_ms, events["v"].scroll_depth) == (9_000, 70)
    assert (events["w"].engaged_ms, events["w"].scroll_depth) == (0, None)
    items = {item["event_id"]: item for item in world.items("events")}
    assert "engaged_ms" not in items["v"]


def test_reading_sent_with_a_duplicate_is_stored():
    world = new_world()
    first = view(world, 0)
    named = {"session_id": first.session_id}
    view(world, 1, "w", **named)
    engagement = custom("engagement", event_id="v", engaged_ms=9_000, **named)
    outcomes = world.send(engagement, page_view("/b", event_id="w", **named), at=minutes(2))

    assert [outcome.status for outcome in outcomes] == ["stored", "duplicate"]
    world.close(at=minutes(60))
    (session,) = closed(world)
    assert session.engaged_ms == 9_000


def test_largest_reported_value_wins():
    world = new_world()
    first = view(world, 0)
    named = {"session_id": first.session_id}
    for number, ms in enumerate((4_000, 9_000, 2_000)):
        engagement = custom("engagement", event_id="v", engaged_ms=ms, **named)
        world.send(
            engagement, page_view("/b", event_id=f"w{number}", **named), at=minutes(number + 1)
        )
    read(world, 5, engaged=0.1, **named)
    read(world, 28, engaged=0.05, **named)
    world.close(at=minutes(100))

    (session,) = closed(world)
    assert session.engaged_ms == 9_000


def test_reading_keeps_a_session_open_for_at_most_a_day():
    world = new_world()
    view(world, 0)
    at, status = 0, "stored"
    while status == "stored":
        at += 20
        status = read(world, at, engaged=at).status

    assert at == 24 * 60
    assert world.close(at=minutes(at + 33)).sessions_closed == 1
