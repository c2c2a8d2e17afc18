"""Lists of events, of a site and of a user: every event once, newest first."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.query.calendar import local_datetime
from chalicelib.services.reports import event_list as module
from chalicelib.web.reading.reports import event_list, user_events, user_sessions
from tests.world import START, World, custom, minutes, new_world, page_view, visitor

NOW = minutes(4 * 24 * 60)
MOST_PAGES = 200
USERS = [None, "ann", "bob"]


def parsed(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["timestamp"], one["event_id"]) for one in events]


@pytest.fixture(scope="module")
def busy() -> World:
    """Send three days of visitors who return, are late, stay long and act simultaneously; the
    last ones are still active."""
    world = new_world()
    chance = random.Random(4)
    at = START
    while at < NOW - 7 * 3_600_000:
        at += chance.choice([0, 60_000, 900_000, 9_000_000, 20_000_000])
        number = chance.randrange(6)
        kind = chance.choice(["page_view", "page_view", "signup", "rare"])
        body = custom(kind, f"/{chance.randrange(5)}", age=chance.choice([0, 0, 0, 4_000_000]))
        user = USERS[number % 3]
        bodies = [{**body, "user_id": user} if user else body] * chance.choice([1, 1, 2])
        world.send(*bodies, at=at, sender=visitor(number))
        if chance.random() < 0.1:
            world.close(at=at)
    world.close(at=NOW - 3_600_000)
    world.send(page_view("/live", user_id="ann"), custom("signup", "/live"), at=NOW - 60_000)
    return world


def stored(world: World) -> list[dict[str, Any]]:
    return [dict(item) for item in world.items("events") if "event_type" in item]


def read_all(page: Callable[[dict[str, str]], dict[str, Any]], **asked: str) -> list[Any]:
    """Return the events of all pages, each of which respects its limit."""
    results: list[Any] = []
    cursor = ""
    for _ in range(MOST_PAGES):
        answer = page({**asked, "cursor": cursor})
        assert len(answer["events"]) <= int(asked["limit"])
        results += answer["events"]
        cursor = answer["cursor"]
        if cursor is None:
            return results
    pytest.fail("no page is the last one")


def _as_events(page: dict[str, Any]) -> dict[str, Any]:
    return {"events": page["sessions"], "cursor": page["cursor"]}


def in_order(world: World, chosen: Callable[[dict[str, Any]], bool]) -> list[str]:
    """Return times and ids of the stored events, newest first. Simultaneous events can be in
    any order."""
    return sorted(
        (f"{item['timestamp']} {item['event_id']}" for item in stored(world) if chosen(item)),
        reverse=True,
    )


def as_stored(world: World, events: list[dict[str, Any]]) -> list[str]:
    by_id = {(item["event_id"]): item for item in stored(world)}
    times = [by_id[one["event_id"]]["timestamp"] for one in events]
    assert times == sorted(times, reverse=True)
    for one, at in zip(events, times, strict=True):
        zone = world.settings.report_timezone
        assert one["timestamp"] == local_datetime(at, zone).isoformat(timespec="milliseconds")
    return sorted(
        (f"{at} {one['event_id']}" for one, at in zip(events, times, strict=True)), reverse=True
    )


@pytest.mark.parametrize("limit", ["9", "200"])
@pytest.mark.parametrize("event_type", [None, "page_view", "rare", "nothing"])
def test_site_events_include_every_stored_event(
    busy: World, limit: str, event_type: str | None
):
    chosen = {"event_type": event_type} if event_type else {}
    result = read_all(
        lambda asked: event_list(asked, busy.context(NOW)),
        site="example.com",
        limit=limit,
        **chosen,
    )

    assert as_stored(busy, result) == in_order(
        busy, lambda item: event_type in (None, item["event_type"])
    )


def test_sparse_search_ends_early_and_resumes(busy: World, monkeypatch):
    monkeypatch.setattr(module, "MAX_SCANNED_SESSIONS", 1)
    result = read_all(
        lambda asked: event_list(asked, busy.context(NOW)),
        site="example.com",
        limit="50",
        event_type="rare",
    )

    assert as_stored(busy, result) == in_order(busy, lambda item: item["event_type"] == "rare")


@pytest.mark.parametrize("limit", ["5", "200"])
def test_user_events_come_from_the_users_sessions(busy: World, limit: str):
    result = read_all(
        lambda asked: user_events("ann", asked, busy.context(NOW)),
        limit=limit,
    )

    assert as_stored(busy, result) == in_order(
        busy, lambda item: item.get("user_id") == "ann" or item["page_url"].endswith("/live")
    )


@pytest.mark.parametrize("limit", ["3", "200"])
def test_user_sessions_are_listed_once_newest_first(busy: World, limit: str):
    result = read_all(
        lambda asked: _as_events(user_sessions("bob", asked, busy.context(NOW))),
        limit=limit,
    )
    closed = [item for item in busy.items("sessions") if item.get("user_id") == "bob"]
    still_open = [row.session_id for row in busy.rows() if row.user_id == "bob"]
    starts = [one["start_time"] for one in result]
    assert starts == sorted(starts, reverse=True)
    assert sorted(one["session_id"] for one in result) == sorted(
        [*still_open, *(item["session_id"] for item in closed)]
    )
    assert len(result) > 3


@pytest.mark.parametrize("last", ["2026-09-06", "2026-09-07"])
def test_dates_select_events(busy: World, last: str):
    parameters = {"site": "example.com", "from": "2026-09-06", "to": last, "limit": "50"}
    result = read_all(
        lambda more: event_list(parameters | more, busy.context(NOW)),
        limit="50",
    )
    of_user = read_all(
        lambda more: user_events(
            "ann",
            {"from": "2026-09-06", "to": last} | more,
            busy.context(NOW),
        ),
        limit="50",
    )

    def is_within(item: dict[str, Any]) -> bool:
        day = (
            local_datetime(item["timestamp"], busy.settings.report_timezone).date().isoformat()
        )
        return "2026-09-06" <= day <= last

    assert as_stored(busy, result) == in_order(busy, is_within)
    assert as_stored(busy, of_user) == in_order(
        busy, lambda item: is_within(item) and item.get("user_id") == "ann"
    )
