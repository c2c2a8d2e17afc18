"""An event is one thing a visitor did: a page view, or an event that the site names.

Events do not change once stored, except for the engagement of their page view. All times are in
milliseconds since the epoch; `at` is when it happened, `received_at` when it arrived.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from chalicelib.domain.collection.ids import short_event_id

PAGE_VIEW = "page_view"
ENGAGEMENT = "engagement"
UNKNOWN_EVENT_TYPE = ""  # in an active session: only closing reads the types of its events

# The largest `size` that an event can have: see domain/collection/event_payload.py.
MAX_EVENT_BYTES = 12_000

in_order = attrgetter("order")  # the key that sorts events

PropValue = str | int | float | bool


class CarriedEngagement(NamedTuple):
    """Engagement with an earlier page view of the row, stored with the event that arrived with
    it, which saves a write. `tail` is that of the page view's id."""

    short_event_id: str
    engaged_ms: int
    scroll_depth: int | None


class Engagement(NamedTuple):
    """The engagement with a page as of `at`: its visible time so far, and the percentage
    seen."""

    at: int
    engaged_ms: int
    scroll_depth: int | None


@dataclass(frozen=True, slots=True)
class Location:
    """Where an event came from, from the edge or the time zone; None is unknown."""

    country: str | None = None  # ISO 3166-1 alpha-2
    region: str | None = None  # ISO 3166-2, with the country: "DE-BE"
    city: str | None = None


UNKNOWN_LOCATION = Location()


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event. `session_id` is that of the row it was collected in: see
    `Session.storage_session_id`. `position` is its index in its request.

    Page views keep their engagement (docs/decisions/reading-is-activity.md):

    read_until    from the page view until then the reader was never away for a timeout
    seen_at       later times at which the page was read, after a pause as far as is known

    `carried` is engagement of earlier page views: `apply_carried_engagement` applies it.
    """

    session_id: str
    event_id: str
    event_type: str
    at: int
    received_at: int
    site: str
    visitor_id: str
    page_url: str
    user_id: str | None = None
    referrer: str | None = None
    user_agent: str = ""
    title: str | None = None
    language: str | None = None
    screen: str | None = None
    timezone: str | None = None
    location: Location = UNKNOWN_LOCATION
    props: Mapping[str, PropValue] = field(default_factory=dict)
    engaged_ms: int = 0
    scroll_depth: int | None = None
    position: int = 0
    read_until: int | None = None
    seen_at: frozenset[int] = frozenset()
    carried: tuple[CarriedEngagement, ...] = ()

    @property
    def is_page_view(self) -> bool:
        return self.event_type == PAGE_VIEW

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The sort key of events: time, then arrival, then position in the request."""
        return self.at, self.received_at, self.position, self.event_id

    @property
    def size(self) -> int:
        """Bytes of the sender's own text; a session may hold a limited number of them."""
        texts = (
            self.event_type,
            self.page_url,
            self.referrer or "",
            self.title or "",
            encode_props(self.props),
        )
        return sum(len(text.encode()) for text in texts)


def with_engagement(
    event: Event, engagements: Iterable[Engagement], *, timeout_ms: int
) -> Event:
    """Return the page view with engagement; the larger of each value."""
    for engagement in sorted(engagements):
        at = max(engagement.at, event.at)
        known_until = event.at if event.read_until is None else event.read_until
        is_reading = is_read_through(event.at, known_until, engagement, timeout_ms=timeout_ms)
        event = replace(
            event,
            engaged_ms=max(event.engaged_ms, engagement.engaged_ms),
            scroll_depth=max_known(event.scroll_depth, engagement.scroll_depth),
            read_until=max(known_until, at) if is_reading else event.read_until,
            seen_at=event.seen_at if is_reading else event.seen_at | {at},
        )
    return event


def apply_carried_engagement(events: Sequence[Event]) -> list[Event]:
    """Return the events of a row, with the engagement that others carry for them."""
    by_view: dict[str, list[CarriedEngagement]] = {}
    for event in events:
        for carried in event.carried:
            by_view.setdefault(carried.short_event_id, []).append(carried)
    return [_with_carried(event, by_view) for event in events] if by_view else list(events)


def _with_carried(event: Event, by_view: Mapping[str, Sequence[CarriedEngagement]]) -> Event:
    if not event.is_page_view:
        return event
    for carried in by_view.get(short_event_id(event.event_id), ()):
        event = replace(
            event,
            engaged_ms=max(event.engaged_ms, carried.engaged_ms),
            scroll_depth=max_known(event.scroll_depth, carried.scroll_depth),
        )
    return event


def is_read_through(
    view_at: int, active_until: int, engagement: Engagement, *, timeout_ms: int
) -> bool:
    """Return whether the reader was never away for the timeout between the page view and the
    engagement: since they were last active, or because the page was hidden for less than that
    in total."""
    away_ms = engagement.at - view_at - engagement.engaged_ms
    return engagement.at - active_until < timeout_ms or away_ms < timeout_ms


def max_known(number: int | None, other: int | None) -> int | None:
    """Return the larger of two numbers, each of which may be unknown."""
    return max((one for one in (number, other) if one is not None), default=None)


def encode_props(props: Mapping[str, PropValue]) -> str:
    """Encode as JSON text, empty for none: DynamoDB's numbers end at 1e126, JSON's do not."""
    if not props:
        return ""
    return json.dumps(dict(props), separators=(",", ":"), ensure_ascii=False)
