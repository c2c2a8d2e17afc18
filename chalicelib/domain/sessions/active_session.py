"""An active session is a row for events of one visitor that are not closed yet: enough to show
them live, and to decide which events belong to them. The closed sessions are computed from the
events alone.

A visitor usually has one row. Late events, events out of order and full sessions give a visitor
several, which refer to each other. Some of these are one session: see joined_rows.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.collection.event import (
    UNKNOWN_LOCATION,
    Event,
    Location,
    in_order,
    max_known,
)
from chalicelib.domain.collection.ids import short_event_id
from chalicelib.domain.sessions.session_limits import (
    MAX_SESSION_MS,
    SESSION_TIMEOUT_MS,
    active_until,
    is_full,
)
from chalicelib.domain.urls.page_url import parse_page_url

# The markers of a row stay within a few KB for paths of usual length. Beyond these limits live
# metrics stop counting and say so; closed sessions come from the events and are exact.
MAX_MARKERS = 100
MAX_MARKED_BYTES = 64_000  # of the events
# No person has so many rows at once: a program sends one session id with ever new user_ids, for
# example.
MAX_VISITOR_ROWS = 40
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
    first_received_at: int  # arrival of the event that opened it
    last_received_at: int  # arrival of the newest event
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
        return rows_active_until([self], timeout_ms)

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
    markers = [(event.is_page_view, _event_marker(event)) for event in events]
    views = frozenset(marker for is_page_view, marker in markers if is_page_view)
    return views, frozenset(marker for is_page_view, marker in markers if not is_page_view)


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


def rows_active_until(rows: Iterable[ActiveSession], timeout_ms: int) -> int:
    """Return when the visitor of rows without a gap between them was last active."""
    rows = list(rows)
    reads = [row.read_until for row in rows if row.read_until is not None]
    seen = [at for row in rows for at in row.seen_at]
    return active_until(max(row.last_activity for row in rows), reads, seen, timeout_ms)


def _event_marker(event: Event) -> str:
    delay = event.received_at - event.at
    order = f".{delay}.{event.position}" if event.position else f".{delay}" if delay else ""
    marker = f"{short_event_id(event.event_id)}{order}|{event.at}"
    return f"{marker}|{parse_page_url(event.page_url).path}" if event.is_page_view else marker
