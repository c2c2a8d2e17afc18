"""Joined rows: an open session looks the same as after it is closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.domain.sessions.active_session import ActiveSession, new_active_session
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows, to_sessions
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import SESSION_TIMEOUT_MS
from tests.builders import MINUTE, START, event


def opened(*events) -> ActiveSession:
    return new_active_session(list(events), pointer_key="p", now=START)


def live(*events) -> list[Session]:
    return to_sessions(
        JoinedRows((opened(*events),)), visitor_key=b"key", timeout_ms=SESSION_TIMEOUT_MS
    )


def test_rows_without_a_gap_are_one_session():
    """The example in the module's docstring."""
    a, b, c = (
        replace(
            opened(event(first * MINUTE), event(last * MINUTE)),
            session_id=name,
            first_received_at=START + first * MINUTE,
            earlier=frozenset(earlier),
        )
        for name, first, last, earlier in [
            ("A", 0, 20, ""),
            ("B", 40, 50, "A"),
            ("C", 90, 95, "AB"),
        ]
    )

    joined = join_rows([b, c, a], SESSION_TIMEOUT_MS)

    assert [rows.rows for rows in joined] == [(a, b), (c,)]
    assert [rows.session_id for rows in joined] == ["A", "C"]
    assert [rows.other_rows for rows in joined] == [(c,), (b, a)]


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


def _fields(row: ActiveSession) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ActiveSession.__slots__}
