"""An active session is a row for events of one visitor that are not closed yet: enough to show
them live, and to decide which events belong to them. The closed sessions are computed from the
events alone.

A visitor usually has one row. Late events, events out of order and full sessions give a visitor
several, which refer to each other. Rows without a gap of the timeout between them are one
session: `join_rows` joins them, for readers and for the job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from chalicelib.domain.collection.event import (
    UNKNOWN_EVENT_TYPE,
    UNKNOWN_LOCATION,
    Event,
    Location,
    max_known,
)
from chalicelib.domain.collection.ids import short_event_id
from chalicelib.domain.sessions.session import (
    ENDED_BY_LIMIT,
    ENDED_BY_TIMEOUT,
    MAX_SESSION_BYTES,
    MAX_SESSION_EVENTS,
    MAX_SESSION_MS,
    SESSION_TIMEOUT_MS,
    Session,
    active_until,
    build_sessions,
    in_order,
    is_full,
)
from chalicelib.domain.urls.hostname import hostname_in_url
from chalicelib.domain.urls.page_url import parse_page_url

# A row's marks stay within a few KB for paths of usual length. Beyond these limits live figures
# stop counting and say so; closed ones come from the events and are exact.
MAX_MARKERS = 100
MAX_MARKED_BYTES = 64_000  # of the events
# A visitor with so many rows at once is none that people make: a session id that is sent along
# with ever new user_ids, for example. All rows of one session must fit one transaction.
MAX_VISITOR_ROWS = 40
MAX_JOINED_ROWS = 90
MAX_LATER_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """Times in milliseconds, but `expires_at` in seconds.

    views     "tail|ms|path" for each page view: adding one twice changes nothing
    other_events  "tail|ms" for each other event
    seen_at   times at which a page of it was read, after a pause as far as is known
    earlier   the ids of the visitor's rows that were there when this one was opened
    later     the ids of rows that were opened while this one was there

    A tail is `short_event_id`; ".delay" follows where the event did not arrive at once, and
    ".position" where it was not the first of its request.
    """

    session_id: str
    site: str
    visitor_id: str
    pointer_key: str  # of the visitor for whom it was opened
    start_time: int
    last_activity: int
    first_received_at: (
        int  # arrival of the event that opened it, as `last_received_at` is of the newest
    )
    last_received_at: int
    entry_url: str
    current_page: str
    user_id: str | None = None
    referrer: str | None = None
    user_agent: str = ""
    language: str | None = None
    screen: str | None = None
    location: Location = UNKNOWN_LOCATION
    views: frozenset[str] = frozenset()
    other_events: frozenset[str] = frozenset()
    events: int = 0
    size: int = 0  # bytes, of `Event.size`
    earlier: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    failures: int = 0  # attempts to close it that failed
    read_until: int | None = None  # its pages were read until then without a pause
    seen_at: frozenset[int] = frozenset()

    def active_until(self, timeout_ms: int) -> int:
        """When its visitor was last active: the last event or engagement."""
        return _active_until([self], timeout_ms)

    def expires_at(self, timeout_ms: int = SESSION_TIMEOUT_MS) -> int:
        """Seconds since the epoch, rounded up: from then on the session is not active."""
        return -(-(self.active_until(timeout_ms) + timeout_ms) // 1000)

    def is_open(self, now: int, timeout_ms: int) -> bool:
        """Return whether its visitor is still in this session at `now` (ms)."""
        return now < self.expires_at(timeout_ms) * 1000 and not self.is_full

    def accepts(self, first: int, last: int, timeout_ms: int) -> bool:
        """Return whether events from `first` to `last` (ms) belong to the session by their
        times. A gap of one millisecond less than the timeout continues it, the timeout does
        not."""
        active_until = max(self.last_activity, self.read_until or 0)
        return (
            first - active_until < timeout_ms
            and self.start_time - last < timeout_ms
            and first - self.start_time < MAX_SESSION_MS
        )

    def fitting_events(self, events: Sequence[Event]) -> list[Event]:
        """Return as many of these events as the session has room for, from the first on."""
        fitting: list[Event] = []
        size = self.size
        for event in events:
            if is_full(self.events + len(fitting), size):
                break
            fitting.append(event)
            size += event.size
        return fitting

    @property
    def is_full(self) -> bool:
        """Return whether the session is at its limit and accepts no more events."""
        return is_full(self.events, self.size)

    @property
    def is_truncated(self) -> bool:
        """Return whether live metrics have stopped counting its events."""
        return (
            len(self.views) >= MAX_MARKERS
            or len(self.other_events) >= MAX_MARKERS
            or self.size >= MAX_MARKED_BYTES
        )

    def view_at(self, event_id: str) -> int | None:
        """Return when the page view with that id happened, if the row has noted it."""
        tail = short_event_id(event_id)
        event_markers = (marker for marker in self.views if marker.startswith(tail))
        return next((int(marker.split("|", 2)[1]) for marker in event_markers), None)

    @property
    def related_ids(self) -> frozenset[str]:
        """The ids of the visitor's other rows, closed ones included."""
        return self.earlier | self.later


def new_active_session(
    events: Sequence[Event],
    *,
    pointer_key: str,
    now: int,
    earlier: frozenset[str] = frozenset(),
) -> ActiveSession:
    """Return a new row for the first events of a session, of one visitor."""
    first, last = min(events, key=in_order), max(events, key=in_order)
    views, other_events = event_markers(events)
    read_until, seen_at = reading_after(events)
    return ActiveSession(
        session_id=first.session_id,
        site=first.site,
        visitor_id=first.visitor_id,
        pointer_key=pointer_key,
        start_time=first.at,
        last_activity=last.at,
        first_received_at=now,
        last_received_at=now,
        entry_url=first.page_url,
        current_page=parse_page_url(last.page_url).path,
        user_id=latest_user_id(events),
        referrer=first.referrer,
        user_agent=first.user_agent,
        language=first.language,
        screen=first.screen,
        location=first.location,
        views=views,
        other_events=other_events,
        events=len(events),
        size=sum(event.size for event in events),
        earlier=earlier,
        read_until=read_until,
        seen_at=seen_at,
    )


def event_markers(events: Iterable[Event]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the markers of events: `views` and `other_events`."""
    found = [(event.is_page_view, _event_marker(event)) for event in events]
    views = frozenset(marker for is_page_view, marker in found if is_page_view)
    return views, frozenset(marker for is_page_view, marker in found if not is_page_view)


def reading_after(events: Sequence[Event]) -> tuple[int | None, frozenset[int]]:
    """Return what a row keeps of engagement that arrived with events: only what is later than
    they are."""
    last = max(event.at for event in events)
    reads = [event.read_until for event in events if (event.read_until or 0) > last]
    seen = [at for event in events for at in event.seen_at if at > last]
    return max((at for at in reads if at), default=None), frozenset(seen)


def active_until_with(
    row: ActiveSession | None, events: Sequence[Event], *, timeout_ms: int
) -> int:
    """Return when the visitor was last active, with events of the row; of these alone if that
    is unknown."""
    last = max(event.at for event in events)
    read_until, seen_at = reading_after(events)
    if row is not None:
        last = max(last, row.last_activity)
        read_until, seen_at = max_known(read_until, row.read_until), seen_at | row.seen_at
    return active_until(last, [] if read_until is None else [read_until], seen_at, timeout_ms)


def latest_user_id(events: Iterable[Event]) -> str | None:
    """Return the latest user_id, by the time of the events."""
    named = [event for event in events if event.user_id]
    return max(named, key=in_order).user_id if named else None


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
        return _active_until(self.rows, timeout_ms)

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
    found: list[JoinedRows] = []
    for family in _families({row.session_id: row for row in rows}):
        for part in _split_at_gaps(family, timeout_ms):
            own = {row.session_id for row in part}
            is_alone = len(part) == len(family) or part[0].is_full
            others = (
                row
                for row in (() if is_alone else family)
                if row.session_id not in own and not row.is_full
            )
            room = max(MAX_JOINED_ROWS - len(part), 0)
            found.append(JoinedRows(tuple(part), tuple(islice(others, room))))
    return found


def to_sessions(rows: JoinedRows, *, visitor_key: bytes, timeout_ms: int) -> list[Session]:
    """Return the sessions of joined rows so far, by the same rules as closing. Usually one.
    Only closing knows the ids and props of events."""
    session_id = rows.session_id
    events = [event for row in rows.rows for event in _events(row, session_id, timeout_ms)]
    found = build_sessions(events, visitor_key=visitor_key, timeout_ms=timeout_ms)
    if found:
        found[-1] = as_open_session(found[-1], rows, timeout_ms=timeout_ms)
    return found


def as_open_session(session: Session, rows: JoinedRows, *, timeout_ms: int) -> Session:
    """Return the newest session of rows, which may still be active."""
    return replace(
        session,
        ended_by=rows.ended_by(timeout_ms),
        active_until=rows.active_until(timeout_ms),
    )


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
    active_until = _active_until(part, timeout_ms)
    is_next_day = last < ends_before <= row.start_time
    together = [*part, row]
    return (
        row.start_time - active_until < timeout_ms
        and not is_next_day
        and len(together) <= MAX_JOINED_ROWS
        and sum(one.events for one in together) <= MAX_SESSION_EVENTS
        and sum(one.size for one in together) <= MAX_SESSION_BYTES
    )


def _active_until(rows: Iterable[ActiveSession], timeout_ms: int) -> int:
    """Return when the visitor of rows without a gap between them was last active."""
    rows = list(rows)
    reads = [row.read_until for row in rows if row.read_until is not None]
    seen = [at for row in rows for at in row.seen_at]
    return active_until(max(row.last_activity for row in rows), reads, seen, timeout_ms)


def _families(by_id: Mapping[str, ActiveSession]) -> list[list[ActiveSession]]:
    """Group the rows by visitor, as far as they refer to each other."""
    neighbours: dict[str, set[str]] = {session_id: set() for session_id in by_id}
    for row in by_id.values():
        for other in row.related_ids & by_id.keys():
            neighbours[row.session_id].add(other)
            neighbours[other].add(row.session_id)
    found: list[list[ActiveSession]] = []
    seen: set[str] = set()
    for session_id in by_id:
        if session_id in seen:
            continue
        family, waiting = [], [session_id]
        seen.add(session_id)
        while waiting:
            one = waiting.pop()
            family.append(by_id[one])
            waiting += neighbours[one] - seen
            seen |= neighbours[one]
        found.append(family)
    return found


def _event_marker(event: Event) -> str:
    delay = event.received_at - event.at
    order = f".{delay}.{event.position}" if event.position else f".{delay}" if delay else ""
    marker = f"{short_event_id(event.event_id)}{order}|{event.at}"
    return f"{marker}|{parse_page_url(event.page_url).path}" if event.is_page_view else marker


def _events(row: ActiveSession, session_id: str, timeout_ms: int) -> list[Event]:
    """Return the events of a row's markers, each once by its first marker: a retry leaves
    another one."""
    by_id: dict[str, Event] = {}
    for marker in row.views | row.other_events:
        event = _event(row, session_id, marker)
        other = by_id.get(event.event_id, event)
        by_id[event.event_id] = min(event, other, key=in_order)
    found = sorted(by_id.values(), key=in_order)
    if found and found[0].at == row.start_time:
        found[0] = replace(found[0], page_url=row.entry_url)
    if found and row.read_until is not None:
        for place, following in enumerate(found[1:]):
            if following.at - found[place].at >= timeout_ms:
                # The row took it because a page was read in between.
                found[place] = replace(found[place], read_until=following.at)
        found[-1] = replace(found[-1], read_until=row.read_until)
    if found:
        found[-1] = replace(found[-1], seen_at=row.seen_at)
    return found


def _event(row: ActiveSession, session_id: str, marker: str) -> Event:
    tail, at, *path = marker.split("|", 2)
    event_id, delay, position = (*tail.split("."), "0", "0")[:3]
    hostname = hostname_in_url(parse_page_url(row.entry_url).hostname)
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
