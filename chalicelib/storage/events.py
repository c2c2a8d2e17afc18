"""The events table: what visitors did, one item an event, and where each visitor was last.

    session_id   event_id
    sess_...     evt_... or the tracker's own     an event; `timestamp` is when it happened (ms)
    sess_...     evt_... with `moved_to`          one that is stored under another session now
    pointer#...  pointer                          the last session of a visitor, for 48 hours

Reads   of_session(session_id)                    one Query
        taken_ids(events)                         one BatchGetItem
Writes  put(event)                                an event that is there already is a duplicate
        put_made(event, ...)                      such an event gets another id
        put_moved(events, to)                     notes in the place of events of another id
        engage(...)                               the larger value wins, so any order will do
                                                  (or `carried` by an event that comes with it)
        claim(...)                                one of several claimants wins
Pointers lie here and not beside the open sessions, because those are read in full each minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chalicelib.domain.collection.event import (
    PAGE_VIEW,
    Carried,
    Event,
    Place,
    encode_props,
    larger,
    with_carried,
)
from chalicelib.domain.collection.session_pointer import REMEMBERED_MS, Pointer
from chalicelib.storage.aws.attribute_codec import Item, times_from_item, times_to_item
from chalicelib.storage.aws.database import ConditionFailed, Database, Unavailable

SCHEMA_VERSION = 1
POINTER_SECONDS = REMEMBERED_MS // 1000
_POINTER = "pointer"
MAX_SEEN = 100  # times at which a page was read after a pause; further ones keep nothing open


class TooManyEvents(Exception):
    """A session has more events than one can have."""


class EventTable:
    def __init__(self, database: Database, name: str, retention_days: int) -> None:
        self._database = database
        self.name = name
        self._retention_seconds = retention_days * 86_400

    def put(self, event: Event) -> bool:
        """False if the event is there already: then nothing changes."""
        try:
            self._database.put(
                self.name, self._to_item(event), condition="attribute_not_exists(session_id)"
            )
        except ConditionFailed:
            return False
        return True

    def put_made(self, event: Event, with_another_id: Callable[[Event], Event]) -> Event:
        """Store an event whose id was made here; under another id if the session has an event
        of that one. The event as stored."""
        while not self.put(event):
            there = self._stored(event.session_id, event.event_id)
            # The same event is there if an attempt arrived but its answer did not.
            if there and "moved_to" not in there and from_item(there) == event:
                break
            event = with_another_id(event)
        return event

    def _stored(self, session_id: str, event_id: str) -> Item | None:
        """By BatchGetItem, since the API may read no table in more ways than it must."""
        keys = [event_key(session_id, event_id)]
        return next(iter(self._database.get_many({self.name: keys})[self.name]), None)

    def taken_ids(self, events: Sequence[Event]) -> set[str]:
        """The ids, of at most 100 events, that their sessions have already."""
        keys = [event_key(event.session_id, event.event_id) for event in events]
        found = self._database.get_many({self.name: keys}, only=["event_id"])
        return {item["event_id"] for item in found[self.name]}

    def put_many(self, events: Sequence[Event]) -> None:
        """Overwrites: leave out the events that are there already, or their engagement is
        lost."""
        self._database.put_many(self.name, [self._to_item(event) for event in events])

    def of_session(self, session_id: str, *, most: int | None = None) -> list[Event]:
        """All events collected under the id, in no order that means anything. Raise
        TooManyEvents if they are more than `most`."""
        found: list[Event] = []
        items = self._database.query(self.name, "session_id = :id", {":id": session_id})
        for number, item in enumerate(items):
            if number == most:
                raise TooManyEvents(session_id)
            if "moved_to" not in item:
                found.append(from_item(item))
        return with_carried(found)

    def time_of_view(self, session_id: str, event_id: str) -> int | None:
        """When a page view that is stored under the session happened."""
        item = self._stored(session_id, event_id)
        if item is None or not _is_page_view(item):
            return None
        at: int = item["timestamp"]
        return at

    def put_moved(self, events: Iterable[Event], *, to: str) -> None:
        """Leave of each event no more than where it is now, so that it is known if it is sent
        again. It has been put under the other id before."""
        notes = [
            event_key(event.session_id, event.event_id)
            | {"site": event.site, "moved_to": to, "ttl": self._kept_until(event.received_at)}
            for event in events
        ]
        self._database.put_many(self.name, notes)

    def _kept_until(self, received_at: int) -> int:
        """Seconds since 1970."""
        return received_at // 1000 + self._retention_seconds

    def engage(
        self,
        session_id: str,
        event_id: str,
        *,
        engaged_ms: int,
        scroll_depth: int | None,
        read_until: int | None = None,
        seen_at: int | None = None,
    ) -> bool:
        """Raise what a page view knows of its reading; False if there is no such page view."""
        raised = {
            "engaged_ms": engaged_ms,
            "scroll_depth": scroll_depth,
            "read_until": read_until,
        }
        for _ in range(8):  # of those who raise it at once, one is done each time
            try:
                self._raise(event_key(session_id, event_id), raised, seen_at)
            except ConditionFailed as failure:
                stored = failure.item
            else:
                return True
            if stored is None or not _is_page_view(stored):
                return False
            raised = {name: larger(stored.get(name), raised[name]) for name in raised}
            if len(stored.get("seen_at", ())) >= MAX_SEEN:
                seen_at = None
            if seen_at is None and all(stored.get(n) == v for n, v in raised.items()):
                return True
        raise Unavailable("too many callers engage with one page view at once")

    def _raise(self, key: Item, raised: Mapping[str, int | None], seen_at: int | None) -> None:
        """Write these values; raise ConditionFailed where a larger one is stored."""
        given = {name: value for name, value in raised.items() if value is not None}
        changes = "SET " + ", ".join(f"{name} = :{name}" for name in given)
        conditions = [
            "event_type = :view",
            *(f"(attribute_not_exists({name}) OR {name} <= :{name})" for name in given),
        ]
        values: Item = {":view": PAGE_VIEW, **{f":{name}": given[name] for name in given}}
        if seen_at is not None:
            changes += " ADD seen_at :seen_at"
            conditions.append("(attribute_not_exists(seen_at) OR size(seen_at) < :most)")
            values |= {":seen_at": times_to_item({seen_at}), ":most": MAX_SEEN}
        condition = " AND ".join(conditions)
        self._database.update(self.name, key, changes, condition=condition, values=values)

    def claim(
        self, pointer_id: str, pointer: Pointer, *, instead_of: Pointer | None
    ) -> Pointer:
        """Point a visitor to a new session, unless somebody else did since `instead_of` was
        read. The pointer that counts."""
        condition, values = "attribute_not_exists(session_id)", None
        if instead_of is not None:
            condition, values = "points_to = :old", {":old": instead_of.session_id}
        item = pointer_key(pointer_id) | {
            "points_to": pointer.session_id,
            "claimed_at": pointer.claimed_at,
            "earlier": pointer.earlier,
            "ttl": pointer.claimed_at // 1000 + POINTER_SECONDS,
        }
        try:
            self._database.put(self.name, item, condition=condition, values=values)
        except ConditionFailed as failure:
            if failure.item is not None:
                return pointer_from_item(failure.item)
            # It was there when it was read, and its time has come since.
            return self.claim(pointer_id, pointer, instead_of=None)
        return pointer

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
            "country": event.place.country,
            "region": event.place.region,
            "city": event.place.city,
            "props": encode_props(event.props) or None,
            "engaged_ms": event.engaged_ms or None,
            "scroll_depth": event.scroll_depth,
            "position": event.position or None,
            "read_until": event.read_until,
            "seen_at": times_to_item(event.seen_at),
            "carried": json.dumps(event.carried) if event.carried else None,
            "ttl": self._kept_until(event.received_at),
        }


def event_key(session_id: str, event_id: str) -> Item:
    return {"session_id": session_id, "event_id": event_id}


def pointer_key(pointer_id: str) -> Item:
    return {"session_id": f"{_POINTER}#{pointer_id}", "event_id": _POINTER}


def is_pointer(item: Item) -> bool:
    return str(item["session_id"]).startswith(f"{_POINTER}#")


def pointer_from_item(item: Item) -> Pointer:
    return Pointer(item["points_to"], item["claimed_at"], item.get("earlier", frozenset()))


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
        place=Place(item.get("country"), item.get("region"), item.get("city")),
        props=json.loads(item["props"]) if "props" in item else {},
        engaged_ms=item.get("engaged_ms", 0),
        scroll_depth=item.get("scroll_depth"),
        position=item.get("position", 0),
        read_until=item.get("read_until"),
        seen_at=times_from_item(item, "seen_at"),
        carried=tuple(Carried(*one) for one in json.loads(item.get("carried", "[]"))),
    )


def _is_page_view(item: Mapping[str, Any]) -> bool:
    return item.get("event_type") == PAGE_VIEW
