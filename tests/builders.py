"""Builders for tests, each of which states only what matters to it.

page_view("/"), custom("signup")     bodies of requests
event(), session("/", "/b")          values of the domain; view() and act() are steps
minutes(5), ms(2026, 9, 5)           moments in ms
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.collection.event import PAGE_VIEW, Event, Location
from chalicelib.domain.collection.ids import new_session_id
from chalicelib.domain.sessions.session import ENDED_BY_TIMEOUT, Session, Step

SITE = "example.com"
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_788_602_400_000  # Saturday 2026-09-05 10:00 UTC
MIDNIGHT = START - 10 * HOUR


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() * 1000)


def minutes(number: float) -> int:
    """Return the time that many minutes after START, in ms."""
    return START + round(number * 60_000)


def page_view(path: str = "/", **fields: Any) -> dict[str, Any]:
    """Return the body of a page view on example.com; a full URL is used as it is."""
    url = path if "://" in path else f"https://example.com{path}"
    return {"event_type": "page_view", "page_url": url, **fields}


def custom(event_type: str, path: str = "/", **fields: Any) -> dict[str, Any]:
    return {**page_view(path), "event_type": event_type, **fields}


def view(page: str = "/", *, at: int = 0, **fields: Any) -> Step:
    """Return a page view step, `at` ms after the session's start."""
    return Step(at, PAGE_VIEW, page, **fields)


def act(event_type: str, *, at: int = 0, page: str = "/", **fields: Any) -> Step:
    """Return a step of another event, `at` ms after the session's start."""
    return Step(at, event_type, page, **fields)


def session(
    *steps: Step | str,
    start: int = MIDNIGHT,
    visitor: str = "anna",
    name: str = "",
    **fields: Any,
) -> Session:
    """Build a session; paths are page views. Equal `visitor` and `name` give the same visitor
    and, on the same day, the same session id."""
    taken = [view(step) if isinstance(step, str) else step for step in steps or ("/",)]
    country = fields.pop("country", None)
    known: dict[str, Any] = {
        "session_id": new_session_id(start, _digest(f"{visitor}{name}", 4)),
        "site": SITE,
        "hostname": f"www.{SITE}",
        "location": Location(country=country),
        "ended_by": ENDED_BY_TIMEOUT,
    }
    return Session(
        visitor=_digest(visitor, 6).hex(),
        steps=tuple(_moved(step, start) for step in taken),
        **known | fields,
    )


def sessions(*paths: Sequence[str], **fields: Any) -> list[Session]:
    """Build a session of a new visitor for each list of paths."""
    return [session(*path, visitor=str(number), **fields) for number, path in enumerate(paths)]


def event(ms: int = 0, path: str = "/", event_type: str = PAGE_VIEW, **fields: Any) -> Event:
    """Build an event, `ms` after START."""
    known: dict[str, Any] = {
        "session_id": new_session_id(START, _digest("anna", 4)),
        "event_id": f"e{ms}{path}",
        "received_at": START,
        "site": SITE,
        "visitor_id": "a" * 12,
        "page_url": f"https://{SITE}{path}",
    }
    return Event(event_type=event_type, at=START + ms, **known | fields)


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def _moved(step: Step, start: int) -> Step:
    return Step(
        start + step.at,
        step.event_type,
        step.page,
        step.engaged_ms,
        step.scroll_depth,
        step.props,
    )
