"""Closing: each session is closed once, whatever happens in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.jobs import expire
from tests.world import CHROME, START, World, custom, minutes, new_world, page_view, visitor

DUE = minutes(32) + 1  # 30 minutes, and 2 in which a collector may still be running


def rolled_up(world: World, site: str = "example.com") -> list[Session]:
    recents = world.tables.rollups.recents(site, "2026-01-01", "2027-01-01")
    return [session for recent in recents for session in read_pack(recent.packed).sessions()]


def test_closed_session_moves_from_its_row_to_rollups_and_sessions(world: World):
    (view,) = world.send(page_view("/a", referrer="https://news.example/"))
    named = {"session_id": view.session_id}
    world.send(page_view("/b", **named), custom("signup", "/b", **named), at=minutes(2))
    report = world.close(at=minutes(34) + 1)

    (session,) = rolled_up(world)
    outline = world.tables.sessions.get(view.session_id)
    assert report.sessions_closed == 1
    assert world.rows() == []
    assert (session.pages, session.events, session.duration_ms) == (["/a", "/b"], 1, 120_000)
    assert outline is not None
    assert (outline.entry_page, outline.exit_page, outline.page_count) == ("/a", "/b", 2)
    assert outline.referrer == "https://news.example/"
    assert outline.ended_by == "timeout"


@pytest.mark.parametrize(
    ("at", "closed"),
    [
        pytest.param(minutes(29), 0, id="still open"),
        pytest.param(minutes(31.9), 0, id="expired, but a collector may be running"),
        pytest.param(minutes(32), 1, id="due"),
    ],
)
def test_row_is_closed_after_its_timeout(world: World, at: int, closed: int):
    world.send(page_view("/"))

    assert world.close(at=at).sessions_closed == closed


def test_recently_updated_row_stays_open(world: World):
    (view,) = world.send(page_view("/"))
    world.send(
        page_view("/late", age=minutes(31) - START, session_id=view.session_id), at=minutes(31)
    )

    assert world.close(at=minutes(32.5)).sessions_closed == 0
    assert world.close(at=minutes(33.1)).sessions_closed == 1


def test_second_run_finds_nothing(world: World):
    world.send(page_view("/"))
    world.close(at=DUE)
    before = world.items("rollups"), world.items("sessions")

    assert world.close(at=DUE).sessions_closed == 0
    assert (world.items("rollups"), world.items("sessions")) == before


def test_overlapping_runs_count_a_session_once(world: World):
    for number in range(20):
        world.send(page_view("/"), sender=visitor(number))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: world.close(at=DUE), range(4)))

    assert len(rolled_up(world)) == 20
    assert world.rows() == []


@pytest.mark.parametrize("operation", ["BatchWriteItem", "UpdateItem", "DeleteItem"])
def test_close_interrupted_after_its_transaction_is_resumed_by_the_next_run(
    world: World, operation: str
):
    (view,) = world.send(page_view("/"))

    def die(model, **_):
        if model.name == operation:
            raise MemoryError

    client = world.tables.database.client
    client.meta.events.register("before-call.dynamodb", die, unique_id="die")
    with pytest.raises(MemoryError):
        world.close(at=DUE)
    client.meta.events.unregister("before-call.dynamodb", unique_id="die")
    world.close(at=DUE)

    assert len(rolled_up(world)) == 1
    assert world.tables.sessions.get(view.session_id) is not None
    assert world.tables.site_registry.sites() == {"example.com"}
    assert world.tables.active_scan.read().pending_closes == []


def test_event_between_read_and_delete_keeps_its_row_open(world: World, monkeypatch):
    (view,) = world.send(page_view("/"))
    (other,) = world.send(page_view("/"), sender=visitor(2))
    transact = type(world.tables.database).transact

    def interrupted(database, actions):
        monkeypatch.undo()
        late = page_view("/late", age=minutes(40) - START, session_id=view.session_id)
        world.send(late, at=minutes(40))
        transact(database, actions)

    monkeypatch.setattr(type(world.tables.database), "transact", interrupted)
    world.close(at=minutes(40))

    assert [row.session_id for row in world.rows()] == [view.session_id]
    assert [session.session_id for session in rolled_up(world)] == [other.session_id]
    world.close(at=minutes(43))
    assert sorted(len(session.pages) for session in rolled_up(world)) == [1, 2]


def test_late_event_of_an_older_session_becomes_a_separate_session(world: World):
    (view,) = world.send(page_view("/now"), at=minutes(600))
    early = page_view("/early", age=8 * 3_600_000, session_id=view.session_id)
    (late,) = world.send(early, at=minutes(601))
    world.close(at=minutes(640))

    first, second = sorted(rolled_up(world), key=lambda session: session.started_at)
    assert (first.pages, second.pages) == (["/early"], ["/now"])
    assert (first.session_id, second.session_id) == (late.session_id, view.session_id)


def test_row_without_events_is_removed_and_counted(world: World, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.storage.events.EventTable.put", lambda *_: True)
        world.send(page_view("/"))
    report = world.close(at=DUE)

    assert (report.rows_empty, report.sessions_closed) == (1, 0)
    assert world.rows() == rolled_up(world) == []


def test_more_rows_than_one_transaction_allows(world: World):
    for number in range(130):
        world.send(
            page_view("/"), sender=visitor(number % 100, user_agent=f"{CHROME} Build/{number}")
        )
    world.calls.clear()
    world.close(at=DUE)

    assert world.calls.count("TransactWriteItems") == 2
    assert len(rolled_up(world)) == len(world.items("sessions")) == 130


def test_sessions_are_grouped_by_day_in_the_report_time_zone():
    world = new_world(REPORT_TIMEZONE="Asia/Seoul")
    world.send(page_view("/"), at=minutes(6 * 60))  # 16:00 UTC is 01:00 of the next day there
    world.close(at=minutes(7 * 60))

    (recent,) = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    assert recent.day == "2026-09-06"


def test_salts_are_deleted_after_their_day_and_the_next(world: World):
    world.send(page_view("/"))
    midnight = minutes(14 * 60)

    world.close(at=midnight + 24 * 3_600_000 - 1)
    assert "2026-09-05" in world.tables.active_scan.read().salts
    world.close(at=midnight + 24 * 3_600_000)
    assert "2026-09-05" not in world.tables.active_scan.read().salts


def test_job_stops_before_its_timeout_and_resumes(world: World):
    world.send(page_view("/"))
    report = expire.expire_sessions(world.context(DUE), has_time=lambda: False)

    assert (report.rows_due, report.sessions_closed) == (1, 0)
    assert world.close(at=DUE).sessions_closed == 1


def test_report_includes_the_lag_of_the_job(world: World):
    world.send(page_view("/"))

    assert world.close(at=minutes(92)).lag_seconds == 3600


def broken_event(world: World, view: Any) -> dict[str, Any]:
    """Corrupt a stored event; return the original."""
    key = {"session_id": view.session_id, "event_id": view.event_id}
    item = world.tables.database.get(world.settings.events_table, key)
    assert item is not None
    world.tables.database.put(world.settings.events_table, item | {"timestamp": "noon"})
    return item


def test_row_is_quarantined_after_three_failures_and_does_not_block_others(world: World):
    (view,) = world.send(page_view("/broken"))
    broken_event(world, view)
    world.send(page_view("/fine"), sender=visitor(2))

    reports = [world.close(at=DUE + run) for run in range(4)]

    assert [session.pages for session in rolled_up(world)] == [["/fine"]]
    assert [report.rows_failed for report in reports] == [[view.session_id]] * 3 + [[]]
    assert [report.rows_quarantined for report in reports] == [0, 0, 1, 1]
    assert world.rows() == []


def test_quarantined_row_is_retried_a_day_later(world: World):
    (view,) = world.send(page_view("/mended"))
    event = broken_event(world, view)
    for run in range(3):
        world.close(at=DUE + run)
    world.tables.database.put(world.settings.events_table, event)

    a_day_later = DUE + 24 * 60 * 60_000 + 3
    world.close(at=a_day_later)
    world.close(at=a_day_later + 60_000)

    assert [session.pages for session in rolled_up(world)] == [["/mended"]]
    assert (
        world.items("active_sessions") == [] or not world.tables.active_scan.read().quarantined
    )


def test_unreadable_row_is_quarantined_unchanged(world: World):
    world.tables.database.put(
        world.settings.active_sessions_table,
        {"session_id": "sess_20260905_00000001", "site": "example.com", "note": "kept"},
    )

    for run in range(3):
        report = world.close(at=DUE + run)

    assert report.rows_failed == ["sess_20260905_00000001"]
    (aside,) = world.items("active_sessions")
    assert (aside["session_id"], aside["note"]) == ("aside#sess_20260905_00000001", "kept")


def test_many_rows_are_read_in_parts(world: World, monkeypatch: Any):
    monkeypatch.setattr(expire, "ROWS_PER_PART", 4)
    monkeypatch.setattr(expire, "ROWS_PER_RUN", 8)
    for number in range(20):
        world.send(page_view(f"/{number}"), sender=visitor(number))
    world.close(at=minutes(1))  # counts them

    reports = [world.close(at=DUE + run * 60_000) for run in range(20)]

    assert [session.pages for session in sorted_by_page(rolled_up(world))] == sorted(
        [f"/{number}"] for number in range(20)
    )
    assert max(report.rows_due for report in reports) < 20


def sorted_by_page(sessions: list[Session]) -> list[Session]:
    return sorted(sessions, key=lambda session: session.pages)


def test_three_days_without_a_job_do_not_change_metrics(world: World):
    for day in range(3):
        for number in range(4):
            at = minutes(day * 24 * 60 + 25 * number)
            world.send(page_view(f"/{day}"), at=at, sender=visitor(number))

    report = world.close(at=minutes(3 * 24 * 60 + 600))

    assert len(rolled_up(world)) == report.sessions_closed == 12
    assert report.lag_seconds > 3 * 24 * 3600


def test_events_are_read_several_rows_at_a_time(world: World):
    for number in range(9):
        world.send(page_view("/"), sender=visitor(number))

    with ThreadPoolExecutor(4) as pool:
        expire.expire_sessions(world.context(DUE), pool=pool)

    assert len(rolled_up(world)) == 9
