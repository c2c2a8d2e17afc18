"""The events of a site, newest first and page by page.

Events are stored by session. Packs and active rows show which sessions have matching events,
and when: an `EventRef` each. The events are then read of the sessions with the newest refs
only, sorted, and cut to the page.
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
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows
from chalicelib.domain.sessions.session import group_events
from chalicelib.domain.sessions.session_limits import MAX_SESSION_MS
from chalicelib.services.closed_sessions import ClosedDay, read_days
from chalicelib.services.context import Context
from chalicelib.services.report_days import day_of, report_day
from chalicelib.services.row_events import (
    as_one,
    closed_session_events,
    events_of_rows,
    sessions_of_rows,
)
from chalicelib.settings import Settings
from chalicelib.storage.active_table.pending_closes import PendingClose

MAX_SCANNED_SESSIONS = 500_000  # for one page, if few sessions match

SessionEvent = tuple[str, Event]  # with the id of its session


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first. The cursor is None at the end of the list."""

    events: Sequence[SessionEvent]
    cursor: Cursor | None


def read_events(site: str, query: EventQuery, limit: int, context: Context) -> EventPage:
    # Rows before Rollups: a session that closes in between is read twice, not missed.
    active = _active_rows(site, context)
    refs, unread_from = _newest_refs(
        active.refs(query), _closed_days(site, query, context), query, limit, context.settings
    )
    events = (
        event
        for session_id in dict.fromkeys(ref.storage_session_id for ref in refs)
        for event in list_events(
            active.events(session_id), query, unread_from, context.settings
        )
        if event[1].site == site
    )
    return build_page(events, limit, unread_from)


def build_page(
    events: Iterable[SessionEvent], limit: int, unread_from: Cursor | None
) -> EventPage:
    """Return the newest events; those after `unread_from` in the list have not been read."""
    ordered = sorted(events, key=lambda event: event_cursor(*event), reverse=True)
    page = ordered[:limit]
    return EventPage(page, event_cursor(*page[-1]) if len(ordered) > limit else unread_from)


def list_events(
    events: Iterable[Event], query: EventQuery, unread_from: Cursor | None, settings: Settings
) -> Iterator[SessionEvent]:
    """Yield the matching events down to `unread_from`, of all events stored under one id."""
    for group in group_events(events, timeout_ms=settings.session_timeout_ms):
        for event in group.events:
            cursor = event_cursor(group.session_id, event)
            if query.matches(group.session_id, event) and (
                unread_from is None or cursor >= unread_from
            ):
                yield group.session_id, event


def _newest_refs(
    active: Sequence[EventRef],
    days: Iterable[ClosedDay],
    query: EventQuery,
    limit: int,
    settings: Settings,
) -> tuple[list[EventRef], Cursor | None]:
    """Return the newest refs, enough for a page, and the cursor after which events are unread;
    None if there are no more.

    A page of 2 needs 4 refs: the first may have no event after the query's cursor, the next 2
    have at least one each, and the last shows that there is another page. A session lasts at
    most 24 hours, so refs later than that after a day are settled when the day is reached:

        active rows    A on the 8th at 11:50
        the 8th        B on the 8th at 11:00 and 10:00, C at 09:00
        the 7th        D on the 8th at 00:10: it started at 23:50
        the 6th        ends before the 8th, so A, B, B and C are the newest four: stop

        returned       A 11:50, B 11:00, B 10:00; unread after B 10:00
    """
    needed = limit + 2
    newest = newest_events(active, needed)
    scanned = 0
    for day in days:
        # The sessions that have not been read started on this day or before.
        settled_from = Cursor(report_day(day.day, settings).end + MAX_SESSION_MS)
        settled = [ref for ref in newest if ref.key >= settled_from]
        if len(settled) == needed:
            break
        if scanned >= MAX_SCANNED_SESSIONS and query.can_end_page(settled_from):
            return settled, settled_from
        for pack in filter(query.may_match, day.packs):
            scanned += pack.count
            newest = newest_events([*newest, *events_in_pack(pack, query, needed)], needed)
    chosen = newest[: needed - 1]
    return chosen, chosen[-1].key if len(newest) > len(chosen) else None


def _closed_days(site: str, query: EventQuery, context: Context) -> Iterator[ClosedDay]:
    """Yield days, newest first, from a day before the requested time, as sessions can last that
    long."""
    if query.latest < query.start:
        return iter(())
    first = day_of(query.start - MAX_SESSION_MS, context.settings)
    last = day_of(query.latest, context.settings)
    return read_days(site, first, last, context, newest_first=True)


def _active_rows(site: str, context: Context) -> _ActiveRows:
    scan = context.tables.active_scan.read()
    rows = join_rows(scan.rows if scan.is_complete else (), context.settings.session_timeout_ms)
    by_id = {joined.session_id: joined for joined in rows if joined.site == site}
    return _ActiveRows(by_id, scan.pending_closes, context)


@dataclass(frozen=True, slots=True)
class _ActiveRows:
    """The site's active sessions by id, and all sessions that are being closed."""

    by_id: Mapping[str, JoinedRows]
    pending_closes: Sequence[PendingClose]
    context: Context

    def events(self, session_id: str) -> list[Event]:
        """Return the events of an active session, or those stored under the id of a closed
        one."""
        if session_id not in self.by_id:
            return closed_session_events(session_id, self.pending_closes, self.context)
        return as_one(events_of_rows(self.by_id[session_id], self.context), session_id)

    def refs(self, query: EventQuery) -> list[EventRef]:
        return [
            ref
            for session_id, rows in self.by_id.items()
            for ref in self._session_refs(session_id, rows, query)
        ]

    def _session_refs(
        self, session_id: str, rows: JoinedRows, query: EventQuery
    ) -> Iterator[EventRef]:
        settings = self.context.settings
        if rows.is_truncated:  # the rows do not list all events
            events = self.events(session_id)
            for own_id, event in list_events(events, query, None, settings):
                yield EventRef(event_cursor(own_id, event), session_id)
        else:
            for session in sessions_of_rows(rows, settings):
                yield from open_session_events(session, session_id, query)
