"""An event is one thing a visitor did: a page view, or something that the site gives a name to.

Stored once and never changed, but for the engagement that its page view gathers. All times are
whole milliseconds since 1970 in UTC; `at` is when it happened, `received_at` when it arrived.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE_VIEW = "page_view"
ENGAGEMENT = "engagement"
UNKNOWN_EVENT = ""  # of an open session: what it was only closing tells

# The largest `size` that an event can have: its limits are in domain/incoming.py.
MAX_EVENT_BYTES = 12_000

PropValue = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event came from, as far as the edge or the time zone tells; None is unknown."""

    country: str | None = None  # ISO 3166-1 alpha-2
    region: str | None = None  # ISO 3166-2, with the country: "DE-BE"
    city: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Event:
    """A stored fact. `session_id` is the row that it was collected under: see
    `Session.events_under`. `position` is its place in the request that brought it."""

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
    place: Place = NOWHERE
    props: Mapping[str, PropValue] = field(default_factory=dict)
    engaged_ms: int = 0
    scroll_depth: int | None = None
    position: int = 0

    @property
    def is_page_view(self) -> bool:
        return self.event_type == PAGE_VIEW

    @property
    def order(self) -> tuple[int, int, int, str]:
        """What events are sorted by: time, then arrival, then position in the request."""
        return self.at, self.received_at, self.position, self.event_id

    @property
    def size(self) -> int:
        """Bytes of what a sender chooses freely; a session may hold only so many of them."""
        texts = (
            self.event_type,
            self.page_url,
            self.referrer or "",
            self.title or "",
            encode_props(self.props),
        )
        return sum(len(text.encode()) for text in texts)


def encode_props(props: Mapping[str, PropValue]) -> str:
    """As JSON text, empty for none: DynamoDB's numbers end at 1e126, JSON's do not."""
    if not props:
        return ""
    return json.dumps(dict(props), separators=(",", ":"), ensure_ascii=False)
