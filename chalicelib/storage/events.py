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
        claim(...)                                one of several claimants wins
Pointers lie here and not beside the open sessions, because those are read in full each minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from chalicelib.domain.event import Event, Place, encode_props
from chalicelib.domain.pointer import REMEMBERED_MS, Pointer
from chalicelib.storage.dynamodb import ConditionFailed, Database
from chalicelib.storage.items import Item

SCHEMA_VERSION = 1
POINTER_SECONDS = REMEMBERED_MS // 1000
_POINTER = "pointer"


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
            key = event_key(event.session_id, event.event_id)
            (there,) = self._database.get_many({self.name: [key]})[self.name]
            # The same event is there if an attempt arrived but its answer did not.
            if "moved_to" not in there and from_item(there) == event:
                break
            event = with_another_id(event)
        return event

    def taken_ids(self, events: Sequence[Event]) -> set[str]:
        """The ids, of at most 100 events, that their sessions have already."""
        keys = [event_key(event.session_id, event.event_id) for event in events]
        found = self._database.get_many({self.name: keys}, only=["event_id"])
        return {item["event_id"] for item in found[self.name]}

    def put_many(self, events: Sequence[Event]) -> None:
        """Overwrites: leave out the events that are there already, or their engagement is
        lost."""
        self._database.put_many(self.name, [self._to_item(event) for event in events])

    def of_session(self, session_id: str, *, most: int | None = None) -> Iterator[Event]:
        """All events collected under the id, in no order that means anything. Raise
        TooManyEvents after `most` of them."""
        items = self._database.query(self.name, "session_id = :id", {":id": session_id})
        for number, item in enumerate(items):
            if number == most:
                raise TooManyEvents(session_id)
            if "moved_to" not in item:
                yield from_item(item)

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
        self, session_id: str, event_id: str, *, engaged_ms: int, scroll_depth: int | None
    ) -> bool:
        """Raise what a page view knows of its reader's time and scroll; False if there is no
        such page view."""
        condition = (
            "event_type = :view AND (attribute_not_exists(engaged_ms) OR engaged_ms <= :ms)"
        )
        changes = "SET engaged_ms = :ms"
        values: Item = {":view": "page_view", ":ms": engaged_ms}
        if scroll_depth is not None:
            condition += " AND (attribute_not_exists(scroll_depth) OR scroll_depth <= :depth)"
            changes += ", scroll_depth = :depth"
            values[":depth"] = scroll_depth
        try:
            key = event_key(session_id, event_id)
            self._database.update(self.name, key, changes, condition=condition, values=values)
        except ConditionFailed as failure:
            return self._engage_beyond(failure.item, engaged_ms, scroll_depth)
        return True

    def _engage_beyond(
        self, item: Item | None, engaged_ms: int, scroll_depth: int | None
    ) -> bool:
        """One of the two values was larger already: write the larger of each, unless that is
        there."""
        if item is None or item.get("event_type") != "page_view":
            return False
        stored_ms, stored_depth = item.get("engaged_ms", 0), item.get("scroll_depth")
        depths = [depth for depth in (stored_depth, scroll_depth) if depth is not None]
        larger_ms, larger_depth = max(stored_ms, engaged_ms), max(depths, default=None)
        if (larger_ms, larger_depth) == (stored_ms, stored_depth):
            return True
        return self.engage(
            item["session_id"],
            item["event_id"],
            engaged_ms=larger_ms,
            scroll_depth=larger_depth,
        )

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
    )
