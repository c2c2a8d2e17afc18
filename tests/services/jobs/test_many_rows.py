"""A visitor can have many rows at once without affecting other visitors. Here, one session id
is sent with a new user_id each time."""

from __future__ import annotations

import pytest

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.sessions.active_session import MAX_LATER_ROWS, MAX_VISITOR_ROWS
from chalicelib.domain.sessions.joined_rows import MAX_JOINED_ROWS, join_rows
from chalicelib.services.collect import session_assignment
from tests.world import START, World, minutes, new_world, page_view, visitor

HOUR_MS = 3_600_000


def many_users(world: World, users: int) -> None:
    """Send events of many users; all but the first are too late for the session that they
    name."""
    (first,) = world.send(page_view("/first", age=23 * HOUR_MS))
    for number in range(users):
        body = page_view(f"/{number}", user_id=f"u{number}", session_id=first.session_id)
        (outcome,) = world.send(body, at=START + number)
        assert outcome.status == "stored"


def pages(world: World) -> list[str]:
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    results = [one for recent in recents for one in read_pack(recent.packed).sessions()]
    return sorted(page for session in results for page in session.pages)


def test_rows_of_a_visitor_are_limited_and_all_their_events_count():
    world = new_world()
    world.send(page_view("/other"), sender=visitor(2))
    many_users(world, 60)
    assert len(world.rows()) == MAX_VISITOR_ROWS + 1
    report = world.close(at=minutes(60))

    assert (report.rows_failed, report.sessions_closed) == ([], 3)
    assert pages(world) == sorted(["/first", "/other", *(f"/{n}" for n in range(60))])


def test_more_rows_than_a_transaction_allows_still_close(
    monkeypatch: pytest.MonkeyPatch,
):
    """Concurrent requests that do not see each other can open so many."""
    monkeypatch.setattr(session_assignment, "MAX_VISITOR_ROWS", 1_000)
    world = new_world()
    many_users(world, 105)
    assert len(world.rows()) == 106
    parts = join_rows(world.rows(), world.tables.active_sessions.timeout_ms)
    assert max(len(part.rows) + len(part.other_rows) for part in parts) == MAX_JOINED_ROWS
    reports = [world.close(at=minutes(60 + number)) for number in range(3)]

    assert [report.rows_failed for report in reports] == [[], [], []]
    assert world.rows() == []
    assert len(pages(world)) == 106


def test_row_refers_to_a_limited_number_of_later_rows():
    world = new_world()
    (first,) = world.send(page_view("/first"))
    session_id = str(first.session_id)
    for number in range(MAX_LATER_ROWS + 5):
        later = f"sess_20260905_{number:08x}"
        world.tables.active_sessions.supersede(session_id, by=later)
    (row,) = world.rows()

    assert len(row.later) == MAX_LATER_ROWS
