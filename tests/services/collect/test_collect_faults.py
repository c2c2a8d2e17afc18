"""After any fault, the tracker's retry loses nothing and counts nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.storage.aws import retries
from chalicelib.storage.aws.retries import Unavailable
from testing.fake_dynamodb.faults import Crash, at_call, crash, fail, throttle, time_out
from tests.world import START, World, custom, minutes, new_world, page_view

Request = tuple[list[dict[str, Any]], int]  # the events, and when they arrive


def first_view(_: World) -> Request:
    return [page_view("/", event_id="e1", age=0)], START


def next_view(world: World) -> Request:
    (first,) = world.send(page_view("/", event_id="e0", age=0))
    view = page_view("/b", event_id="e1", age=0, session_id=first.session_id)
    return [view], minutes(1)


def view_after_the_end(world: World) -> Request:
    (first,) = world.send(page_view("/", event_id="e0", age=0))
    view = page_view("/b", event_id="e1", age=0, session_id=first.session_id)
    return [view], minutes(50)


def first_batch(_: World) -> Request:
    return [page_view(f"/{n}", event_id=f"e{n}", age=n) for n in range(4)], START


def next_batch(world: World) -> Request:
    (first,) = world.send(page_view("/", event_id="first", age=0))
    named = {"session_id": first.session_id}
    views = [page_view(f"/{n}", event_id=f"e{n}", age=n, **named) for n in range(3)]
    engaged = custom("engagement", event_id="first", engaged_ms=500, **named)
    return [*views, engaged], minutes(2)


REQUESTS = [first_view, next_view, view_after_the_end, first_batch, next_batch]


def facts(world: World) -> list[tuple[Any, ...]]:
    """Return what is stored of the events, and the sessions after closing."""
    ids = {i["session_id"] for i in world.items("events") if i["event_id"] != "pointer"}
    stored = [
        (event.event_id, event.at, event.engaged_ms)
        for session_id in ids
        for event in world.tables.events.of_session(session_id)
    ]
    world.close(at=minutes(200))
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    sessions = [s for recent in recents for s in read_pack(recent.packed).sessions()]
    runs = [(s.started_at, tuple(s.pages), s.engaged_ms) for s in sessions]
    return [*sorted(stored, key=str), *sorted(runs)]


@cache
def undisturbed(request: Callable[[World], Request]) -> tuple[list[tuple[Any, ...]], int]:
    """Return the facts without any fault, and the number of calls that the request makes."""
    world = new_world()
    bodies, at = request(world)
    with at_call(world.tables.database.client, 0, crash) as counted:
        world.restarted().send(*bodies, at=at)
    return facts(world), counted.calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("request_of", REQUESTS, ids=lambda request: request.__name__)
def test_retry_after_a_crash_at_any_call_stores_each_event_once(request_of, after: bool):
    expected, calls = undisturbed(request_of)
    for number in range(1, calls + 1):
        world = new_world()
        bodies, at = request_of(world)
        client = world.tables.database.client
        with at_call(client, number, crash, after=after), pytest.raises(Crash):
            world.restarted().send(*bodies, at=at)
        again = world.restarted().send(
            *[{**b, "age": b.get("age", 0) + 3000} for b in bodies], at=at + 3000
        )

        assert {outcome.status for outcome in again} <= {"stored", "duplicate"}
        assert facts(world) == expected, f"call {number} of {calls}"


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done, not answered"])
@pytest.mark.parametrize("fault", [throttle, fail, time_out])
@pytest.mark.parametrize("request_of", REQUESTS, ids=lambda request: request.__name__)
def test_call_that_fails_once_is_retried(request_of, fault, after: bool, monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0)
    expected, calls = undisturbed(request_of)
    for number in range(1, calls + 1):
        world = new_world()
        bodies, at = request_of(world)
        with at_call(world.tables.database.client, number, fault, after=after):
            outcomes = world.restarted().send(*bodies, at=at)

        assert {outcome.status for outcome in outcomes} <= {"stored", "duplicate"}
        assert facts(world) == expected, f"call {number} of {calls}"


def test_failed_write_is_not_reported_as_stored(monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0)
    world = new_world()

    def throttled(**_: Any) -> None:
        throttle()

    world.tables.database.client.meta.events.register("before-call.dynamodb.PutItem", throttled)
    with pytest.raises(Unavailable):
        world.send(page_view("/"))
