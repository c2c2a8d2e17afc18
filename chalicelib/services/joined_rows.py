"""Rows that are one session together (domain/active_session.py, `joined`), and their events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.active_session import ActiveSession, Joined, as_sessions, joined
from chalicelib.domain.event import Event
from chalicelib.domain.session import MAX_EVENTS, Session
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables

# Twice the limit and more: a request that a crash repeats is counted twice, and a row that a
# release before 0.2 has opened was not counted at all.
MAX_EVENTS_READ = 5 * MAX_EVENTS


def rows_with(row: ActiveSession, tables: Tables) -> Joined:
    """The rows that are one session with this one, itself included."""
    rows = tables.active.relatives([row]).values()
    parts = joined(rows, tables.active.timeout_ms)
    return next(part for part in parts if row.session_id in part.ids)


def sessions_of_rows(
    rows: Joined, settings: Settings, *, visitor_key: bytes = b""
) -> list[Session]:
    """What joined rows show. Usually one session; late events can make it several. Their
    visitors are those of closed sessions only under the visitor key."""
    return as_sessions(rows, visitor_key=visitor_key, timeout_ms=settings.session_timeout_ms)


def events_of_rows(rows: Joined, tables: Tables) -> list[Event]:
    """Everything that is stored under these rows. Raise TooManyEvents where a row has many more
    than collecting puts there."""
    return [
        event
        for row in rows.rows
        for event in tables.events.of_session(row.session_id, most=MAX_EVENTS_READ)
    ]


def as_one(stored: Iterable[Event], session_id: str) -> list[Event]:
    """The events as if they were stored under one id. One that a run of the job has copied
    before it died is there twice, and counts once."""
    found: dict[str, Event] = {}
    for event in stored:
        one = replace(event, session_id=session_id)
        other = found.get(event.event_id)
        found[event.event_id] = one if other is None else _with_more(one, other)
    return list(found.values())


def _with_more(event: Event, other: Event) -> Event:
    """With the larger engagement of two copies."""
    depths = [one.scroll_depth for one in (event, other) if one.scroll_depth is not None]
    return replace(
        event,
        engaged_ms=max(event.engaged_ms, other.engaged_ms),
        scroll_depth=max(depths, default=None),
    )
