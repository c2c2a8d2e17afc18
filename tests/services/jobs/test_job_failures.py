"""A row, day or site that cannot be read, or that kills a run, does not stop anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.jobs import due_rows, expire
from chalicelib.services.jobs.close_sessions import MAX_FAILURES
from chalicelib.services.jobs.job_report import Report
from chalicelib.services.jobs.minute_job import run_minute_job
from chalicelib.services.row_events import MAX_EVENTS_READ
from chalicelib.storage.aws import retries
from testing.fake_dynamodb.faults import Crash, crash, throttle
from tests.world import World, minutes, new_world, page_view, visitor

DUE = minutes(33)
MINUTE_MS = 60_000
OTHER_SITES = [f"site-{number}.example" for number in range(4)]


def closed(world: World, site: str) -> list[Session]:
    recents = world.tables.rollups.recents(site, "2026-01-01", "2027-01-01")
    return [session for recent in recents for session in read_pack(recent.packed).sessions()]


def pages_closed(world: World, sites: list[str]) -> list[str]:
    return [page for site in sites for session in closed(world, site) for page in session.pages]


def run(world: World, at: int) -> Report:
    return run_minute_job(world.context(at), remaining_ms=lambda: 55_000)


@contextmanager
def at_events_of(
    world: World, session_id: str, do: Callable[[], object]
) -> Iterator[list[str]]:
    """Run `do` whenever the events of that session are read; yield the partitions of events
    that are read."""
    read: list[str] = []

    def before(model: Any, params: Any, **_: Any) -> None:
        if model.name == "Query" and params["TableName"] == world.settings.events_table:
            (value,) = params["ExpressionAttributeValues"].values()
            read.append(value["S"])
            if value["S"] == session_id:
                do()

    events = world.tables.database.client.meta.events
    events.register("before-call.dynamodb", before, unique_id="at events")
    yield read
    events.unregister("before-call.dynamodb", unique_id="at events")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0)


@pytest.fixture
def world() -> World:
    return new_world()


def visit_all(world: World) -> str:
    """Send a session on example.com, whose id is returned, two more, and one on each other
    site."""
    (first,) = world.send(page_view("/deadly"))
    world.send(page_view("/second"), sender=visitor(2))
    world.send(page_view("/third"), sender=visitor(3))
    for number, site in enumerate(OTHER_SITES):
        world.send(page_view(f"https://{site}/"), sender=visitor(10 + number))
    return str(first.session_id)


def test_row_that_kills_a_run_is_marked_and_skipped_by_the_next_run(world: World):
    deadly = visit_all(world)
    with at_events_of(world, deadly, crash), pytest.raises(Crash):
        run(world, DUE)
    (mark,) = world.tables.active_scan.read().pending_closes
    assert deadly in mark.row_ids

    with at_events_of(world, deadly, crash) as read:
        run(world, DUE + MINUTE_MS)

    assert deadly not in read
    assert pages_closed(world, OTHER_SITES) == ["/"] * len(OTHER_SITES)


def test_row_that_kills_runs_is_quarantined_and_its_batch_closes(world: World):
    deadly = visit_all(world)
    with at_events_of(world, deadly, crash):
        for number in range(12):
            try:
                run(world, DUE + number * MINUTE_MS)
            except Crash:
                continue

    assert sorted(pages_closed(world, ["example.com"])) == ["/second", "/third"]
    assert list(world.tables.active_scan.read().quarantined) == [deadly]
    assert world.rows() == []


def test_failed_row_is_retried_alone_and_last(world: World):
    deadly = visit_all(world)
    world.tables.quarantine.count_failure(deadly)
    with at_events_of(world, deadly, crash) as read, pytest.raises(Crash):
        run(world, DUE)

    assert read[-1] == deadly
    assert len(read) == 7
    assert len(pages_closed(world, [*OTHER_SITES, "example.com"])) == 6


def test_throttled_row_waits_for_the_next_run_and_counts_no_failure(world: World):
    slow = visit_all(world)
    with at_events_of(world, slow, throttle):
        for number in range(MAX_FAILURES + 1):
            report = run(world, DUE + number * MINUTE_MS)

    assert report.rows_failed == [slow]
    assert report.rows_quarantined == 0
    assert sorted(pages_closed(world, ["example.com"])) == ["/second", "/third"]
    assert len(pages_closed(world, OTHER_SITES)) == len(OTHER_SITES)
    run(world, DUE + 10 * MINUTE_MS)
    assert len(closed(world, "example.com")) == 3


def test_unreadable_day_does_not_block_other_days_or_sites(world: World):
    visit_all(world)
    run(world, DUE)

    def refuse_example_com(model: Any, params: Any, **_: Any) -> None:
        values = params.get("ExpressionAttributeValues", {}).values()
        if model.name == "Query" and {"S": "example.com"} in values:
            throttle()

    events = world.tables.database.client.meta.events
    events.register("before-call.dynamodb", refuse_example_com, unique_id="refuse")
    report = run(world, minutes(26 * 60))
    events.unregister("before-call.dynamodb", unique_id="refuse")

    assert report.failed == ["example.com 2026-09-05"]
    for site in OTHER_SITES:
        (summary,) = world.tables.rollups.summaries(site, "2026-09-05", "2026-09-05")
        assert summary.packed


def test_invalid_day_does_not_block_other_sites(world: World):
    visit_all(world)
    run(world, DUE)
    (first, *_) = world.tables.rollups.recents("example.com", "2026-09-05", "2026-09-05")
    key = {"site": "example.com", "sort_key": f"recent#{first.day}#{first.recent_id}"}
    table = world.settings.rollups_table
    world.tables.database.update(table, key, "REMOVE packed", values={})
    report = run(world, minutes(26 * 60))

    assert report.failed == ["example.com 2026-09-05"]
    for site in OTHER_SITES:
        assert list(world.tables.rollups.summaries(site, "2026-09-05", "2026-09-05"))


@pytest.mark.parametrize(
    ("operation", "failed"), [("Scan", "sessions"), ("BatchWriteItem", "salts")]
)
def test_throttled_work_is_reported_and_the_run_continues(
    world: World, operation: str, failed: str
):
    visit_all(world)
    run(world, DUE)
    when_salts_are_old = minutes(40 * 60)

    def refuse(model: Any, params: Any, **_: Any) -> None:
        if model.name == operation and world.settings.active_sessions_table in repr(params):
            throttle()

    events = world.tables.database.client.meta.events
    events.register("before-call.dynamodb", refuse, unique_id="refuse")
    report = run(world, when_salts_are_old)
    events.unregister("before-call.dynamodb", unique_id="refuse")

    assert report.failed == [failed]
    (summary,) = world.tables.rollups.summaries("example.com", "2026-09-05", "2026-09-05")
    assert summary.packed


def test_row_with_too_many_events_is_quarantined_immediately(world: World):
    """A release that did not count events could leave such a row."""
    huge = visit_all(world)
    (event,) = world.tables.events.of_session(huge)
    item = world.tables.database.get(
        world.settings.events_table, {"session_id": huge, "event_id": event.event_id}
    )
    assert item is not None
    copies = [item | {"event_id": f"e{number}"} for number in range(MAX_EVENTS_READ)]
    world.tables.database.put_many(world.settings.events_table, copies)
    report = run(world, DUE)

    assert report.rows_failed == [huge]
    assert list(world.tables.active_scan.read().quarantined) == [huge]
    assert sorted(pages_closed(world, ["example.com"])) == ["/second", "/third"]


def test_site_with_many_sessions_does_not_delay_another(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(due_rows, "MAX_DUE_ROWS", 40)
    for number in range(200):
        world.send(page_view("https://busy.example/"), sender=visitor(number))
    world.send(page_view("https://quiet.example/"), sender=visitor(1))
    batches = iter(range(2))  # that there is time for
    report = expire.expire_sessions(
        world.context(DUE), has_time=lambda: next(batches, None) is not None
    )

    assert len(closed(world, "quiet.example")) == 1
    assert 1 < report.sessions_closed < 201
    assert report.rows_due == 201


def test_run_with_time_left_closes_more_rows_than_fit_in_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(due_rows, "MAX_DUE_ROWS", 40)
    for number in range(200):
        world.send(page_view(f"https://site-{number % 3}.example/"), sender=visitor(number))
    report = world.close(at=DUE)

    assert report.sessions_closed == report.rows_due == 200
    assert world.rows() == []
