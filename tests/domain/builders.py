"""Sessions and steps for tests: each states only what matters to it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from chalicelib.domain.collection.event import PAGE_VIEW, Event, Place
from chalicelib.domain.collection.ids import session_id
from chalicelib.domain.sessions.session import TIMEOUT, Session, Step

SITE = "example.com"
START = 1_788_566_400_000  # 2026-09-05 00:00 UTC, a Saturday
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def view(page: str = "/", *, at: int = 0, **fields) -> Step:
    """A page view, `at` ms after the session's start."""
    return Step(at, PAGE_VIEW, page, **fields)


def act(event_type: str, *, at: int = 0, page: str = "/", **fields) -> Step:
    """Another event, `at` ms after the session's start."""
    return Step(at, event_type, page, **fields)


def session(
    *steps: Step | str, start: int = START, visitor: str = "anna", name: str = "", **fields
) -> Session:
    """Paths stand for page views. `visitor` and `name` are any words: the same ones give the
    same visitor, and on the same day the same session id."""
    taken = [view(step) if isinstance(step, str) else step for step in steps or ("/",)]
    country = fields.pop("country", None)
    known = {
        "session_id": session_id(start, _digest(f"{visitor}{name}", 4)),
        "site": SITE,
        "hostname": f"www.{SITE}",
        "place": Place(country=country),
        "ended_by": TIMEOUT,
    }
    return Session(
        visitor=_digest(visitor, 6).hex(),
        steps=tuple(_moved(step, start) for step in taken),
        **known | fields,
    )


def sessions(*paths: Sequence[str], **fields) -> list[Session]:
    """A session of another visitor for each list of paths."""
    return [session(*path, visitor=str(number), **fields) for number, path in enumerate(paths)]


def event(event_type: str = PAGE_VIEW, *, at: int = START, path: str = "/", **fields) -> Event:
    known = {
        "session_id": session_id(START, bytes(4)),
        "event_id": f"{event_type} {at} {path}",
        "received_at": at,
        "site": SITE,
        "visitor_id": _digest("anna", 6).hex(),
        "page_url": f"https://{SITE}{path}",
    }
    return Event(event_type=event_type, at=at, **known | fields)


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
