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
from chalicelib.domain.sessions.active_session import JoinedRows, join_rows
from chalicelib.domain.sessions.session import MAX_SESSION_MS, group_events
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.domain.urls.site_patterns import is_allowed
from chalicelib.services.context import Context
from chalicelib.services.joined_rows import as_one, events_of_rows, sessions_of_rows
from chalicelib.services.open_sessions import open_rows
from chalicelib.services.reports.event_list import EventPage, SessionEvent, build_page
from chalicelib.services.reports.session_list import SessionList
from chalicelib.services.reports.timeline import events_of
from chalicelib.storage.aws.database import chunks

AT_ONCE = 25  # sessions that are read together
MAX_GROUPS = 20  # so often, where few of them have what is sought
MAX_GROUPS_PER_DAY = 80  # the sessions of one day have to be read together


def read_user_sessions(
    user_id: str, site: str | None, after: Cursor | None, limit: int, context: Context
) -> SessionList:
    """Return the user's sessions after the cursor, on one site or on all that may be read."""
    user = UserHistory(user_id, site, context)
    found, rest = user.sessions(after, limit)
    page = found[:limit]
    return SessionList(page, _key(page[-1]) if len(found) > limit else rest)


def read_user_events(
    user_id: str, site: str | None, sought: EventQuery, limit: int, context: Context
) -> EventPage:
    """Return the user's events, on one site or on all that may be read."""
    user = UserHistory(user_id, site, context)
    found, rest = user.events(sought, limit)
    return build_page(found, limit, rest)


class UserHistory:
    """The sessions of a user, on one site or on all that may be read."""

    def __init__(self, user_id: str, site: str | None, context: Context) -> None:
        self._user_id = user_id
        self._sites = context.settings.sites if site is None else (site,)
        self._context = context
        # Rows before Sessions: one that closes in between is found twice, never not at all.
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
        found: list[SessionSummary] = []
        reached: Cursor | None = None
        for run, keys in enumerate(chunks(self._keys(after), AT_ONCE)):
            if len(found) > limit or run == MAX_GROUPS:
                return found, reached
            found += self._summaries(keys)
            reached = keys[-1]
        return found, None

    def events(
        self, sought: EventQuery, limit: int
    ) -> tuple[list[SessionEvent], Cursor | None]:
        """Return enough of the newest events for a page, and where the unread ones begin."""
        found: list[SessionEvent] = []
        for run, keys in enumerate(chunks(self._keys(Cursor(sought.latest + 1)), AT_ONCE)):
            # Sessions that have not been read started then or before; none is longer.
            settled_from = Cursor(keys[0].at + MAX_SESSION_MS)
            settled = [one for one in found if event_cursor(*one) >= settled_from]
            is_long = run >= MAX_GROUPS and sought.can_end_page(settled_from)
            if len(settled) > limit or is_long:
                return settled, settled_from
            if settled_from.at <= sought.start:
                break
            if run == MAX_GROUPS_PER_DAY:
                raise InvalidQuery("user_id", "user_id has too many sessions to list")
            for one in self._summaries(keys):
                found += self._events_of(one, sought)
        return found, None

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
        known = self._open | closed
        found = [known[key.key] for key in keys if key.key in known]
        return [one for one in found if is_allowed(one.site, self._sites)]

    def _events_of(self, one: SessionSummary, sought: EventQuery) -> Iterator[SessionEvent]:
        """Return the matching events of a session, without those that name another user."""
        if one.last_activity < sought.start and not one.is_active:
            return
        for event in self._own(one):
            is_theirs = event.user_id in (None, self._user_id)
            if is_theirs and sought.matches(one.session_id, event):
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


def _in_order(found: Iterator[tuple[int, str]]) -> Iterator[Cursor]:
    """Sort by start and then by id, which the index does not order."""
    for start, some in groupby(found, key=lambda pair: pair[0]):
        for session_id in sorted((session_id for _, session_id in some), reverse=True):
            yield Cursor(start, session_id)
