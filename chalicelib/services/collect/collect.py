"""Collect what trackers send: validate it, drop what is not counted, find its session, store
it.

An event that is answered as stored is stored, once, however often it is sent. Each event of a
request has an outcome of its own: a bad one takes none of its neighbours with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from os import urandom

from chalicelib.domain.attributes.location import country_of_time_zone
from chalicelib.domain.collection import ids
from chalicelib.domain.collection.event import (
    Carried,
    Engagement,
    Event,
    Place,
    engaged,
    is_read_through,
)
from chalicelib.domain.collection.event_payload import (
    IncomingEvent,
    InvalidEvent,
    parse_incoming,
)
from chalicelib.domain.collection.ids import event_tail
from chalicelib.domain.collection.request_client import Sender
from chalicelib.domain.collection.visitor import Client
from chalicelib.domain.exclusions.drop_reason import Refusal
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.session import LONGEST_SESSION_MS
from chalicelib.domain.urls.hostname import in_url
from chalicelib.domain.urls.page_url import parse_page, site_of
from chalicelib.domain.urls.site_patterns import first_site
from chalicelib.domain.urls.url_privacy import (
    DEFAULT_PRIVATE_PARAMETERS,
    without_private_parameters,
)
from chalicelib.services.collect.drop_rules import refusal_of
from chalicelib.services.collect.salts import salt_of
from chalicelib.services.collect.session_assignment import Visit, find, place
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables

PROCESSED = "Event processed successfully"


class Status(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"
    DROPPED = "dropped"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event; `message` says it in a sentence."""

    status: Status
    message: str
    event_id: str | None = None
    session_id: str | None = None
    refusal: Refusal | None = None
    first_message: str | None = None  # of a duplicate: what its first time was answered


@dataclass(frozen=True, slots=True)
class _Accepted:
    """An event that is to be stored; `position` is its place in the request."""

    position: int
    incoming: IncomingEvent
    event_id: str
    page_url: str
    site: str


def collect(
    bodies: Sequence[object], sender: Sender, tables: Tables, settings: Settings, now: int
) -> list[Outcome]:
    """The outcomes, in the order of the bodies. `now` is the arrival, in ms."""
    outcomes: dict[int, Outcome] = {}
    accepted: list[_Accepted] = []
    # Ids made for a request count on from one random number, so no two of them are alike.
    first_tail = int.from_bytes(urandom(4), "big")
    for position, body in enumerate(bodies):
        try:
            incoming = parse_incoming(body, now=now)
        except InvalidEvent as error:
            outcomes[position] = Outcome(Status.INVALID, str(error))
            continue
        tail = (first_tail + position) % 2**32
        event = _accepted(position, incoming, tail.to_bytes(4, "big"), settings)
        refusal = refusal_of(incoming, event.page_url, event.site, sender, settings)
        if refusal:
            outcomes[position] = _dropped(refusal, event)
        else:
            accepted.append(event)
    for client, named, events in _visits(accepted, sender):
        outcomes |= _record(client, named, events, sender, tables, settings, now)
    return [outcomes[position] for position in range(len(bodies))]


def _accepted(
    position: int, incoming: IncomingEvent, tail: bytes, settings: Settings
) -> _Accepted:
    page_url = incoming.page_url or f"https://{in_url(first_site(settings.sites))}/"
    page_url = without_private_parameters(page_url, private_parameters(settings))
    return _Accepted(
        position=position,
        incoming=incoming,
        event_id=incoming.event_id or ids.event_id(incoming.at, tail),
        page_url=page_url,
        site=site_of(parse_page(page_url).hostname),
    )


def private_parameters(settings: Settings) -> frozenset[str]:
    """The query parameters that are not stored."""
    if settings.removed_query_parameters is None:
        return DEFAULT_PRIVATE_PARAMETERS
    return settings.removed_query_parameters


def _visits(
    accepted: Iterable[_Accepted], sender: Sender
) -> Iterable[tuple[Client, str | None, list[_Accepted]]]:
    """The events by visitor. One who said who they are in the midst of a request is one
    visitor."""
    visits: dict[tuple[str, str | None], dict[str | None, list[_Accepted]]] = {}
    for event in accepted:
        users = visits.setdefault((event.site, event.incoming.session_id), {})
        users.setdefault(event.incoming.user_id, []).append(event)
    for (site, session_id), users in visits.items():
        if len(users) == 2 and None in users:
            nameless = users.pop(None)
            next(iter(users.values())).extend(nameless)
        named = session_id if session_id and ids.is_session_id(session_id) else None
        for user_id, events in users.items():
            name = None if named else session_id
            yield Client(site, sender.address, sender.user_agent, user_id, name), named, events


def _record(
    client: Client,
    named: str | None,
    accepted: list[_Accepted],
    sender: Sender,
    tables: Tables,
    settings: Settings,
    now: int,
) -> dict[int, Outcome]:
    """Store the events of one visitor; the outcomes by position."""
    facts: dict[str, _Accepted] = {}
    again: list[_Accepted] = []
    engagements: list[_Accepted] = []
    for event in accepted:
        if event.incoming.is_engagement:
            engagements.append(event)
        elif event.event_id in facts:
            again.append(event)
        else:
            facts[event.event_id] = event
    outcomes, places, carried = _store(
        client, named, facts, engagements, sender, tables, settings, now
    )
    for event in again:
        outcomes[event.position] = _again(outcomes[facts[event.event_id].position])
    stored = {e.position: places[e.event_id] for e in engagements if e.event_id in places}
    stored |= carried
    elsewhere = [event for event in engagements if event.position not in stored]
    if elsewhere:
        rows = _rows_of(client, named, places, elsewhere[0].site, tables, settings, now)
        outcomes |= {e.position: _engage(e, rows, tables, now) for e in elsewhere}
    outcomes |= {
        e.position: _stored(e, stored[e.position].session_id)
        for e in engagements
        if e.position in stored
    }
    return outcomes


def _store(
    client: Client,
    named: str | None,
    facts: dict[str, _Accepted],
    engagements: list[_Accepted],
    sender: Sender,
    tables: Tables,
    settings: Settings,
    now: int,
) -> tuple[dict[int, Outcome], dict[str, ActiveSession], dict[int, ActiveSession]]:
    """Store all but engagement, and the engagement that they can carry; the outcomes by
    position, the row of each new event, and that of what is carried by position."""
    if not facts:
        return {}, {}, {}
    events = {
        event_id: _engaged(
            _event(accepted, client, sender, tables, settings, now),
            engagements,
            settings.session_timeout_ms,
        )
        for event_id, accepted in facts.items()
    }
    repeatable = frozenset(id_ for id_, accepted in facts.items() if accepted.incoming.event_id)
    visit = Visit(client, named, tuple(events.values()), repeatable)
    placed = place(visit, tables, settings, now)
    rows, duplicates = dict(placed.rows), dict(placed.duplicates)
    fresh = [replace(events[id_], session_id=row.session_id) for id_, row in rows.items()]
    fresh, carried = _carrying(fresh, rows, engagements)
    for old, new in _put_made([e for e in fresh if e.event_id not in repeatable], tables):
        facts[old.event_id] = replace(facts[old.event_id], event_id=new.event_id)
    given = [event for event in fresh if event.event_id in repeatable]
    if len(given) == 1 and not tables.events.put(given[0]):
        (event,) = given
        row = rows.pop(event.event_id)
        tables.active.retract(row, event)
        duplicates[event.event_id] = row.session_id
        if event.carried:
            carried = {}
    elif len(given) > 1:
        tables.events.put_many(given)
    outcomes = {facts[id_].position: _stored(facts[id_], rows[id_].session_id) for id_ in rows}
    outcomes |= {
        facts[id_].position: _again(_stored(facts[id_], duplicates[id_])) for id_ in duplicates
    }
    return outcomes, rows, carried


def _carrying(
    fresh: Iterable[Event],
    rows: Mapping[str, ActiveSession],
    engagements: Sequence[_Accepted],
) -> tuple[list[Event], dict[int, ActiveSession]]:
    """The events with the engagement that can be stored with them instead of with its page
    view: that of earlier page views of the row, which keeps it open no longer than the events
    do. And the row of that engagement, by its position."""
    carrying: list[Event] = []
    carried: dict[int, ActiveSession] = {}
    for event in fresh:
        row = rows[event.event_id]
        own = [
            e
            for e in engagements
            if e.event_id not in rows
            and e.position not in carried
            and e.incoming.at <= row.last_activity
            and row.view_at(e.event_id) is not None
        ]
        carried |= {e.position: row for e in own}
        told = [
            Carried(event_tail(e.event_id), e.incoming.engaged_ms, e.incoming.scroll_depth)
            for e in own
        ]
        carrying.append(replace(event, carried=tuple(told)) if told else event)
    return carrying, carried


def _put_made(events: Sequence[Event], tables: Tables) -> Iterable[tuple[Event, Event]]:
    """Store events whose ids were made here, each under another id where its session has an
    event of that one: 4 random bytes can repeat within a second. Each event, and as stored."""
    if len(events) == 1:
        return [(events[0], tables.events.put_made(events[0], _another_id))]
    taken = tables.events.taken_ids(events)
    stored = [_another_id(e) if e.event_id in taken else e for e in events]
    tables.events.put_many(stored)
    return zip(events, stored, strict=True)


def _another_id(event: Event) -> Event:
    return replace(event, event_id=ids.event_id(event.at, urandom(4)))


def _event(
    accepted: _Accepted,
    client: Client,
    sender: Sender,
    tables: Tables,
    settings: Settings,
    now: int,
) -> Event:
    incoming = accepted.incoming
    return Event(
        session_id="",
        event_id=accepted.event_id,
        event_type=incoming.event_type,
        at=incoming.at,
        received_at=now,
        site=accepted.site,
        visitor_id=client.visitor_id(salt_of(incoming.at, tables.active, settings)),
        page_url=accepted.page_url,
        user_id=incoming.user_id,
        referrer=incoming.referrer
        and without_private_parameters(incoming.referrer, private_parameters(settings)),
        user_agent=sender.user_agent,
        title=incoming.title,
        language=incoming.language or sender.language,
        screen=incoming.screen,
        timezone=incoming.timezone,
        place=sender.place
        if sender.place.country
        else Place(country_of_time_zone(incoming.timezone)),
        props=incoming.props,
        position=accepted.position,
    )


def _engaged(event: Event, engagements: Iterable[_Accepted], timeout_ms: int) -> Event:
    """With the engagement that came in the same request."""
    own = [
        _engagement(e)
        for e in engagements
        if e.event_id == event.event_id and event.is_page_view
    ]
    return engaged(event, own, timeout_ms=timeout_ms) if own else event


def _engagement(event: _Accepted) -> Engagement:
    incoming = event.incoming
    return Engagement(incoming.at, incoming.engaged_ms, incoming.scroll_depth)


def _rows_of(
    client: Client,
    named: str | None,
    places: Mapping[str, ActiveSession],
    site: str,
    tables: Tables,
    settings: Settings,
    now: int,
) -> list[ActiveSession]:
    """The rows in which the page views of an engagement may be, the likeliest first: those that
    have just got an event, or that of the session that is named, or else the visitor's own."""
    if places:
        return list({row.session_id: row for row in places.values()}.values())
    if named is not None:
        rows = tables.active.get_many([named])
    else:
        rows = tables.active.get_many(find(client, tables, settings, now).session_ids)
    newest_first = sorted(rows.values(), key=lambda row: -row.last_activity)
    return [row for row in newest_first if row.site == site]


def _engage(
    event: _Accepted, rows: Sequence[ActiveSession], tables: Tables, now: int
) -> Outcome:
    """Engagement adds to a page view of a session that has not been closed, and keeps it open.
    The page view may be in a row before the one that is named: before the session reached its
    limit, or a late event opened another row."""
    others = {id_ for row in rows for id_ in row.relatives} - {row.session_id for row in rows}
    for some in (rows, tables.active.get_many(others).values()) if others else (rows,):
        for row in some:
            if row.site == event.site and _adds(event, row, tables, now):
                return _stored(event, row.session_id)
    return _dropped(Refusal.NO_PAGE_VIEW, event)


def _adds(event: _Accepted, row: ActiveSession, tables: Tables, now: int) -> bool:
    """Add engagement to its page view, if that is in the row; False if not. First the row is
    kept from being closed for as long as it takes."""
    view_at = row.view_at(event.event_id)
    if view_at is None and row.is_cut:
        view_at = tables.events.time_of_view(row.session_id, event.event_id)
    if view_at is None or event.incoming.at - row.start_time >= LONGEST_SESSION_MS:
        return False
    timeout_ms = tables.active.timeout_ms
    engagement = _engagement(event)
    until = row.active_until(timeout_ms)
    is_reading = is_read_through(view_at, until, engagement, timeout_ms=timeout_ms)
    is_later = engagement.at > row.last_activity
    read_until = engagement.at if is_reading and is_later else None
    seen_at = engagement.at if is_later and not is_reading else None
    is_new = engagement.at > until
    if is_new or now >= row.expires_at(timeout_ms) * 1000:
        own = {"read_until": read_until, "seen_at": seen_at}
        if tables.active.engage(row, **own, now=now) is None:
            return False
    return tables.events.engage(
        row.session_id,
        event.event_id,
        engaged_ms=engagement.engaged_ms,
        scroll_depth=engagement.scroll_depth,
        read_until=read_until,
        seen_at=seen_at,
    )


def _stored(event: _Accepted, session_id: str) -> Outcome:
    return Outcome(Status.STORED, _processed(event), event.event_id, session_id)


def _processed(event: _Accepted) -> str:
    note = event.incoming.note
    return f"{PROCESSED}; {note}" if note else PROCESSED


def _again(outcome: Outcome) -> Outcome:
    return replace(
        outcome,
        status=Status.DUPLICATE,
        message="Event was stored before",
        first_message=outcome.message,
    )


def _dropped(refusal: Refusal, event: _Accepted) -> Outcome:
    return Outcome(Status.DROPPED, refusal.message, event.event_id, None, refusal)
