"""Rows of a visitor that turn out to be one session are one: live, when they close, and for
everyone who received one of their ids."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.jobs.close_sessions import MAX_RUN_MS
from chalicelib.web.reading.reports import (
    event_list,
    realtime,
    session_list,
    timeline,
    user_events,
    user_sessions,
)
from testing.fake_dynamodb.faults import Crash, at_call, crash
from tests.limits import limit_session_events
from tests.world import World, custom, minutes, new_world, page_view, visitor

NOW = minutes(120)
LATER = minutes(300)
ALL = {"site": "example.com", "period": "7d"}


def bridged(world: World, **fields: Any) -> list[str]:
    """Send two pages 50 minutes apart and, late, one between them; return the ids in the
    responses."""
    answered: list[str] = []
    for number, at in enumerate((60, 110, 85)):
        named = {"session_id": answered[-1]} if answered else {}
        age = NOW - minutes(at) + number
        view = page_view(f"/{at}", event_id=f"e{at}", age=age, **named, **fields)
        (outcome,) = world.send(view, at=NOW + number)
        assert outcome.status == "stored"
        answered.append(str(outcome.session_id))
    return answered


def closed(world: World) -> list[Session]:
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    return [session for recent in recents for session in read_pack(recent.packed).sessions()]


def facts(world: World) -> list[Any]:
    """Return what is stored of the sessions, however many runs closed them."""
    sessions = [(one.session_id, one.pages, one.engaged_ms) for one in closed(world)]
    outlines = [
        (item["session_id"], item.get("page_count"), item.get("moved_to"))
        for item in world.items("sessions")
    ]
    events = [
        (item["session_id"], item["event_id"], item.get("moved_to"), item.get("engaged_ms"))
        for item in world.items("events")
        if item["event_id"] != "pointer"
    ]
    left = [row.session_id for row in world.rows()]
    return [sorted(sessions), sorted(outlines, key=str), sorted(events, key=str), left]


def test_two_rows_close_as_one_session_under_the_first_id():
    world = new_world()
    first, second, _ = bridged(world)
    assert len(world.rows()) == 2
    report = world.close(at=LATER)

    (session,) = closed(world)
    assert report.sessions_closed == 1
    assert session.pages == ["/60", "/85", "/110"]
    assert session.session_id == first != second
    assert session.ended_by == "timeout"


@pytest.mark.parametrize("is_closed", [False, True], ids=["active", "closed"])
def test_every_issued_session_id_finds_the_session(is_closed: bool):
    world = new_world()
    ids = bridged(world)
    if is_closed:
        world.close(at=LATER)

    for session_id in ids:
        result = timeline(session_id, {}, world.context())
        assert result is not None
        assert result["session"]["session_id"] == ids[0]
        assert [step["page"] for step in result["timeline"]] == ["/60", "/85", "/110"]


@pytest.mark.parametrize("is_closed", [False, True], ids=["active", "closed"])
def test_lists_show_one_session_and_each_event_once(is_closed: bool):
    world = new_world()
    bridged(world, user_id="anna")
    if is_closed:
        world.close(at=LATER)
    context = world.context(LATER)
    (listed,) = session_list(ALL, context)["sessions"]
    events = event_list({"site": "example.com"}, context)["events"]
    (of_anna,) = user_sessions("anna", {}, context)["sessions"]
    done_by_anna = user_events("anna", {}, context)["events"]

    assert listed["page_count"] == of_anna["page_count"] == 3
    assert listed["session_id"] == of_anna["session_id"]
    assert [one["page"] for one in events] == ["/110", "/85", "/60"]
    assert [one["page"] for one in done_by_anna] == ["/110", "/85", "/60"]
    assert {one["session_id"] for one in events} == {listed["session_id"]}


def test_realtime_counts_a_joined_session_once():
    world = new_world()
    bridged(world)
    result = realtime({"site": "example.com"}, world.context(NOW))

    assert (result["open_sessions"], len(result["feed"])) == (1, 1)


def test_neither_row_closes_before_the_other_has_timed_out():
    world = new_world()
    bridged(world)

    assert world.close(at=minutes(141)).sessions_closed == 0
    assert world.close(at=minutes(142) + 1).sessions_closed == 1


def test_events_resent_after_the_close_are_duplicates():
    world = new_world()
    ids = bridged(world)
    world.close(at=LATER)
    before = facts(world)
    for at in (60, 110, 85):
        for named in (None, *ids):
            again = page_view(f"/{at}", event_id=f"e{at}", age=LATER - minutes(at))
            (outcome,) = world.send(again | {"session_id": named}, at=LATER)
            assert (outcome.status, outcome.session_id) == ("duplicate", ids[0])

    assert facts(world) == before


def test_event_between_read_and_close_keeps_both_rows_open():
    """It joins a row that has timed out and one that is not read any more."""
    world = new_world()
    world.send(page_view("/60", age=NOW - minutes(60)), at=NOW)
    (second,) = world.send(page_view("/110", age=NOW - minutes(110)), at=NOW)
    late = page_view("/85", age=LATER - minutes(85), session_id=second.session_id)
    client = world.tables.database.client

    with at_call(client, 1, lambda: world.send(late, at=LATER), operation="TransactWriteItems"):
        world.close(at=LATER)
    assert closed(world) == []
    world.close(at=LATER + 3 * 60_000)

    assert [session.pages for session in closed(world)] == [["/60", "/85", "/110"]]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_run_interrupted_at_any_call_changes_no_result(after: bool):
    world = new_world()
    bridged(world)
    engaged = custom("engagement", event_id="e110", engaged_ms=700)
    world.send(engaged, at=NOW + 10)
    with at_call(world.tables.database.client, 0, crash) as counted:
        world.close(at=LATER)
    expected = facts(world)
    assert expected[0][0][2] == 700

    for number in range(1, counted.calls + 1):
        world = new_world()
        bridged(world)
        world.send(engaged, at=NOW + 10)
        client = world.tables.database.client
        with at_call(client, number, crash, after=after), pytest.raises(Crash):
            world.close(at=LATER)
        for run in range(1, 4):
            world.close(at=LATER + run * MAX_RUN_MS)

        result = facts(world)
        assert [len(part) for part in result] == [len(part) for part in expected], number
        assert [one[1:] for one in result[0]] == [one[1:] for one in expected[0]], number
        assert world.tables.active_scan.read().pending_closes == []


def test_rows_separated_by_a_late_event_share_no_event(monkeypatch: pytest.MonkeyPatch):
    """Together, they would exceed the limit of a session."""
    limit_session_events(4, monkeypatch)
    world = new_world()
    first, *_ = bridged(world)
    client = world.tables.database.client
    with at_call(client, 1, crash, operation="TransactWriteItems"), pytest.raises(Crash):
        world.close(at=LATER)
    for number in range(2):
        late = page_view(f"/late-{number}", age=LATER - minutes(61), session_id=first)
        world.send(late, at=LATER + number)
    for run in range(1, 4):
        world.close(at=LATER + run * MAX_RUN_MS)

    pages = sorted(page for session in closed(world) for page in session.pages)
    assert pages == ["/110", "/60", "/85", "/late-0", "/late-1"]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_session_is_complete_while_its_events_are_moved(call: int):
    world = new_world()
    ids = bridged(world)
    client = world.tables.database.client
    died = at_call(client, call, crash, operation="BatchWriteItem")
    with died, pytest.raises(Crash):
        world.close(at=LATER)
    assert world.rows() == []

    parameters = {"site": "example.com"}
    events = event_list(parameters, world.context(LATER))["events"]
    assert [one["page"] for one in events] == ["/110", "/85", "/60"]
    for session_id in ids:
        result = timeline(session_id, {}, world.context())
        assert result is not None
        assert [step["page"] for step in result["timeline"]] == ["/60", "/85", "/110"]


def test_unreadable_row_does_not_stop_its_visitor_or_the_job():
    world = new_world()
    first, second, _ = bridged(world)
    world.send(page_view("/other"), sender=visitor(2), at=NOW)
    key = {"session_id": first}
    world.tables.database.update(
        world.tables.active_sessions.name, key, "REMOVE entry_page", values={}
    )
    (outcome,) = world.send(page_view("/111", age=0, session_id=second), at=minutes(121))
    world.close(at=LATER)

    assert outcome.status == "stored"
    assert [session.pages for session in closed(world)] == [["/85", "/110", "/111"], ["/other"]]


def test_stale_marker_of_rows_closed_by_another_run_changes_nothing():
    """In between, an event arrived for a row that was opened before them."""
    world = new_world()
    oldest, *_ = world.send(page_view("/20", age=NOW - minutes(20)), at=NOW - 1)
    first, *_ = bridged(world)
    client = world.tables.database.client
    with at_call(client, 1, crash, operation="TransactWriteItems"), pytest.raises(Crash):
        world.close(at=LATER)
    (mark,) = [one for one in world.tables.active_scan.read().pending_closes if one.moved]
    world.tables.pending_closes.complete(mark.close_id)
    late = page_view("/40", age=LATER - minutes(40), session_id=oldest.session_id)
    world.send(late, at=LATER)
    world.close(at=LATER + MAX_RUN_MS)
    expected = facts(world)
    world.tables.pending_closes.put(mark)
    world.close(at=LATER + 2 * MAX_RUN_MS)

    assert facts(world) == expected
    assert [session.pages for session in closed(world)] == [
        ["/20", "/40", "/60", "/85", "/110"]
    ]
    assert timeline(first, {}, world.context()) is not None
