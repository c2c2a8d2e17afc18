"""Rows of active sessions: what they store of their events, and when they expire."""

from __future__ import annotations

from chalicelib.domain.sessions.active_session import ActiveSession, new_active_session
from tests.builders import START, event


def opened(*events) -> ActiveSession:
    return new_active_session(list(events), pointer_key="p", now=START)


def test_row_keeps_first_and_last_event_in_any_order():
    row = opened(event(9, "/last"), event(0, "/first"))

    assert (row.start_time, row.last_activity) == (START, START + 9)
    assert (row.entry_url, row.current_page) == ("https://example.com/first", "/last")


def test_expiry_is_rounded_up_to_a_second():
    assert opened(event(1)).expires_at() == START // 1000 + 1801
    assert opened(event(0)).expires_at() == START // 1000 + 1800
