"""Rows: what is shown of an open session agrees with what it becomes."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.sessions.active_session import (
    ActiveSession,
    JoinedRows,
    new_active_session,
    to_sessions,
)
from chalicelib.domain.sessions.session import SESSION_TIMEOUT_MS, Session
from tests.builders import START, event


def opened(*events) -> ActiveSession:
    return new_active_session(list(events), pointer_key="p", now=START)


def live(*events) -> list[Session]:
    return to_sessions(
        JoinedRows((opened(*events),)), visitor_key=b"key", timeout_ms=SESSION_TIMEOUT_MS
    )


def test_open_session_is_computed_from_its_events():
    (session,) = live(
        event(0, "/a?utm_source=news", referrer="https://b.example/"),
        event(5, "/b"),
        event(9, "/b", "signup"),
    )

    assert session.pages == ["/a", "/b"]
    assert (session.events, session.duration_ms, session.is_bounce) == (1, 9, False)
    assert (session.utm_source, session.referrer) == ("news", "https://b.example/")
    assert session.ended_by is None


def test_row_keeps_first_and_last_event_in_any_order():
    row = opened(event(9, "/last"), event(0, "/first"))

    assert (row.start_time, row.last_activity) == (START, START + 9)
    assert (row.entry_url, row.current_page) == ("https://example.com/first", "/last")


def test_event_with_two_markers_counts_once_at_its_earlier_time():
    first = opened(event(0, "/a", event_id="e1"))
    again = opened(event(60_000, "/a", event_id="e1"))
    both = ActiveSession(**{**_fields(first), "views": first.views | again.views})
    (session,) = to_sessions(
        JoinedRows((both,)), visitor_key=b"", timeout_ms=SESSION_TIMEOUT_MS
    )

    assert session.pageviews == 1
    assert session.last_activity == START


def test_row_with_two_sessions_returns_both():
    first, second = live(event(0), event(SESSION_TIMEOUT_MS))

    assert (first.ended_by, second.ended_by) == ("timeout", None)


def test_expiry_is_rounded_up_to_a_second():
    assert opened(event(1)).expires_at() == START // 1000 + 1801
    assert opened(event(0)).expires_at() == START // 1000 + 1800


def _fields(row: ActiveSession) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ActiveSession.__slots__}
