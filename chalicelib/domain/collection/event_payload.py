"""An incoming event is what a tracker says, before it is known whose it is.

`parse_payload` takes any JSON value and returns it within the limits of docs/reference/api.md,
or raises InvalidEvent with a sentence that names the field and what it takes. Limits that say
"cut" cut.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.collection.event import ENGAGEMENT, PropValue
from chalicelib.domain.collection.props import clean_props, clean_text, truncate_bytes
from chalicelib.domain.urls.page_url import InvalidUrl, parse_page_url

MAX_EVENT_TYPE_CHARACTERS = 120
MAX_ID_CHARACTERS = 128
MAX_URL_BYTES = 2_000
MAX_TEXT_CHARACTERS = {"title": 500, "language": 35, "screen": 11, "timezone": 64}  # characters
MAX_AGE_MS = 86_400_000
MAX_CLOCK_SKEW_MS = 300_000  # a clock may be that far ahead
MIN_MILLISECOND_TIMESTAMP = (
    100_000_000_000  # smaller timestamps are seconds: this one is the year 5138
)


class InvalidEvent(ValueError):
    """The sentence names the field and what it takes."""


@dataclass(frozen=True, slots=True)
class EventPayload:
    """`at` is when it happened, in ms. `page_url` is None where the event named none."""

    event_type: str
    at: int
    page_url: str | None = None
    referrer: str | None = None
    session_id: str | None = None
    event_id: str | None = None
    user_id: str | None = None
    title: str | None = None
    language: str | None = None
    screen: str | None = None
    timezone: str | None = None
    props: Mapping[str, PropValue] = field(default_factory=dict)
    note: str = ""  # what was left out of the event, for its sender
    engaged_ms: int = 0
    scroll_depth: int | None = None
    is_automated: bool = False

    @property
    def is_engagement(self) -> bool:
        return self.event_type == ENGAGEMENT


def parse_payload(body: object, *, now: int) -> EventPayload:
    """`now` is the arrival, in ms."""
    if not isinstance(body, dict):
        raise InvalidEvent("An event is a JSON object.")
    fields: Mapping[str, Any] = body
    event_type = _text(fields, "event_type")
    if event_type is None or not 1 <= len(event_type) <= MAX_EVENT_TYPE_CHARACTERS:
        raise InvalidEvent(
            f"event_type must be a string of 1 to {MAX_EVENT_TYPE_CHARACTERS} characters."
        )
    props = clean_props(fields.get("props"))
    event = EventPayload(
        event_type=event_type,
        at=_time(fields, now),
        page_url=_page_url(fields),
        referrer=truncate_bytes(_text(fields, "referrer") or "", MAX_URL_BYTES) or None,
        session_id=_id(fields, "session_id"),
        event_id=_id(fields, "event_id"),
        user_id=_user_id(fields),
        **{
            name: _truncate(_text(fields, name), most)
            for name, most in MAX_TEXT_CHARACTERS.items()
        },
        props=props.props,
        note=props.note,
        engaged_ms=_engaged_ms(fields),
        scroll_depth=_scroll_depth(fields),
        is_automated=fields.get("automated") is True,
    )
    if event.is_engagement and event.event_id is None:
        raise InvalidEvent("event_id must be the event_id of a page view.")
    return event


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidEvent(f"{name} must be a string.")
    return clean_text(value)


def _id(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _is_id(value):
        raise InvalidEvent(
            f"{name} must be a string of 1 to {MAX_ID_CHARACTERS} printable characters, no /."
        )
    return value


def _user_id(fields: Mapping[str, Any]) -> str | None:
    """Reject text like `[object Object]`, which would make one user of all visitors."""
    user_id = _id(fields, "user_id")
    if user_id and user_id.startswith("[object "):
        raise InvalidEvent(
            "user_id must be an id, not a JavaScript object that was converted to text."
        )
    return user_id


def _is_id(text: str) -> bool:
    return 1 <= len(text) <= MAX_ID_CHARACTERS and text.isprintable() and "/" not in text


def _page_url(fields: Mapping[str, Any]) -> str | None:
    url = _text(fields, "page_url")
    if url is None:
        return None
    invalid = InvalidEvent(f"page_url must be an http(s) URL of at most {MAX_URL_BYTES} bytes.")
    if len(url.encode()) > MAX_URL_BYTES:
        raise invalid
    try:
        parse_page_url(url)
    except InvalidUrl:
        raise invalid from None
    return url


def _truncate(text: str | None, characters: int) -> str | None:
    return text[:characters] or None if text else None


def _number(fields: Mapping[str, Any], name: str) -> int | float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidEvent(f"{name} must be a number.")
    return value


def _time(fields: Mapping[str, Any], now: int) -> int:
    """Return arrival minus `age`, or `timestamp` within its window, or arrival."""
    age, timestamp = _number(fields, "age"), _number(fields, "timestamp")
    if age is not None and 0 <= age <= MAX_AGE_MS:
        return now - int(age)
    if timestamp is None:
        return now
    at = timestamp if timestamp >= MIN_MILLISECOND_TIMESTAMP else timestamp * 1000
    if now - MAX_AGE_MS <= at <= now + MAX_CLOCK_SKEW_MS:
        return round(at)
    return now


def _engaged_ms(fields: Mapping[str, Any]) -> int:
    value = _number(fields, "engaged_ms")
    if value is None:
        return 0
    if not 0 <= value < math.inf:
        raise InvalidEvent("engaged_ms must be a number of milliseconds, 0 or more.")
    return int(min(value, MAX_AGE_MS))


def _scroll_depth(fields: Mapping[str, Any]) -> int | None:
    value = _number(fields, "scroll_depth")
    if value is None:
        return None
    if not 0 <= value <= 100:
        raise InvalidEvent("scroll_depth must be a number from 0 to 100.")
    return int(value)
