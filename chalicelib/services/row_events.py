"""The stored events of rows that are one session (domain/sessions/joined_rows.py)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.collection.event import Event, in_order, max_known
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows, to_sessions
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import MAX_SESSION_EVENTS
from chalicelib.services.context import Context
from chalicelib.settings import Settings
from chalicelib.storage.active_table.pending_closes import PendingClose

# Twice the limit and more: a request that a crash repeats is counted twice, and a row that a
# release before 0.2 has opened was not counted at all.
MAX_EVENTS_READ = 5 * MAX_SESSION_EVENTS


def rows_with(row: ActiveSession, context: Context) -> JoinedRows:
    """Return the rows that are one session with this one, itself included."""
    rows = context.tables.active_sessions.with_relatives([row]).values()
    parts = join_rows(rows, context.tables.active_sessions.timeout_ms)
    return next(part for part in parts if row.session_id in part.ids)


def sessions_of_rows(
    rows: JoinedRows, settings: Settings, *, visitor_key: bytes = b""
) -> list[Session]:
    """Return the sessions that joined rows show. Usually one; late events can make several.
    Only with the visitor key are their visitors those of closed sessions."""
    return to_sessions(rows, visitor_key=visitor_key, timeout_ms=settings.session_timeout_ms)


def events_of_rows(rows: JoinedRows, context: Context) -> list[Event]:
    """Return all events stored under these rows. Raise TooManyEvents if a row has many more
    than collecting allows."""
    return [
        event
        for row_id in _target_last(rows.ids, rows.session_id)
        for event in context.tables.events.of_session(row_id, most=MAX_EVENTS_READ)
    ]


def events_of_closing(closing: PendingClose, session_id: str, context: Context) -> list[Event]:
    """Return all events of a session whose rows are gone, including those not moved yet."""
    return as_one(_stored_of(closing, session_id, context), session_id)


def closed_session_events(
    session_id: str, closings: Iterable[PendingClose], context: Context
) -> list[Event]:
    """Return all events of a closed session; `closings` are those in progress when its rows
    were read."""
    for closing in closings:
        if closing.moved_to(session_id):
            return events_of_closing(closing, session_id, context)
    return list(context.tables.events.of_session(session_id))


def move_events(closing: PendingClose, context: Context) -> None:
    """Move each session's events under one id, and leave notes under the others. Safe to
    repeat."""
    for session_id in sorted(set(closing.moved.values())):
        stored = _stored_of(closing, session_id, context)
        moving = [event for event in stored if event.session_id != session_id]
        ids = {event.event_id for event in moving}
        context.tables.events.put_many(
            [e for e in as_one(stored, session_id) if e.event_id in ids]
        )
        context.tables.events.put_moved(moving, to=session_id)


def as_one(stored: Iterable[Event], session_id: str) -> list[Event]:
    """Return the events as if stored under one id. An event stored under several counts once,
    as it was first."""
    by_id: dict[str, Event] = {}
    for event in stored:
        one = replace(event, session_id=session_id)
        other = by_id.get(event.event_id)
        by_id[event.event_id] = one if other is None else _first_of(one, other)
    return list(by_id.values())


def _stored_of(closing: PendingClose, session_id: str, context: Context) -> list[Event]:
    return [
        event
        for row_id in _target_last({*closing.moved_to(session_id), session_id}, session_id)
        for event in context.tables.events.of_session(row_id)
    ]


def _target_last(row_ids: Iterable[str], session_id: str) -> list[str]:
    """Sort the ids for reading, so that an event that moves meanwhile is read twice rather than
    not at all."""
    return sorted(row_ids, key=lambda row_id: (row_id == session_id, row_id))


def _first_of(one: Event, other: Event) -> Event:
    """Return the first of two copies, with the larger engagement."""
    event = min(one, other, key=in_order)
    return replace(
        event,
        engaged_ms=max(one.engaged_ms, other.engaged_ms),
        scroll_depth=max_known(one.scroll_depth, other.scroll_depth),
        read_until=max_known(one.read_until, other.read_until),
        seen_at=one.seen_at | other.seen_at,
    )
