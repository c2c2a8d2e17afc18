"""A session with all of its events, in order, active or closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.collection.event import Event, in_order
from chalicelib.domain.collection.ids import is_session_id, session_day
from chalicelib.domain.packs.session_reader import read_sessions
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, as_open_session, join_rows
from chalicelib.domain.sessions.session import Session, Step, build_sessions, group_events
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.domain.urls.site_patterns import is_allowed
from chalicelib.services.closed_sessions import read_days
from chalicelib.services.configured_sites import only_site
from chalicelib.services.context import Context
from chalicelib.services.report_days import day_of
from chalicelib.services.row_events import (
    as_one,
    events_of_closing,
    events_of_rows,
    rows_with,
    sessions_of_rows,
)
from chalicelib.settings import Settings


@dataclass(frozen=True, slots=True)
class Timeline:
    """A session with its events or, if these have been deleted, its steps, which have no titles
    and query strings."""

    summary: SessionSummary
    entries: Sequence[Event | Step]
    is_complete: bool


def read_timeline(session_id: str, site: str | None, context: Context) -> Timeline | None:
    """Return None if there is no such session, or the site may not be read."""
    timeline = find(session_id, context) or _of_packed(
        session_id, site or only_site(context.settings), context
    )
    if timeline is None or not is_allowed(timeline.summary.site, context.settings.sites):
        return None
    return timeline if site in (None, timeline.summary.site) else None


def find(session_id: str, context: Context) -> Timeline | None:
    """Find the session. Rows are read before Sessions, so one that closes in between is
    found."""
    row = context.tables.active_sessions.get(session_id) if is_session_id(session_id) else None
    if row is not None:
        return _of_row(session_id, row, context)
    closed = context.tables.sessions.get(session_id)
    if closed is not None:
        return _of_closed(closed, context)
    return _find_in_transition(session_id, context)


def events_of(
    closed: SessionSummary, stored: Iterable[Event], settings: Settings
) -> list[Event]:
    """Return the remaining events of a closed session, stored under its id or under that of
    another session."""
    events = list(stored)
    own = [one for one in events if closed.start_time <= one.at <= closed.last_activity]
    if len(own) > closed.page_count + closed.events:
        # A full session ends in the middle of a moment that the next one begins with.
        for run in group_events(events, timeout_ms=settings.session_timeout_ms):
            if run.session_id == closed.session_id:
                return run.events
    return sorted(own, key=in_order)


def _of_closed(closed: SessionSummary, context: Context) -> Timeline:
    stored = context.tables.events.of_session(closed.storage_session_id or closed.session_id)
    events = events_of(closed, stored, context.settings)
    if len(events) == closed.page_count + closed.events:
        return Timeline(closed, events, is_complete=True)
    return Timeline(closed, _steps_of(closed, context) or events, is_complete=False)


def _steps_of(closed: SessionSummary, context: Context) -> Sequence[Step]:
    """Return the session from Rollups, whose events have been deleted."""
    day = day_of(closed.start_time, context.settings)
    packed = _packed(closed.session_id, closed.site, (day, day), context)
    return packed.steps if packed else []


def _of_packed(session_id: str, site: str | None, context: Context) -> Timeline | None:
    """Find a session whose summary has expired, with its events. Late events and the reports'
    time zone can move it a day or two from the date in its id."""
    made_on = session_day(session_id)
    if site is None or made_on is None:
        return None
    first, last = (made_on + timedelta(days=days) for days in (-2, 2))
    packed = _packed(session_id, site, (first.isoformat(), last.isoformat()), context)
    return (
        Timeline(summarize_session(packed), packed.steps, is_complete=False) if packed else None
    )


def _packed(
    session_id: str, site: str, days: tuple[str, str], context: Context
) -> Session | None:
    """Return the session from the packs of one of these days."""
    for day in read_days(site, *days, context):
        for pack in day.packs:
            if pack.contained_ids([session_id]):
                index = pack.session_ids().index(session_id)
                return read_sessions(pack, [index])[0]
    return None


def _of_row(session_id: str, row: ActiveSession, context: Context) -> Timeline | None:
    """Build the session from its events, or from the row if not all are stored yet. A row can
    be a later part of another row's session."""
    rows = rows_with(row, context)
    sessions = sessions_of_rows(rows, context.settings)
    stored = events_of_rows(rows, context)
    if sessions and session_id not in {session.session_id for session in sessions}:
        session_id = _session_of(session_id, row, sessions)
    events = as_one(stored, rows.session_id)
    timeline = _find_in_events(session_id, events, context.settings, rows)
    return timeline or next(
        (
            Timeline(summarize_session(session), session.steps, is_complete=False)
            for session in sessions
            if session.session_id == session_id
        ),
        None,
    )


def _session_of(session_id: str, row: ActiveSession, sessions: Sequence[Session]) -> str:
    """Return the id of the session with the row's newest event, or the requested id if it
    belongs to another row."""
    if session_id != row.session_id:
        return session_id
    return next(
        session.session_id
        for session in sessions
        if row.last_activity <= session.last_activity or session is sessions[-1]
    )


def _find_in_events(
    session_id: str, events: Sequence[Event], settings: Settings, rows: JoinedRows | None = None
) -> Timeline | None:
    """Return the session with that id among the sessions of these events, which were collected
    under one id. `rows` are theirs, if not closed."""
    timeout_ms = settings.session_timeout_ms
    runs = group_events(events, timeout_ms=timeout_ms)
    # No answer shows the visitor of a session, so any key will do.
    sessions = build_sessions(events, visitor_key=b"", timeout_ms=timeout_ms)
    if sessions and rows:
        sessions[-1] = as_open_session(sessions[-1], rows, timeout_ms=timeout_ms)
    return next(
        (
            Timeline(summarize_session(session), run.events, is_complete=True)
            for session, run in zip(sessions, runs, strict=True)
            if session.session_id == session_id
        ),
        None,
    )


def _find_in_transition(session_id: str, context: Context) -> Timeline | None:
    """Return a session that has closed but is not in Sessions yet, or one that late events of
    an active row will form."""
    contents = context.tables.active_scan.read()
    for closing in contents.pending_closes:
        if session_id in closing.row_ids:
            session_id = closing.moved.get(session_id, session_id)
            events = events_of_closing(closing, session_id, context)
            return _find_in_events(session_id, events, context.settings)
    for rows in join_rows(contents.rows, context.settings.session_timeout_ms):
        sessions = sessions_of_rows(rows, context.settings)
        if any(session.session_id == session_id for session in sessions):
            return _of_row(session_id, rows.rows[0], context)
    return None
