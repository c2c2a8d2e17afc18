"""What realtime shows of an active session, whenever it is asked: everything that depends on
the session's rows alone.

What is counted of every session is read off the markers of a plain row. Only the sessions that
are listed are built from events, and those of other rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from chalicelib.domain.attributes.source import Source, classify_source, source_of
from chalicelib.domain.attributes.user_agent import parse_user_agent
from chalicelib.domain.collection.visitor import effective_visitor
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, to_sessions
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import MAX_SESSION_MS
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.domain.urls.page_url import is_same_site, parse_page_url
from chalicelib.domain.urls.paths import readable_path

MINUTE_MS = 60_000
MAX_PLAIN_EVENTS = 10  # with 12 KB of page and of referrer each, less than a session may have
_NO_KEY = b""  # visitors are not compared with those of closed sessions here


@dataclass(frozen=True)
class LiveSession:
    """Times in ms. If the rows are several sessions, it is the last one, with the page views of
    all: a session can end after a day, without a pause.

    last_activity   of the rows, which know of an event even without room for its marker
    last_marked     the newest event with a marker
    open_until      when the session ends unless something happens; 0 for a full one
    view_minutes    the minute of each page view, counted since the epoch
    is_plain        whether the row's own values are those of its first event
    """

    rows: JoinedRows
    timeout_ms: int
    session_id: str
    visitor: str
    last_activity: int
    last_marked: int
    open_until: int
    is_truncated: bool
    view_minutes: tuple[int, ...]
    is_plain: bool = False

    @cached_property
    def summary(self) -> SessionSummary:
        return summarize_session(_sessions(self.rows, self.timeout_ms)[-1])

    @cached_property
    def values(self) -> Mapping[str, str | None]:
        """The values of the lists that realtime shows, by list."""
        first = self.rows.rows[0] if self.is_plain else self.summary
        source = _source_of_row(self.rows.rows[0]) if self.is_plain else source_of(self.summary)
        return {
            "pages": readable_path(_newest(self.rows).current_page),
            "sources": source.name,
            "countries": first.location.country,
            "devices": parse_user_agent(first.user_agent).device,
        }


def live_session(rows: JoinedRows, *, timeout_ms: int) -> LiveSession | None:
    """Return the session of joined rows; None if they have no events."""
    if len(rows.rows) == 1:
        plain = _plain_session(rows, rows.rows[0], timeout_ms)
        if plain:
            return plain
    sessions = _sessions(rows, timeout_ms)
    if not sessions:
        return None
    last = sessions[-1]
    steps = [step for session in sessions for step in session.steps]
    return LiveSession(
        rows=rows,
        timeout_ms=timeout_ms,
        session_id=last.session_id,
        visitor=last.visitor,
        last_activity=_newest(rows).last_activity,
        last_marked=last.last_activity,
        open_until=_open_until(rows, last.started_at, timeout_ms),
        is_truncated=rows.is_truncated,
        view_minutes=tuple(step.at // MINUTE_MS for step in steps if step.is_page_view),
    )


def _plain_session(rows: JoinedRows, row: ActiveSession, timeout_ms: int) -> LiveSession | None:
    """Return the session of a row with few events, each marked once, and no gaps. These last
    for hours, so they are within all limits of a session."""
    views = [marker.split("|", 2) for marker in row.views]
    others = [marker.split("|", 2) for marker in row.other_events]
    events = views + others
    times = sorted(int(at) for _, at, *_ in events)
    is_plain = (
        0 < len(events) <= MAX_PLAIN_EVENTS
        and len({tail.partition(".")[0] for tail, *_ in events}) == len(events)
        and all(at - before < timeout_ms for before, at in pairwise(times))
    )
    if not is_plain:
        return None
    return LiveSession(
        rows=rows,
        timeout_ms=timeout_ms,
        session_id=row.session_id,
        visitor=effective_visitor(row.visitor_id, row.user_id, site=row.site, key=_NO_KEY),
        last_activity=row.last_activity,
        last_marked=times[-1],
        open_until=_open_until(rows, times[0], timeout_ms),
        is_truncated=row.is_truncated,
        view_minutes=tuple(int(at) // MINUTE_MS for _, at, *_ in views),
        is_plain=times[0] == row.start_time,
    )


def _source_of_row(row: ActiveSession) -> Source:
    page = parse_page_url(row.entry_url)
    tags = page.utm_parameters
    return classify_source(
        None if is_same_site(row.referrer, row.site) else row.referrer,
        utm_source=tags.get("utm_source"),
        utm_medium=tags.get("utm_medium"),
        utm_campaign=tags.get("utm_campaign"),
        click_id=page.click_id,
        site=row.site,
    )


def _sessions(rows: JoinedRows, timeout_ms: int) -> list[Session]:
    return to_sessions(rows, visitor_key=_NO_KEY, timeout_ms=timeout_ms)


def _newest(rows: JoinedRows) -> ActiveSession:
    return max(rows.rows, key=lambda row: row.last_activity)


def _open_until(rows: JoinedRows, started_at: int, timeout_ms: int) -> int:
    if rows.rows[0].is_full:
        return 0
    return min(rows.expires_at(timeout_ms) * 1000, started_at + MAX_SESSION_MS)
