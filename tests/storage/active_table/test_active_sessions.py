"""What events change in the row of their session, and when the row declines them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.collection.event import Event
from chalicelib.domain.sessions.active_session import ActiveSession, new_active_session
from chalicelib.storage.active_table.active_sessions import Declined
from chalicelib.storage.active_table.row_update import RowUpdate
from tests.world import World, minutes, new_world

SESSION = "sess_20260905_00000001"
TIMEOUT_MS = 30 * 60_000


def event(minute: float, path: str = "/", **fields: Any) -> Event:
    at = minutes(minute)
    return replace(
        Event(
            session_id=SESSION,
            event_id=f"e{minute}",
            event_type="page_view",
            at=at,
            received_at=at,
            site="example.com",
            visitor_id="0" * 12,
            page_url=f"https://example.com{path}",
        ),
        **fields,
    )


@pytest.fixture
def world() -> World:
    """Return a world with a session from minute 10 to 20."""
    made = new_world()
    row = new_active_session(
        [event(10, "/a"), event(20, "/b")], pointer_key="p", now=minutes(20)
    )
    made.tables.active_sessions.open(replace(row, first_received_at=minutes(10)))
    made.calls.clear()
    return made


def continued(world: World, *events: Event, checked: bool = False) -> ActiveSession | Declined:
    table = world.tables.active_sessions
    update = RowUpdate(SESSION, events, minutes(25), TIMEOUT_MS)
    return table.continue_session(update, checked=table.get(SESSION) if checked else None)


def test_newer_event_moves_the_end(world: World):
    row = continued(world, event(21, "/c", user_id="ann"))

    assert isinstance(row, ActiveSession)
    assert (row.start_time, row.last_activity) == (minutes(10), minutes(21))
    assert (row.entry_url, row.current_page) == ("https://example.com/a", "/c")
    assert (row.events, row.user_id, row.last_received_at) == (3, "ann", minutes(25))


def test_event_in_between_is_only_counted(world: World):
    row = continued(world, event(15, "/c"))

    assert isinstance(row, ActiveSession)
    assert (row.start_time, row.last_activity) == (minutes(10), minutes(20))
    assert row.current_page == "/b"
    assert row.events == len(row.views) == 3


def test_older_event_moves_the_start_after_a_visitor_lookup(world: World):
    older = event(5, "/first", visitor_id="1" * 12)

    assert isinstance(continued(world, older), Declined)
    row = continued(world, older, checked=True)
    assert isinstance(row, ActiveSession)
    assert (row.start_time, row.last_activity) == (minutes(5), minutes(20))
    assert (row.entry_url, row.visitor_id) == ("https://example.com/first", "1" * 12)


@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize(
    "late",
    [
        pytest.param(event(50), id="30 minutes after the end"),
        pytest.param(event(-20), id="30 minutes before the start"),
        pytest.param(event(21, site="other.example"), id="of another site"),
    ],
)
def test_event_of_another_session_is_declined(world: World, late: Event, checked: bool):
    declined = continued(world, late, checked=checked)

    assert declined == Declined(world.tables.active_sessions.get(SESSION))


def test_missing_row_declines(world: World):
    update = RowUpdate("sess_20260905_00000002", (event(21),), minutes(25), TIMEOUT_MS)

    assert world.tables.active_sessions.continue_session(update) == Declined(None)


def test_superseded_row_declines_until_the_visitor_lookup(world: World):
    world.tables.active_sessions.supersede(SESSION, by="sess_20260905_00000002")

    assert isinstance(continued(world, event(21)), Declined)
    assert isinstance(continued(world, event(21), checked=True), ActiveSession)


def test_existing_id_keeps_its_row(world: World):
    table = world.tables.active_sessions
    before = table.get(SESSION)
    other = new_active_session([event(21)], pointer_key="q", now=minutes(21))

    assert table.open(other) == before == table.get(SESSION)


def test_retracted_event_leaves_its_first_marker(world: World):
    table = world.tables.active_sessions
    again = event(20, "/b", received_at=minutes(22))
    row = continued(world, again)
    assert isinstance(row, ActiveSession)
    assert (row.events, len(row.views)) == (3, 3)

    table.retract(row, again)
    after = table.get(SESSION)
    assert after is not None
    assert (after.events, len(after.views)) == (2, 2)
