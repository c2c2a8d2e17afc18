"""The closed sessions of modelled traffic, computed without requests or tables: the events that
the collector stores for a planned session, closed by the same rules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from chalicelib.domain.collection import ids
from chalicelib.domain.collection.event import Event, Location
from chalicelib.domain.collection.event_payload import parse_payload
from chalicelib.domain.collection.visitor import VisitorIdentity
from chalicelib.domain.sessions.session import Session, build_sessions
from traffic_model.model import PlannedSession
from traffic_model.session_script import SITE

VISITOR_KEY = b"of the benchmark"


def closed_sessions(planned: Iterable[PlannedSession]) -> Iterator[Session]:
    for number, session in enumerate(planned):
        yield from build_sessions(_events(session, number), visitor_key=VISITOR_KEY)


def _events(planned: PlannedSession, number: int) -> Iterator[Event]:
    """Return events with their engagement merged in, as in the Events table."""
    bodies = planned.bodies
    payloads = [parse_payload(body, now=planned.sent_at) for body in bodies]
    engagement = {event.event_id: event for event in payloads if event.is_engagement}
    person = planned.person
    session_id = ids.new_session_id(planned.started_at, _random(f"session {number}"))
    client = VisitorIdentity(SITE, person.address, person.user_agent)
    for event in payloads:
        if event.is_engagement:
            continue
        engaged = engagement.get(event.event_id)
        yield Event(
            session_id=session_id,
            event_id=event.event_id or "",
            event_type=event.event_type,
            at=event.at,
            received_at=planned.sent_at,
            site=SITE,
            visitor_id=client.visitor_id(_salt(planned.started_at)),
            page_url=event.page_url or f"https://{SITE}/",
            user_id=event.user_id,
            referrer=event.referrer,
            user_agent=person.user_agent,
            title=event.title,
            language=event.language,
            screen=event.screen,
            timezone=event.timezone,
            location=Location(country=person.country.code),
            props=event.props,
            engaged_ms=engaged.engaged_ms if engaged else 0,
            scroll_depth=engaged.scroll_depth if engaged else None,
        )


def _salt(at: int) -> bytes:
    return _random(f"salt of {datetime.fromtimestamp(at / 1000, UTC).date()}")


def _random(name: str) -> bytes:
    """Return 16 pseudo-random bytes that depend on the name only."""
    return hashlib.blake2b(name.encode(), digest_size=16).digest()
