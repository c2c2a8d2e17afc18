"""A session is a run of one visitor's events with no gap of 30 minutes or more, within the
limits of session_limits.py.

Pure: the same events give the same sessions, in any order and at any time. Times are
milliseconds since the epoch. Events of the same millisecond are in the order in which they
arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chalicelib.domain.collection.event import (
    PAGE_VIEW,
    UNKNOWN_LOCATION,
    Event,
    Location,
    PropValue,
    in_order,
)
from chalicelib.domain.collection.ids import derived_session_id
from chalicelib.domain.collection.visitor import effective_visitor
from chalicelib.domain.sessions.session_limits import (
    MAX_SESSION_BYTES,
    MAX_SESSION_EVENTS,
    MAX_SESSION_MS,
    SESSION_TIMEOUT_MS,
    active_until,
    is_full,
)
from chalicelib.domain.urls.page_url import is_same_site, parse_page_url

# Why a session ended.
ENDED_BY_TIMEOUT = "timeout"
ENDED_BY_MAX_AGE = "longest"
ENDED_BY_LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a session: a page view if `event_type` is `page_view`, else another
    event."""

    at: int
    event_type: str
    page: str  # path without query and fragment
    engaged_ms: int = 0
    scroll_depth: int | None = None
    props: Mapping[str, PropValue] = field(default_factory=dict)

    @property
    def is_page_view(self) -> bool:
        return self.event_type == PAGE_VIEW


@dataclass(frozen=True, slots=True)
class Session:
    """What happened, in order, and the raw values that everything else is derived from.

    `steps` is never empty. `ended_by` is None while the session is active. `visitor` is 12 hex
    digits: two sessions with the same one on one day are one visitor."""

    session_id: str
    site: str
    visitor: str
    steps: tuple[Step, ...]
    user_id: str | None = None
    hostname: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    click_id: str | None = None  # the name of the advertiser's parameter: "gclid"
    user_agent: str = ""
    language: str | None = None
    screen: str | None = None
    location: Location = UNKNOWN_LOCATION
    ended_by: str | None = None
    storage_session_id: str | None = None  # the id its events are stored under, if another
    active_until: int | None = None  # while it is open: its newest event or reading

    @property
    def started_at(self) -> int:
        return self.steps[0].at

    @property
    def last_activity(self) -> int:
        return self.steps[-1].at

    @property
    def duration_ms(self) -> int:
        """The time from the first to the last event."""
        return self.last_activity - self.started_at

    @property
    def pages(self) -> list[str]:
        """The viewed pages, in order, with repetitions."""
        return [step.page for step in self.steps if step.is_page_view]

    @property
    def pageviews(self) -> int:
        return sum(step.is_page_view for step in self.steps)

    @property
    def events(self) -> int:
        """The events that are not page views."""
        return len(self.steps) - self.pageviews

    @property
    def engaged_ms(self) -> int:
        return sum(step.engaged_ms for step in self.steps)

    @property
    def entry_page(self) -> str | None:
        return next((step.page for step in self.steps if step.is_page_view), None)

    @property
    def exit_page(self) -> str | None:
        return next((step.page for step in reversed(self.steps) if step.is_page_view), None)

    @property
    def is_bounce(self) -> bool:
        """One page view and no interaction."""
        return self.pageviews == 1 and self.events == 0


class EventGroup(NamedTuple):
    """The events of one session, in order, and why it ends there."""

    session_id: str
    events: list[Event]
    ended_by: str


def build_sessions(
    events: Iterable[Event], *, visitor_key: bytes, timeout_ms: int = SESSION_TIMEOUT_MS
) -> list[Session]:
    """Build the sessions of all events collected under one id, oldest first."""
    return [
        _build_session(group, visitor_key)
        for group in group_events(events, timeout_ms=timeout_ms)
    ]


def group_events(
    events: Iterable[Event], *, timeout_ms: int = SESSION_TIMEOUT_MS
) -> list[EventGroup]:
    """Group the events collected under one id into sessions, oldest first.

    Usually there is one. Late events can be more than a timeout from the others; each further
    session has an id that is derived from the first:

        10:00  10:10         sess_A, ended by the timeout
        11:00                the id derived from sess_A, 1 and 11:00, ended by the timeout
    """
    groups: list[EventGroup] = []
    for run, ended_by in _split(sorted(events, key=in_order), timeout_ms):
        first_id = groups[0].session_id if groups else run[0].session_id
        own_id = derived_session_id(first_id, len(groups), run[0].at) if groups else first_id
        groups.append(EventGroup(own_id, run, ended_by))
    return groups


def _split(events: Sequence[Event], timeout_ms: int) -> Iterator[tuple[list[Event], str]]:
    """Yield the events of each session, and why it ends there."""
    run: list[Event] = []
    size = 0
    for event in events:
        size += event.size
        ended_by = _reason_to_end(run, event, size, timeout_ms)
        if ended_by:
            yield run, ended_by
            run, size = [], event.size
        run.append(event)
    if run:
        yield run, ENDED_BY_LIMIT if is_full(len(run), size) else ENDED_BY_TIMEOUT


def _reason_to_end(
    run: Sequence[Event], event: Event, size: int, timeout_ms: int
) -> str | None:
    """Return why this event is not part of the group, or None if it is."""
    if not run:
        return None
    if (
        event.at - run[-1].at >= timeout_ms
        and event.at - _active_until(run, timeout_ms) >= timeout_ms
    ):
        return ENDED_BY_LIMIT if is_full(len(run), size - event.size) else ENDED_BY_TIMEOUT
    if event.at - run[0].at >= MAX_SESSION_MS:
        return ENDED_BY_MAX_AGE
    return (
        ENDED_BY_LIMIT if len(run) >= MAX_SESSION_EVENTS or size > MAX_SESSION_BYTES else None
    )


def _active_until(run: Sequence[Event], timeout_ms: int) -> int:
    reads = [event.read_until for event in run if event.read_until is not None]
    seen = [at for event in run for at in event.seen_at]
    return active_until(run[-1].at, reads, seen, timeout_ms)


def _build_session(group: EventGroup, visitor_key: bytes) -> Session:
    """Source and device come from the first event, the user_id from the last one that has
    it."""
    session_id, events, ended_by = group
    first = events[0]
    page = parse_page_url(first.page_url)
    user_id = next((event.user_id for event in reversed(events) if event.user_id), None)
    return Session(
        session_id=session_id,
        site=first.site,
        visitor=effective_visitor(first.visitor_id, user_id, site=first.site, key=visitor_key),
        steps=tuple(_build_step(event) for event in events),
        user_id=user_id,
        hostname=page.hostname,
        referrer=None if is_same_site(first.referrer, first.site) else first.referrer,
        click_id=page.click_id,
        user_agent=first.user_agent,
        language=first.language,
        screen=first.screen,
        location=first.location,
        ended_by=ended_by,
        storage_session_id=None if session_id == first.session_id else first.session_id,
        active_until=None,
        **page.utm_parameters,
    )


def _build_step(event: Event) -> Step:
    return Step(
        at=event.at,
        event_type=event.event_type,
        page=parse_page_url(event.page_url).path,
        engaged_ms=event.engaged_ms,
        scroll_depth=event.scroll_depth,
        props=event.props,
    )
