"""No client can make a session larger than its limit: the next event starts the next
session."""

from __future__ import annotations

import os
import tracemalloc
from typing import Any

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import (
    FULL_SESSION_BYTES,
    MAX_SESSION_BYTES,
    MAX_SESSION_EVENTS,
)
from chalicelib.services.collect.collect import Outcome
from chalicelib.services.jobs.minute_job import run_minute_job
from chalicelib.web.reading.reports import realtime, stats, timeline
from tests.limits import limit_session_events
from tests.world import START, World, custom, minutes, new_world, page_view, visitor

KIOSK = "kiosk-1"  # the session id that a client keeps sending
A_REQUEST = 50
FLOOD = int(os.environ.get("FLOOD", 20_000))  # events; `make soak` sends 200,000


def closed(world: World, site: str = "example.com") -> list[Session]:
    """Return the closed sessions, oldest first."""
    recents = world.tables.rollups.recents(site, "2026-01-01", "2027-01-01")
    results = [session for recent in recents for session in read_pack(recent.packed).sessions()]
    return sorted(results, key=lambda session: (session.started_at, session.last_activity))


def flood(world: World, events: int, **fields: Any) -> list[str]:
    """Send page views with one session id, a request of 50 every 60 ms; return the distinct
    session ids of the responses."""
    answered: dict[str, None] = {}
    for number in range(0, events, A_REQUEST):
        bodies = [
            page_view(f"/{place % 40}", session_id=KIOSK, age=0, **fields)
            for place in range(number, min(number + A_REQUEST, events))
        ]
        outcomes = world.send(*bodies, at=START + number)
        assert {str(outcome.status) for outcome in outcomes} == {"stored"}
        answered |= dict.fromkeys(str(outcome.session_id) for outcome in outcomes)
    return list(answered)


@pytest.mark.slow
def test_flood_of_events_under_one_session_id():
    world = new_world()
    world.send(page_view("https://other.example/"), sender=visitor(2))
    ids = flood(world, FLOOD)
    now = START + FLOOD
    live = stats({"site": "example.com"}, world.context(now))["totals"]
    here = realtime({"site": "example.com"}, world.context(now))
    report = run_minute_job(world.context(now + 40 * 60_000), remaining_ms=lambda: 3_600_000)
    sessions = closed(world)

    assert len(ids) == live["sessions"] == len(sessions) == FLOOD // MAX_SESSION_EVENTS
    assert (here["open_sessions"], here["current_visitors"]) == (
        0,
        1,
    )  # the last one is full too
    assert {len(session.steps) for session in sessions} == {MAX_SESSION_EVENTS}
    assert {session.ended_by for session in sessions} == {"limit"}
    assert len({session.visitor for session in sessions}) == 1
    assert report.rows_failed == report.failed == []
    assert len(closed(world, "other.example")) == 1
    assert world.rows() == []


@pytest.mark.parametrize(
    ("events", "sessions"), [(999, [999]), (1000, [1000]), (1001, [1000, 1])]
)
def test_session_ends_at_1000_events(events: int, sessions: list[int]):
    world = new_world()
    flood(world, events)
    world.close(at=minutes(60))

    result = closed(world)
    assert [len(session.steps) for session in result] == sessions
    assert result[0].ended_by == ("limit" if events >= 1000 else "timeout")


def test_session_ends_at_250_kb():
    world = new_world()
    ids = flood(world, 300, title="t" * 500, props={"text": "x" * 1_900})
    rows = {row.session_id: row for row in world.rows()}
    world.close(at=minutes(60))

    sizes = [rows[session_id].size for session_id in ids]
    assert FULL_SESSION_BYTES < min(sizes[:-1]) <= max(sizes) <= MAX_SESSION_BYTES
    assert [one.ended_by for one in closed(world)] == ["limit"] * (len(ids) - 1) + ["timeout"]
    assert sum(len(one.steps) for one in closed(world)) == 300


def test_event_resent_a_thousand_times_does_not_grow_its_row(monkeypatch: pytest.MonkeyPatch):
    limit_session_events(10, monkeypatch)
    world = new_world()
    (first,) = world.send(page_view("/", event_id="e0", age=0))
    named = {"session_id": first.session_id}
    for number in range(50):
        again = page_view("/", event_id="e0", age=number, **named)
        (outcome,) = world.send(again, at=START + number)
        assert (outcome.status, outcome.session_id) == ("duplicate", first.session_id)
    (row,) = world.rows()
    (next_one,) = world.send(page_view("/b", event_id="e1", **named), at=minutes(1))

    assert (row.events, row.size, len(row.views)) == (
        1,
        len("page_viewhttps://example.com/"),
        1,
    )
    assert next_one.session_id == first.session_id


def flood_of_four(world: World) -> list[Outcome]:
    """Send three events and one more, with the session id of the last response."""
    outcomes: list[Outcome] = []
    for number in range(4):
        named = {"session_id": outcomes[-1].session_id} if outcomes else {}
        view = page_view(f"/{number}", event_id=f"e{number}", age=0, **named)
        outcomes += world.send(view, at=START + number)
    return outcomes


def test_engagement_with_a_page_of_a_full_session_counts(monkeypatch: pytest.MonkeyPatch):
    limit_session_events(3, monkeypatch)
    world = new_world()
    outcomes = flood_of_four(world)
    engaged = custom(
        "engagement", event_id="e2", engaged_ms=9_000, session_id=outcomes[3].session_id
    )
    (told,) = world.send(engaged, at=minutes(1))
    world.close(at=minutes(60))

    assert [one.session_id == outcomes[0].session_id for one in outcomes] == [True] * 3 + [
        False
    ]
    assert (told.status, told.session_id) == ("stored", outcomes[0].session_id)
    assert [one.engaged_ms for one in closed(world)] == [9_000, 0]


def test_full_session_ends_with_a_reason(monkeypatch: pytest.MonkeyPatch):
    limit_session_events(3, monkeypatch)
    world = new_world()
    first, *_, last = flood_of_four(world)

    for session_id, ended_by in ((first.session_id, "limit"), (last.session_id, None)):
        result = timeline(str(session_id), {}, world.context())
        assert result is not None
        assert result["session"]["ended_by"] == ended_by
        assert result["session"]["is_active"] is (ended_by is None)
    assert realtime({"site": "example.com"}, world.context(START))["open_sessions"] == 1


def test_row_stays_small_however_long_its_paths_are():
    world = new_world()
    flood(world, 600, title="t" * 100)
    long = "/" + "x" * 1_900
    for number in range(100):
        world.send(page_view(f"{long}{number}", age=0), sender=visitor(2), at=START + number)
    items = world.items("active_sessions")

    sizes = [sum(len(str(value)) for value in item.values()) for item in items]
    assert max(sizes) < 70_000


def test_memory_of_the_job_does_not_grow_with_the_number_of_sessions():
    world = new_world()
    flood(world, 3_000, props={"text": "x" * 150})
    for number in range(2, 12):
        for place in range(0, 1_000, A_REQUEST):
            views = [page_view(f"/{place + n}", age=0) for n in range(A_REQUEST)]
            world.send(*views, sender=visitor(number), at=START + place)
    tracemalloc.start()
    report = world.close(at=minutes(60))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (report.sessions_closed, report.rows_failed) == (13, [])
    assert peak < 40_000_000  # of the 300 MB that a run may have
