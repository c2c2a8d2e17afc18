"""The history of a user: the sessions with the user_id of the site, and their events.

Closed sessions are found by the index of Sessions, which is updated within a second; active
ones by their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby

from chalicelib.domain.collection.event import Event
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.scan.event_page import EventQuery, event_cursor
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows
from chalicelib.domain.sessions.session import group_events
from chalicelib.domain.sessions.session_limits import MAX_SESSION_MS
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.domain.urls.site_patterns import is_allowed
from chalicelib.services.context import Context
from chalicelib.services.open_sessions import open_rows
from chalicelib.services.reports.event_list import EventPage, SessionEvent, build_page
from chalicelib.services.reports.session_list import SessionList
from chalicelib.services.reports.timeline import events_of
from chalicelib.services.row_events import as_one, events_of_rows, sessions_of_rows
from chalicelib.storage.aws.database import chunks

SESSIONS_AT_ONCE = 25  # a group of sessions that are read together
MAX_GROUPS = 20  # for one page, if few sessions match
MAX_GROUPS_PER_DAY = 80  # the sessions of one day must be on one page


def read_user_sessions(
    user_id: str, site: str | None, after: Cursor | None, limit: int, context: Context
) -> SessionList:
    """Return the user's sessions after the cursor, on one site or on all that may be read."""
    user = UserHistory(user_id, site, context)
    sessions, unread_from = user.sessions(after, limit)
    page = sessions[:limit]
    return SessionList(page, _key(page[-1]) if len(sessions) > limit else unread_from)


def read_user_events(
    user_id: str, site: str | None, query: EventQuery, limit: int, context: Context
) -> EventPage:
    """Return the user's events, on one site or on all that may be read."""
    user = UserHistory(user_id, site, context)
    events, unread_from = user.events(query, limit)
    return build_page(events, limit, unread_from)


class UserHistory:
    """The sessions of a user, on one site or on all that may be read."""

    def __init__(self, user_id: str, site: str | None, context: Context) -> None:
        self._user_id = user_id
        self._sites = context.settings.sites if site is None else (site,)
        self._context = context
        # Rows before Sessions: one that closes in between is read twice, not missed.
        self._open: dict[str, SessionSummary] = {}
        self._rows: dict[str, JoinedRows] = {}  # of each open session
        for rows in join_rows(open_rows(context) or (), context.settings.session_timeout_ms):
            if any(row.user_id == user_id for row in rows.rows):
                for session in sessions_of_rows(rows, context.settings):
                    self._open[session.session_id] = summarize_session(session)
                    self._rows[session.session_id] = rows

    def sessions(
        self, after: Cursor | None, limit: int
    ) -> tuple[list[SessionSummary], Cursor | None]:
        """Return up to one more session than a page, newest first, and where the unread ones
        begin."""
        sessions: list[SessionSummary] = []
        last: Cursor | None = None
        for group, keys in enumerate(chunks(self._keys(after), SESSIONS_AT_ONCE)):
            if len(sessions) > limit or group == MAX_GROUPS:
                return sessions, last
            sessions += self._summaries(keys)
            last = keys[-1]
        return sessions, None

    def events(self, query: EventQuery, limit: int) -> tuple[list[SessionEvent], Cursor | None]:
        """Return enough of the newest events for a page, and where the unread ones begin."""
        events: list[SessionEvent] = []
        for group, keys in enumerate(
            chunks(self._keys(Cursor(query.latest + 1)), SESSIONS_AT_ONCE)
        ):
            # Sessions that have not been read started then or before; none is longer.
            settled_from = Cursor(keys[0].at + MAX_SESSION_MS)
            settled = [event for event in events if event_cursor(*event) >= settled_from]
            is_long = group >= MAX_GROUPS and query.can_end_page(settled_from)
            if len(settled) > limit or is_long:
                return settled, settled_from
            if settled_from.at <= query.start:
                break
            if group == MAX_GROUPS_PER_DAY:
                raise InvalidQuery("user_id", "user_id has too many sessions to list")
            for session in self._summaries(keys):
                events += self._events_of(session, query)
        return events, None

    def _keys(self, after: Cursor | None) -> Iterator[Cursor]:
        """Yield start and id of each session after the cursor, newest first, each once."""
        live = sorted(map(_key, self._open.values()), reverse=True)
        closed = self._context.tables.sessions.of_user(
            self._user_id, until=None if after is None else after.at
        )
        keys = merge(live, _in_order(closed), reverse=True)
        return (key for key, _ in groupby(keys) if after is None or key < after)

    def _summaries(self, keys: Sequence[Cursor]) -> list[SessionSummary]:
        """Return the summaries of the sessions that the reader may see."""
        closed = self._context.tables.sessions.get_many(key.key for key in keys)
        by_id = self._open | closed
        summaries = [by_id[key.key] for key in keys if key.key in by_id]
        return [one for one in summaries if is_allowed(one.site, self._sites)]

    def _events_of(self, one: SessionSummary, query: EventQuery) -> Iterator[SessionEvent]:
        """Return the matching events of a session, without those that name another user."""
        if one.last_activity < query.start and not one.is_active:
            return
        for event in self._own(one):
            is_theirs = event.user_id in (None, self._user_id)
            if is_theirs and query.matches(one.session_id, event):
                yield one.session_id, event

    def _own(self, one: SessionSummary) -> list[Event]:
        rows = self._rows.get(one.session_id)
        if rows is None or not one.is_active:
            stored = self._context.tables.events.of_session(
                one.storage_session_id or one.session_id
            )
            return events_of(one, stored, self._context.settings)
        events = as_one(events_of_rows(rows, self._context), rows.session_id)
        runs = group_events(events, timeout_ms=self._context.settings.session_timeout_ms)
        return next((run.events for run in runs if run.session_id == one.session_id), [])


def _key(one: SessionSummary) -> Cursor:
    return Cursor(one.start_time, one.session_id)


def _in_order(pairs: Iterator[tuple[int, str]]) -> Iterator[Cursor]:
    """Sort by start and then by id, which the index does not order."""
    for start, some in groupby(pairs, key=lambda pair: pair[0]):
        for session_id in sorted((session_id for _, session_id in some), reverse=True):
            yield Cursor(start, session_id)
