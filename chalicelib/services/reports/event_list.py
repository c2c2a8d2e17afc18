"""The events of a site, newest first and page by page.

Events are stored by session. The packs and the active rows tell which sessions have matching
events, and when; the events themselves are then read session by session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.collection.event import Event
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.scan.event_page import (
    EventQuery,
    EventRef,
    event_cursor,
    events_in_pack,
    newest_events,
    open_session_events,
)
from chalicelib.domain.sessions.active_session import JoinedRows, join_rows
from chalicelib.domain.sessions.session import MAX_SESSION_MS, group_events
from chalicelib.services.closed_sessions import ClosedDay, read_days
from chalicelib.services.context import Context
from chalicelib.services.joined_rows import (
    as_one,
    events_of_rows,
    sessions_of_rows,
    storage_session_id,
)
from chalicelib.services.report_days import day_of, report_day
from chalicelib.settings import Settings
from chalicelib.storage.active_table.pending_closes import PendingClose

MAX_SCANNED_SESSIONS = (
    500_000  # sessions that one page looks through, where few have what is sought
)

SessionEvent = tuple[str, Event]  # with the id of its session


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first. The cursor is None at the end of the list."""

    events: Sequence[SessionEvent]
    cursor: Cursor | None


def read_events(site: str, sought: EventQuery, limit: int, context: Context) -> EventPage:
    # Rows before Rollups: a session that closes in between is found twice, never not at all.
    contents = context.tables.active_scan.read()
    open_rows = contents.rows if contents.is_complete else ()
    live = _Live(
        {
            rows.session_id: rows
            for rows in join_rows(open_rows, context.settings.session_timeout_ms)
            if rows.site == site
        },
        contents.pending_closes,
        context,
    )
    refs, unread_from = _newest(
        _open_session_events(live, sought, context.settings),
        _days(site, sought, context),
        sought,
        limit,
        context.settings,
    )
    events = _events(refs, live, site, sought, unread_from, context.settings)
    return build_page(events, limit, unread_from)


def build_page(
    events: Iterable[SessionEvent], limit: int, unread_from: Cursor | None
) -> EventPage:
    """Return the newest events; those from `unread_from` on have not been read."""
    ordered = sorted(events, key=lambda one: event_cursor(*one), reverse=True)
    page = ordered[:limit]
    return EventPage(page, event_cursor(*page[-1]) if len(ordered) > limit else unread_from)


def list_events(
    events: Iterable[Event], sought: EventQuery, unread_from: Cursor | None, settings: Settings
) -> Iterator[SessionEvent]:
    """Return the matching events after the cursor, of all events stored under one id."""
    for run in group_events(events, timeout_ms=settings.session_timeout_ms):
        for event in run.events:
            key = event_cursor(run.session_id, event)
            if sought.matches(run.session_id, event) and (
                unread_from is None or key >= unread_from
            ):
                yield run.session_id, event


def _newest(
    open_moments: Sequence[EventRef],
    days: Iterable[ClosedDay],
    sought: EventQuery,
    limit: int,
    settings: Settings,
) -> tuple[list[EventRef], Cursor | None]:
    """Return enough of the newest events for a page, and where the others begin, if there are
    any."""
    most = limit + 2  # the first may have been seen to the end, the last tells of more
    found = newest_events(open_moments, most)
    scanned = 0
    for day in days:
        # Sessions that have not been read started on this day or before; none is longer.
        settled_from = Cursor(report_day(day.day, settings).end + MAX_SESSION_MS)
        settled = [moment for moment in found if moment.key >= settled_from]
        if len(settled) == most:
            break
        if scanned >= MAX_SCANNED_SESSIONS and sought.can_end_page(settled_from):
            return settled, settled_from
        for segment in filter(sought.may_match, day.segments):
            scanned += segment.count
            found = newest_events([*found, *events_in_pack(segment, sought, most)], most)
    chosen = found[: most - 1]
    return chosen, chosen[-1].key if len(found) > len(chosen) else None


def _days(site: str, sought: EventQuery, context: Context) -> Iterator[ClosedDay]:
    """Yield days, newest first, from a day before the requested time, as sessions can last that
    long."""
    if sought.latest < sought.start:
        return iter(())
    first = day_of(sought.start - MAX_SESSION_MS, context.settings)
    return read_days(
        site, first, day_of(sought.latest, context.settings), context, newest_first=True
    )


@dataclass(frozen=True, slots=True)
class _Live:
    """The site's active sessions by id, and those that are being closed."""

    rows: Mapping[str, JoinedRows]
    pending_closes: Sequence[PendingClose]
    context: Context

    def storage_session_id(self, session_id: str) -> list[Event]:
        """Return the events of an active session, or those stored under the id of a closed
        one."""
        if session_id not in self.rows:
            return storage_session_id(session_id, self.pending_closes, self.context)
        return as_one(events_of_rows(self.rows[session_id], self.context), session_id)


def _open_session_events(live: _Live, sought: EventQuery, settings: Settings) -> list[EventRef]:
    """Return events of active sessions. A truncated row does not list all of its events."""
    found: list[EventRef] = []
    for session_id, rows in live.rows.items():
        if rows.is_truncated:
            events = live.storage_session_id(session_id)
            found += [
                EventRef(event_cursor(own_id, event), session_id)
                for own_id, event in list_events(events, sought, None, settings)
            ]
        else:
            for session in sessions_of_rows(rows, settings):
                found += open_session_events(session, session_id, sought)
    return found


def _events(
    refs: Iterable[EventRef],
    live: _Live,
    site: str,
    sought: EventQuery,
    unread_from: Cursor | None,
    settings: Settings,
) -> Iterator[SessionEvent]:
    for under in dict.fromkeys(moment.storage_session_id for moment in refs):
        for one in list_events(live.storage_session_id(under), sought, unread_from, settings):
            if one[1].site == site:
                yield one
