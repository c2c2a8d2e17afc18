"""An active session is the row that an open session has: enough to show it live, and to decide
what belongs to it. What it becomes when it closes is worked out from its events alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.event import NOWHERE, UNKNOWN_EVENT, Event, Place
from chalicelib.domain.ids import event_tail
from chalicelib.domain.page import parse_page
from chalicelib.domain.session import SESSION_TIMEOUT_MS, Session, sessions_of

# A set of this size with paths of usual length keeps the row at a few KB. Beyond it live
# figures stop counting and say so; closed ones come from the events and are exact.
MOST_VIEWS = 100


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """Times in milliseconds, but `expires_at` in seconds.

    views     "tail|ms|path" for each page view: adding one twice changes nothing
    others    "tail|ms" for each other event
    """

    session_id: str
    site: str
    visitor_id: str
    pointer_id: str  # of the visitor for whom it was opened
    start_time: int
    last_activity: int
    opened_at: int  # arrival of the event that opened it, as `touched_at` is of the newest
    touched_at: int
    entry_url: str
    current_page: str
    user_id: str | None = None
    referrer: str | None = None
    user_agent: str = ""
    language: str | None = None
    screen: str | None = None
    place: Place = NOWHERE
    views: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    left_at: int | None = None  # when its visitor began another one: it takes nothing more

    def expires_at(self, timeout_ms: int = SESSION_TIMEOUT_MS) -> int:
        """Seconds since 1970, rounded up: at this moment the session is no longer open."""
        return -(-(self.last_activity + timeout_ms) // 1000)

    @property
    def is_full(self) -> bool:
        """Whether live figures have stopped counting its events."""
        return len(self.views) >= MOST_VIEWS or len(self.others) >= MOST_VIEWS


def opened_by(events: list[Event], *, pointer_id: str, now: int) -> ActiveSession:
    """The row that these first events of a session, of one visitor, would have."""
    first = min(events, key=lambda event: (event.at, event.event_id))
    last = max(events, key=lambda event: (event.at, event.event_id))
    views, others = marks(events)
    return ActiveSession(
        session_id=first.session_id,
        site=first.site,
        visitor_id=first.visitor_id,
        pointer_id=pointer_id,
        start_time=first.at,
        last_activity=last.at,
        opened_at=now,
        touched_at=now,
        entry_url=first.page_url,
        current_page=parse_page(last.page_url).path,
        user_id=last_user_id(events),
        referrer=first.referrer,
        user_agent=first.user_agent,
        language=first.language,
        screen=first.screen,
        place=first.place,
        views=frozenset(sorted(views)[:MOST_VIEWS]),
        others=frozenset(sorted(others)[:MOST_VIEWS]),
    )


def marks(events: Iterable[Event]) -> tuple[frozenset[str], frozenset[str]]:
    """What a row keeps of events: its `views` and its `others`."""
    views, others = set(), set()
    for event in events:
        mark = f"{event_tail(event.event_id)}|{event.at}"
        if event.is_page_view:
            views.add(f"{mark}|{parse_page(event.page_url).path}")
        else:
            others.add(mark)
    return frozenset(views), frozenset(others)


def last_user_id(events: Iterable[Event]) -> str | None:
    """The user_id given last, by the time of the events."""
    named = [(event.at, event.event_id, event.user_id) for event in events if event.user_id]
    return max(named)[2] if named else None


def as_sessions(row: ActiveSession, *, visitor_key: bytes, timeout_ms: int) -> list[Session]:
    """The sessions that the row stands for so far: by the same rules as when it closes, of what
    it holds. Usually one. What its events are called, and their props, only closing tells."""
    events = [_event(row, mark) for mark in _each_once(row.views | row.others)]
    open_sessions = sessions_of(events, visitor_key=visitor_key, timeout_ms=timeout_ms)
    return [*open_sessions[:-1], *(replace(last, ended_by=None) for last in open_sessions[-1:])]


def _each_once(marks: Iterable[str]) -> list[tuple[str, int, str | None]]:
    """(tail, ms, path or None) of each event, by its earliest mark: an event that was sent
    again without a time of its own has left a second one."""
    earliest: dict[str, tuple[str, int, str | None]] = {}
    for mark in marks:
        tail, ms, *path = mark.split("|", 2)
        found = (tail, int(ms), path[0] if path else None)
        earliest[tail] = min(earliest.get(tail, found), found, key=lambda one: one[1])
    return list(earliest.values())


def _event(row: ActiveSession, mark: tuple[str, int, str | None]) -> Event:
    tail, at, path = mark
    entry = parse_page(row.entry_url)
    is_first = at == row.start_time
    return Event(
        session_id=row.session_id,
        event_id=tail,
        event_type="page_view" if path is not None else UNKNOWN_EVENT,
        at=at,
        received_at=at,
        site=row.site,
        visitor_id=row.visitor_id,
        page_url=row.entry_url if is_first else f"https://{entry.hostname}{path or entry.path}",
        user_id=row.user_id,
        referrer=row.referrer,
        user_agent=row.user_agent,
        language=row.language,
        screen=row.screen,
        place=row.place,
    )
