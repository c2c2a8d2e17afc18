"""The events table: what visitors did, one item per event.

    session_id   event_id
    sess_...     evt_... or the tracker's own     an event; `timestamp` is when it happened (ms)
    sess_...     evt_... with `moved_to`          now stored in that session

Reads   of_session(session_id)           one Query
        taken_ids(events)                one BatchGetItem
        page_view_time(...)              one BatchGetItem
Writes  put(event)                       an event that is stored already stays as it is
        put_with_new_id(event, ...)      then another id is tried
        put_many(events)                 without conditions
        put_moved(events, to)            notes in place of events that are moved
        update_engagement(...)           larger values win, so any order will do

The visitors' session pointers are in the same table: see session_pointers.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chalicelib.domain.collection.event import (
    PAGE_VIEW,
    CarriedEngagement,
    Event,
    Location,
    apply_carried_engagement,
    encode_props,
    max_known,
)
from chalicelib.storage.aws.attribute_codec import Item, times_from_item, times_to_item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed, Unavailable
from chalicelib.storage.aws.update_expression import UpdateExpression

SCHEMA_VERSION = 1
MAX_ATTEMPTS = 8  # of several callers that raise an engagement at once, one succeeds each time
MAX_SEEN_TIMES = 100  # of `seen_at`; further ones would not keep the session open


class TooManyEvents(Exception):
    """A session has more events than one can have."""


class EventTable:
    def __init__(self, database: Database, name: str, retention_days: int) -> None:
        self._database = database
        self.name = name
        self._retention_seconds = retention_days * 86_400

    def put(self, event: Event) -> bool:
        """Store the event and return True. If it is stored already, return False."""
        try:
            self._database.put(
                self.name, self._to_item(event), condition="attribute_not_exists(session_id)"
            )
        except ConditionFailed:
            return False
        return True

    def put_with_new_id(self, event: Event, with_new_id: Callable[[Event], Event]) -> Event:
        """Store an event whose id was made here, with another id if its session has an event
        of that one. Return the event as stored."""
        while not self.put(event):
            stored = self._stored(event.session_id, event.event_id)
            # The same event is stored if a call succeeded but its answer was lost.
            if stored and "moved_to" not in stored and from_item(stored) == event:
                break
            event = with_new_id(event)
        return event

    def _stored(self, session_id: str, event_id: str) -> Item | None:
        """By BatchGetItem: the API's role does not allow GetItem on this table."""
        keys = [event_key(session_id, event_id)]
        return next(iter(self._database.get_many({self.name: keys})[self.name]), None)

    def taken_ids(self, events: Sequence[Event]) -> set[str]:
        """Return the ids of those events, at most 100, that are already stored in
        their sessions."""
        keys = [event_key(event.session_id, event.event_id) for event in events]
        items = self._database.get_many({self.name: keys}, only=["event_id"])
        return {item["event_id"] for item in items[self.name]}

    def put_many(self, events: Sequence[Event]) -> None:
        """Overwrite what is stored. Leave out events that are stored already, or their
        engagement is lost."""
        self._database.put_many(self.name, [self._to_item(event) for event in events])

    def of_session(self, session_id: str, *, most: int | None = None) -> list[Event]:
        """All events that were collected in the session, in no particular order. Raise
        TooManyEvents if there are more than `most`."""
        events: list[Event] = []
        items = self._database.query(self.name, "session_id = :id", {":id": session_id})
        for number, item in enumerate(items):
            if number == most:
                raise TooManyEvents(session_id)
            if "moved_to" not in item:
                events.append(from_item(item))
        return apply_carried_engagement(events)

    def page_view_time(self, session_id: str, event_id: str) -> int | None:
        """When a page view happened, if it is stored in the session."""
        item = self._stored(session_id, event_id)
        if item is None or not _is_page_view(item):
            return None
        at: int = item["timestamp"]
        return at

    def put_moved(self, events: Iterable[Event], *, to: str) -> None:
        """Replace each event by a note of its new session, so that a second delivery is
        recognized. Put the events into that session first."""
        notes = [
            event_key(event.session_id, event.event_id)
            | {"site": event.site, "moved_to": to, "ttl": self._expires_at(event.received_at)}
            for event in events
        ]
        self._database.put_many(self.name, notes)

    def _expires_at(self, received_at: int) -> int:
        """Seconds since 1970."""
        return received_at // 1000 + self._retention_seconds

    def update_engagement(
        self,
        session_id: str,
        event_id: str,
        *,
        engaged_ms: int,
        scroll_depth: int | None,
        read_until: int | None = None,
        seen_at: int | None = None,
    ) -> bool:
        """Raise what is stored of the reading of a page view; return False if the session has
        no such page view."""
        values = {
            "engaged_ms": engaged_ms,
            "scroll_depth": scroll_depth,
            "read_until": read_until,
        }
        for _ in range(MAX_ATTEMPTS):
            stored = self._try_engagement(event_key(session_id, event_id), values, seen_at)
            if stored is None:
                return True
            if not _is_page_view(stored):
                return False
            # One of the values is larger in the table, or `seen_at` is full there.
            values = {name: max_known(stored.get(name), values[name]) for name in values}
            if len(stored.get("seen_at", ())) >= MAX_SEEN_TIMES:
                seen_at = None
            if seen_at is None and all(stored.get(n) == v for n, v in values.items()):
                return True
        raise Unavailable("too many callers update the engagement of one page view at once")

    def _try_engagement(
        self, key: Item, values: Mapping[str, int | None], seen_at: int | None
    ) -> Item | None:
        """Write these values, unless the table has a larger one: then return what it has
        instead, an empty item if there is none."""
        update = UpdateExpression()
        update.require("#event_type = :page_view", page_view=PAGE_VIEW)
        for name, value in values.items():
            if value is not None:
                update.set(**{name: value})
                update.require(f"(attribute_not_exists(#{name}) OR #{name} <= :{name})")
        if seen_at is not None:
            update.add(seen_at=times_to_item({seen_at}))
            update.require(
                "(attribute_not_exists(#seen_at) OR size(#seen_at) < :most_times)",
                most_times=MAX_SEEN_TIMES,
            )
        try:
            self._database.update(self.name, key, **update.arguments())
        except ConditionFailed as failure:
            return failure.item or {}
        return None

    def _to_item(self, event: Event) -> Item:
        return {
            "v": SCHEMA_VERSION,
            "session_id": event.session_id,
            "event_id": event.event_id,
            "event_type": event.event_type,
            "timestamp": event.at,
            "received_at": event.received_at,
            "site": event.site,
            "visitor_id": event.visitor_id,
            "page_url": event.page_url,
            "user_id": event.user_id,
            "referrer": event.referrer,
            "user_agent": event.user_agent or None,
            "title": event.title,
            "language": event.language,
            "screen": event.screen,
            "timezone": event.timezone,
            "country": event.location.country,
            "region": event.location.region,
            "city": event.location.city,
            "props": encode_props(event.props) or None,
            "engaged_ms": event.engaged_ms or None,
            "scroll_depth": event.scroll_depth,
            "position": event.position or None,
            "read_until": event.read_until,
            "seen_at": times_to_item(event.seen_at),
            "carried": json.dumps(event.carried) if event.carried else None,
            "ttl": self._expires_at(event.received_at),
        }


def event_key(session_id: str, event_id: str) -> Item:
    return {"session_id": session_id, "event_id": event_id}


def from_item(item: Item) -> Event:
    return Event(
        session_id=item["session_id"],
        event_id=item["event_id"],
        event_type=item["event_type"],
        at=item["timestamp"],
        received_at=item["received_at"],
        site=item["site"],
        visitor_id=item["visitor_id"],
        page_url=item["page_url"],
        user_id=item.get("user_id"),
        referrer=item.get("referrer"),
        user_agent=item.get("user_agent", ""),
        title=item.get("title"),
        language=item.get("language"),
        screen=item.get("screen"),
        timezone=item.get("timezone"),
        location=Location(item.get("country"), item.get("region"), item.get("city")),
        props=json.loads(item["props"]) if "props" in item else {},
        engaged_ms=item.get("engaged_ms", 0),
        scroll_depth=item.get("scroll_depth"),
        position=item.get("position", 0),
        read_until=item.get("read_until"),
        seen_at=times_from_item(item, "seen_at"),
        carried=tuple(CarriedEngagement(*one) for one in json.loads(item.get("carried", "[]"))),
    )


def _is_page_view(item: Mapping[str, Any]) -> bool:
    return item.get("event_type") == PAGE_VIEW
