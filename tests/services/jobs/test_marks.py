"""The marks that runs of the job leave: only the mark of a run that died counts as a failure of
its rows, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.services.jobs.close_sessions import MAX_FAILURES, MAX_RUN_MS
from chalicelib.services.jobs.minute_job import run_minute_job
from chalicelib.storage.aws import retries
from testing.fake_dynamodb.faults import Crash, at_call, crash, throttle
from tests.world import World, minutes, new_world, page_view, visitor

NOW = minutes(120)
LATER = minutes(300)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0)


def visited() -> World:
    """Send two rows that are one session, and one of another visitor."""
    world = new_world()
    named = None
    for at in (60, 110, 85):
        view = page_view(f"/{at}", event_id=f"e{at}", age=NOW - minutes(at), session_id=named)
        (outcome,) = world.send(view, at=NOW)
        named = outcome.session_id
    world.send(page_view("/other"), sender=visitor(2), at=NOW)
    return world


def pages_closed(world: World) -> list[list[str]]:
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    return sorted(
        one.pages for recent in recents for one in read_pack(recent.packed).sessions()
    )


def run_job_at(world: World, now: int) -> None:
    run_minute_job(world.context(now), remaining_ms=lambda: 55_000)


@contextmanager
def throttled(world: World, *operations: str, first: int = 1) -> Iterator[None]:
    """Throttle every call from that one on, of these operations or of all."""
    number = 0

    def before(model: Any, **_: Any) -> None:
        nonlocal number
        if not operations or model.name in operations:
            number += 1
            if number >= first:
                throttle()

    events, name = world.tables.database.client.meta.events, f"throttled {operations}"
    events.register("before-call.dynamodb", before, unique_id=name)
    yield
    events.unregister("before-call.dynamodb", unique_id=name)


def test_throttling_at_any_call_counts_no_row_failure():
    world = visited()
    with at_call(world.tables.database.client, 0, crash) as counted:
        run_job_at(world, LATER)
    expected = pages_closed(world)

    for number in range(2, counted.calls + 1):
        world = visited()
        for run in range(MAX_FAILURES + 1):
            with throttled(world, first=number):
                run_job_at(world, LATER + run * MAX_RUN_MS)
            assert [row.failures for row in world.rows() if row.failures] == [], number
        world.close(at=LATER + MAX_FAILURES * 2 * MAX_RUN_MS)

        assert pages_closed(world) == expected, number
        contents = world.tables.active_scan.read()
        assert (contents.rows, contents.pending_closes, contents.quarantined) == ([], [], {})


@pytest.mark.parametrize("operations", [["TransactWriteItems", "DeleteItem"], ["Query"]])
def test_marker_that_cannot_be_deleted_counts_no_row_failure(operations: list[str]):
    world = visited()
    for run in range(MAX_FAILURES + 1):
        with throttled(world, *operations):
            world.close(at=LATER + run * MAX_RUN_MS)
    assert {row.failures for row in world.rows()} == {0}

    world.close(at=LATER + MAX_FAILURES * 2 * MAX_RUN_MS)
    assert pages_closed(world) == [["/60", "/85", "/110"], ["/other"]]


def dead_at_reading(world: World) -> None:
    with (
        at_call(world.tables.database.client, 1, crash, operation="Query"),
        pytest.raises(Crash),
    ):
        world.close(at=LATER)


def test_failed_count_is_not_repeated_for_the_other_rows():
    world = visited()
    dead_at_reading(world)
    for run in range(1, MAX_FAILURES + 2):
        with throttled(world, "UpdateItem", first=2), throttled(world, "Query"):
            world.close(at=LATER + run * MAX_RUN_MS)

    assert world.tables.active_scan.read().quarantined == {}


def test_two_runs_count_the_marker_of_a_third_run_once():
    world = visited()
    dead_at_reading(world)
    now = LATER + MAX_RUN_MS
    client = world.tables.database.client
    with at_call(client, 1, lambda: world.close(at=now), operation="BatchGetItem"):
        world.close(at=now)

    assert {row.failures for row in world.rows()} == {1}


def test_dead_run_is_counted_by_another_process():
    world = visited()
    dead_at_reading(world)
    world.restarted().close(at=LATER + MAX_RUN_MS)

    assert {row.failures for row in world.rows()} == {1}


def test_marker_of_a_release_before_0_2_is_completed():
    """The transaction wrote it, without its start time and without the rows that moved."""
    world = new_world()
    world.send(page_view("/old"), at=NOW)
    client = world.tables.database.client
    died = at_call(client, 1, crash, operation="TransactWriteItems", after=True)
    with died, pytest.raises(Crash):
        world.close(at=LATER)
    (mark,) = world.tables.active_scan.read().pending_closes
    key = {"session_id": f"closing#{mark.close_id}"}
    world.tables.database.update(
        world.tables.active_sessions.name, key, "REMOVE began_at, moved", values={}
    )
    assert world.items("sessions") == []
    world.close(at=LATER + 60_000)

    (stored,) = world.items("sessions")
    assert (stored["page_count"], stored["entry_page"]) == (1, "/old")
    assert world.tables.active_scan.read().pending_closes == []
