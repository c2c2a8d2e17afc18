"""Whatever breaks on the way, the tracker's retry loses nothing and doubles nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.segment import unpack
from chalicelib.storage import dynamodb
from chalicelib.storage.dynamodb import Unavailable
from tests.world import START, World, custom, minutes, page_view
from tests.world import world as new_world


class Crash(BaseException):
    """The process is gone: nothing in it may catch this."""


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
    """What is stored of the events, and the sessions that closing makes of them."""
    stored = [
        (item["event_id"], item["timestamp"], item.get("engaged_ms"))
        for item in world.items("events")
        if item["event_id"] != "pointer"
    ]
    world.close(at=minutes(200))
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    sessions = [s for recent in recents for s in unpack(recent.packed).sessions()]
    runs = [(s.started_at, tuple(s.pages), s.engaged_ms) for s in sessions]
    return [*sorted(stored, key=str), *sorted(runs)]


@contextmanager
def broken(
    world: World, number: int, event: str, break_it: Callable[..., Any]
) -> Iterator[None]:
    """Break the call of that number, before or after DynamoDB has done it."""
    counted = [0]

    def hook(**call: Any) -> Any:
        counted[0] += 1
        return break_it(**call) if counted[0] == number else None

    events = world.tables.database.client.meta.events
    events.register(f"{event}.dynamodb", hook, unique_id="broken")
    try:
        yield
    finally:
        events.unregister(f"{event}.dynamodb", unique_id="broken")


@cache
def undisturbed(request: Callable[[World], Request]) -> tuple[list[tuple[Any, ...]], int]:
    """The facts without any fault, and how many calls the request takes."""
    with new_world() as world:
        bodies, at = request(world)
        world.calls.clear()
        world.restarted().send(*bodies, at=at)
        calls = len(world.calls)
        return facts(world), calls


def crash(**_: Any) -> None:
    raise Crash


@pytest.mark.parametrize("event", ["before-call", "after-call"])
@pytest.mark.parametrize("request_of", REQUESTS, ids=lambda request: request.__name__)
def test_crash_at_any_call_and_the_same_request_again(request_of, event: str):
    expected, calls = undisturbed(request_of)
    for number in range(1, calls + 1):
        with new_world() as world:
            bodies, at = request_of(world)
            with broken(world, number, event, crash), pytest.raises(Crash):
                world.restarted().send(*bodies, at=at)
            again = world.restarted().send(
                *[{**b, "age": b.get("age", 0) + 3000} for b in bodies], at=at + 3000
            )

            assert {outcome.status for outcome in again} <= {"stored", "duplicate"}
            assert facts(world) == expected, f"after call {number} of {calls}"


FAULTS = {
    "throttled": ClientError(
        {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}, "any"
    ),
    "failed": ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "any"),
    "timed out": ReadTimeoutError(endpoint_url="http://127.0.0.1"),
}


@pytest.mark.parametrize(
    ("fault", "event"),
    [("throttled", "before-call"), ("failed", "before-call"), ("timed out", "after-call")],
)
@pytest.mark.parametrize("request_of", REQUESTS, ids=lambda request: request.__name__)
def test_call_that_fails_once_is_made_again(request_of, event: str, fault: str, monkeypatch):
    monkeypatch.setattr(dynamodb, "FIRST_PAUSE_SECONDS", 0)
    expected, calls = undisturbed(request_of)

    def fail(**_: Any) -> None:
        raise FAULTS[fault]

    for number in range(1, calls + 1):
        with new_world() as world:
            bodies, at = request_of(world)
            with broken(world, number, event, fail):
                outcomes = world.restarted().send(*bodies, at=at)

            assert {outcome.status for outcome in outcomes} <= {"stored", "duplicate"}
            assert facts(world) == expected, f"after call {number} of {calls}"


def test_what_could_not_be_stored_is_not_answered_as_stored(world: World, monkeypatch):
    monkeypatch.setattr(dynamodb, "FIRST_PAUSE_SECONDS", 0)

    def throttle(**_: Any) -> None:
        raise FAULTS["throttled"]

    world.tables.database.client.meta.events.register("before-call.dynamodb.PutItem", throttle)
    with pytest.raises(Unavailable):
        world.send(page_view("/"))
