"""Rows of active sessions that are one session, and the sessions that they show.

A visitor's rows refer to each other. Those without a gap of the timeout between them are one
session, for readers and for the job:

    row A   10:00 to 10:20        one session, with the id of the row that was opened first
    row B   10:40 to 10:50
    row C   11:30 to 11:35        another session: 40 minutes after B
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from chalicelib.domain.collection.event import UNKNOWN_EVENT_TYPE, Event, in_order
from chalicelib.domain.sessions.active_session import ActiveSession, rows_active_until
from chalicelib.domain.sessions.session import (
    ENDED_BY_LIMIT,
    ENDED_BY_TIMEOUT,
    Session,
    build_sessions,
)
from chalicelib.domain.sessions.session_limits import (
    MAX_SESSION_BYTES,
    MAX_SESSION_EVENTS,
    MAX_SESSION_MS,
)
from chalicelib.domain.urls.hostname import hostname_in_url
from chalicelib.domain.urls.page_url import parse_page_url

MAX_JOINED_ROWS = 90  # all rows of one session must fit one transaction


@dataclass(frozen=True, slots=True)
class JoinedRows:
    """The rows of one session, oldest first; usually one.

    `other_rows` are the visitor's other rows, which a late event could still join to these.
    """

    rows: tuple[ActiveSession, ...]
    other_rows: tuple[ActiveSession, ...] = ()

    @property
    def session_id(self) -> str:
        """The id of the row that was opened first, so that a row which joins later does not
        change it."""
        first = min(self.rows, key=lambda row: (row.first_received_at, row.session_id))
        return first.session_id

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(row.session_id for row in self.rows)

    @property
    def site(self) -> str:
        return self.rows[0].site

    def active_until(self, timeout_ms: int) -> int:
        return rows_active_until(self.rows, timeout_ms)

    def expires_at(self, timeout_ms: int) -> int:
        """See `ActiveSession.expires_at`."""
        return -(-(self.active_until(timeout_ms) + timeout_ms) // 1000)

    def is_open(self, now: int, timeout_ms: int) -> bool:
        """See `ActiveSession.is_open`. A full row is never joined to others."""
        return now < self.expires_at(timeout_ms) * 1000 and not self.rows[0].is_full

    @property
    def is_truncated(self) -> bool:
        """Return whether live metrics have stopped counting its events."""
        return any(row.is_truncated for row in self.rows)

    def ended_by(self, timeout_ms: int) -> str | None:
        """Why its last session is over, or None while it is active."""
        if self.rows[0].is_full:
            return ENDED_BY_LIMIT
        expires_at = self.expires_at(timeout_ms)
        came_late = any(row.last_received_at >= expires_at * 1000 for row in self.rows)
        return ENDED_BY_TIMEOUT if came_late else None


def join_rows(rows: Iterable[ActiveSession], timeout_ms: int) -> list[JoinedRows]:
    """Join the rows that are one session: those of a visitor without a gap of the timeout
    between them. Rows that would exceed the limit of a session together stay apart."""
    return [
        JoinedRows(tuple(part), tuple(_other_rows(part, family)))
        for family in _families({row.session_id: row for row in rows})
        for part in _split_at_gaps(family, timeout_ms)
    ]


def to_sessions(rows: JoinedRows, *, visitor_key: bytes, timeout_ms: int) -> list[Session]:
    """Return the sessions of joined rows so far, by the same rules as closing. Usually one.
    Only closing knows the ids and props of events."""
    session_id = rows.session_id
    events = [event for row in rows.rows for event in _events(row, session_id, timeout_ms)]
    sessions = build_sessions(events, visitor_key=visitor_key, timeout_ms=timeout_ms)
    if sessions:
        sessions[-1] = as_open_session(sessions[-1], rows, timeout_ms=timeout_ms)
    return sessions


def as_open_session(session: Session, rows: JoinedRows, *, timeout_ms: int) -> Session:
    """Return the newest session of rows, which may still be active."""
    return replace(
        session,
        ended_by=rows.ended_by(timeout_ms),
        active_until=rows.active_until(timeout_ms),
    )


def _other_rows(
    part: Sequence[ActiveSession], family: Sequence[ActiveSession]
) -> Iterator[ActiveSession]:
    """Yield the rows of the family that a late event could still join to this part."""
    if part[0].is_full or len(part) == len(family):
        return
    own_ids = {row.session_id for row in part}
    others = (row for row in family if row.session_id not in own_ids and not row.is_full)
    yield from islice(others, max(MAX_JOINED_ROWS - len(part), 0))


def _split_at_gaps(
    family: Sequence[ActiveSession], timeout_ms: int
) -> list[list[ActiveSession]]:
    """Split the rows of one visitor into those that are one session."""
    if len(family) == 1:
        return [list(family)]
    parts: list[list[ActiveSession]] = []
    growing: list[ActiveSession] = []
    for row in sorted(family, key=lambda row: (row.start_time, row.session_id)):
        if row.is_full:
            parts.append([row])
        elif growing and _continues(row, growing, timeout_ms):
            growing.append(row)
        else:
            growing = [row]
            parts.append(growing)
    return parts


def _continues(row: ActiveSession, part: Sequence[ActiveSession], timeout_ms: int) -> bool:
    """Return whether the row continues the session of rows that start before it."""
    ends_before = part[0].start_time + MAX_SESSION_MS
    last = max(one.last_activity for one in part)
    active_until = rows_active_until(part, timeout_ms)
    is_next_day = last < ends_before <= row.start_time
    together = [*part, row]
    return (
        row.start_time - active_until < timeout_ms
        and not is_next_day
        and len(together) <= MAX_JOINED_ROWS
        and sum(one.events for one in together) <= MAX_SESSION_EVENTS
        and sum(one.size for one in together) <= MAX_SESSION_BYTES
    )


def _families(by_id: Mapping[str, ActiveSession]) -> list[list[ActiveSession]]:
    """Group the rows by visitor, as far as they refer to each other."""
    neighbours: dict[str, set[str]] = {session_id: set() for session_id in by_id}
    for row in by_id.values():
        for other in row.related_ids & by_id.keys():
            neighbours[row.session_id].add(other)
            neighbours[other].add(row.session_id)
    families: list[list[ActiveSession]] = []
    seen: set[str] = set()
    for session_id in by_id:
        if session_id in seen:
            continue
        family, unvisited = [], [session_id]
        seen.add(session_id)
        while unvisited:
            current = unvisited.pop()
            family.append(by_id[current])
            unvisited += neighbours[current] - seen
            seen |= neighbours[current]
        families.append(family)
    return families


def _events(row: ActiveSession, session_id: str, timeout_ms: int) -> list[Event]:
    """Return the events of a row's markers, each once by its first marker: a retry leaves
    another one. Between two events with a gap of the timeout, a page was read."""
    by_id: dict[str, Event] = {}
    hostname = hostname_in_url(parse_page_url(row.entry_url).hostname)
    for marker in row.views | row.other_events:
        event = _event(row, session_id, hostname, marker)
        other = by_id.get(event.event_id, event)
        by_id[event.event_id] = min(event, other, key=in_order)
    events = sorted(by_id.values(), key=in_order)
    if not events:
        return []
    if events[0].at == row.start_time and events[0].page_url != row.entry_url:
        events[0] = replace(events[0], page_url=row.entry_url)
    if row.read_until is not None:
        for index, following in enumerate(events[1:]):
            if following.at - events[index].at >= timeout_ms:
                events[index] = replace(events[index], read_until=following.at)
    if row.read_until is not None or row.seen_at:
        events[-1] = replace(events[-1], read_until=row.read_until, seen_at=row.seen_at)
    return events


def _event(row: ActiveSession, session_id: str, hostname: str, marker: str) -> Event:
    tail, at, *path = marker.split("|", 2)
    event_id, delay, position = (*tail.split("."), "0", "0")[:3]
    return Event(
        session_id=session_id,
        event_id=event_id,
        event_type="page_view" if path else UNKNOWN_EVENT_TYPE,
        at=int(at),
        received_at=int(at) + int(delay),
        position=int(position),
        site=row.site,
        visitor_id=row.visitor_id,
        # Of the pages of other events only the current one is known.
        page_url=f"https://{hostname}{path[0] if path else row.current_page}",
        user_id=row.user_id,
        referrer=row.referrer,
        user_agent=row.user_agent,
        language=row.language,
        screen=row.screen,
        location=row.location,
    )
