"""The sessions of a period, active and closed, newest first and page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.scan.session_page import SessionQuery, session_page
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.services.closed_sessions import read_days
from chalicelib.services.context import Context
from chalicelib.services.open_sessions import open_sessions
from chalicelib.services.report_days import day_of


@dataclass(frozen=True, slots=True)
class SessionList:
    """Sessions, newest first. The cursor is that of the next page, None after the last."""

    sessions: Sequence[SessionSummary]
    cursor: Cursor | None


def read_sessions(site: str, query: SessionQuery, context: Context) -> SessionList:
    # Rows before Rollups: a session that closes in between is read twice, never not at all.
    still_open = open_sessions(site, context) or []
    page = session_page(still_open, _packs(site, query, context), query)
    return SessionList(_with_user_ids(page.sessions, context), page.cursor)


def _with_user_ids(sessions: Iterable[Session], context: Context) -> list[SessionSummary]:
    """Add the user_id of closed sessions, which only the Sessions table has."""
    summaries = list(map(summarize_session, sessions))
    without_user = [
        one.session_id for one in summaries if not one.is_active and one.user_id is None
    ]
    users = context.tables.sessions.user_ids(without_user)
    return [
        replace(one, user_id=users[one.session_id]) if one.session_id in users else one
        for one in summaries
    ]


def _packs(site: str, query: SessionQuery, context: Context) -> Iterator[Pack]:
    """Yield packs by their last start, newest first; read on demand."""
    last = query.period.end - 1
    if query.after:
        last = min(last, query.after.at)
    if last < query.period.start:
        return
    first_day, last_day = (
        day_of(query.period.start, context.settings),
        day_of(last, context.settings),
    )
    for day in read_days(site, first_day, last_day, context, newest_first=True):
        yield from sorted(day.packs, key=lambda pack: -pack.last_start)
