"""The open sessions: one row per session of the active sessions table, by its id.

    session_id
    sess_...     `touched_at`: its newest arrival; `expires_at`: the end of the session

Reads   get(session_id), get_many(session_ids)     one item; up to 100 per call
        existing_ids(session_ids)                  also of rows that cannot be read
        with_relatives(rows)                       all rows of their visitors
Writes  open(row)                                  only if the id has no row yet
        continue_session(update)                   only if the session is open for the events
        keep_open(row, ...)                        later times win, so any order will do
        retract(row, event)                        after an event turned out to be a duplicate
        supersede(session_id, by=...)              note that the visitor opens another session
        delete_actions, check_actions              for the transaction that closes sessions

`expires_at` decides who is active. `delete_at`, a week later, is a backstop: DynamoDB deletes
late, and a row that it deletes is counted nowhere. For the other items of the table see the
modules beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.collection.event import Event, Location, max_known
from chalicelib.domain.collection.ids import short_event_id
from chalicelib.domain.sessions.active_session import (
    MAX_LATER_ROWS,
    MAX_MARKERS,
    ActiveSession,
    event_markers,
)
from chalicelib.storage.active_table.row_update import BACKSTOP_SECONDS, RowUpdate, expiry
from chalicelib.storage.aws.attribute_codec import Item, times_from_item, times_to_item
from chalicelib.storage.aws.database import (
    MAX_KEYS_PER_READ,
    Database,
    check_action,
    chunks,
    delete_action,
)
from chalicelib.storage.aws.retries import ConditionFailed, Unavailable
from chalicelib.storage.aws.update_expression import UpdateExpression

SCHEMA_VERSION = 1
MAX_ATTEMPTS = 8  # of several callers that change a row at once, one succeeds each time
UNREADABLE = (KeyError, TypeError, ValueError)  # raised by an item that is not a row


@dataclass(frozen=True, slots=True)
class Declined:
    """The events were not added to `row`, which is None if it does not exist. Either it is not
    open for them, or they may have been stored in another session of the visitor."""

    row: ActiveSession | None


class ActiveSessionTable:
    def __init__(self, database: Database, name: str, timeout_ms: int) -> None:
        self._database = database
        self.name = name
        self.timeout_ms = timeout_ms

    def get(self, session_id: str) -> ActiveSession | None:
        item = self._database.get(self.name, row_key(session_id))
        return from_item(item) if item else None

    def get_many(self, session_ids: Iterable[str]) -> dict[str, ActiveSession]:
        """Return the rows that exist and can be read, by their ids."""
        return {row.session_id: row for row in readable(self._items(session_ids))}

    def existing_ids(self, session_ids: Iterable[str]) -> frozenset[str]:
        """Return the ids that have a row, whether or not it can be read."""
        return frozenset(item["session_id"] for item in self._items(session_ids))

    def _items(self, session_ids: Iterable[str]) -> Iterator[Item]:
        for some in chunks(sorted(session_ids), MAX_KEYS_PER_READ):
            yield from self._database.get_many({self.name: list(map(row_key, some))})[self.name]

    def with_relatives(self, rows: Iterable[ActiveSession]) -> dict[str, ActiveSession]:
        """Return these rows and all others of their visitors, by their ids. A full row is
        closed alone, so its relatives are left out."""
        by_id = {row.session_id: row for row in rows}
        read = set(by_id)
        while unread := _relatives(by_id.values()) - read:
            read |= unread
            by_id |= self.get_many(unread)
        return by_id

    def open(self, row: ActiveSession) -> ActiveSession:
        """Put a new row and return it; if the id has a row already, return that and change
        nothing."""
        try:
            self._database.put(
                self.name, self._to_item(row), condition="attribute_not_exists(session_id)"
            )
        except ConditionFailed as failure:
            return from_item(failure.item) if failure.item else self.open(row)
        return row

    def continue_session(
        self, update: RowUpdate, *, checked: ActiveSession | None = None
    ) -> ActiveSession | Declined:
        """Add events to the row of their session; return the row with them.

        The usual event takes one call: see row_update.py. If DynamoDB returns a row that is in
        another state than the attempt assumed, the next attempt is made for that row.

        `checked` is the row as it was read, by a caller that has also looked for the events in
        the visitor's other sessions. Without it, events that may be there are declined.
        """
        row = checked
        for _ in range(MAX_ATTEMPTS):
            try:
                attempt = update.expression(row, is_checked=checked is not None)
                return from_item(self._update(update.session_id, attempt))
            except ConditionFailed as failure:
                row = from_item(failure.item) if failure.item else None
            if row is None or not update.fits(row):
                break
            if checked is None and update.may_be_counted_elsewhere(row):
                break
        return Declined(row)

    def keep_open(
        self, row: ActiveSession, *, read_until: int | None, seen_at: int | None, now: int
    ) -> ActiveSession | None:
        """Keep a session open for a visitor who reads a page of it, and its row from being
        closed for as long as a collector runs. Return None if it has been closed. `now` is the
        arrival, in ms."""
        current: ActiveSession | None = row
        for _ in range(MAX_ATTEMPTS):
            if current is None:
                return None
            has_room = len(current.seen_at) < MAX_MARKERS
            kept = replace(
                current,
                read_until=max_known(current.read_until, read_until),
                seen_at=current.seen_at | ({seen_at} if seen_at and has_room else set()),
                last_received_at=max(current.last_received_at, now),
            )
            try:
                return self._put_reading(kept, new=kept.seen_at - current.seen_at)
            except ConditionFailed as failure:
                current = from_item(failure.item) if failure.item else None
        raise Unavailable("too many callers changed one session at once")

    def _put_reading(self, row: ActiveSession, *, new: frozenset[int]) -> ActiveSession:
        """Write what a row knows of its reading; `new` are the times of `seen_at` that the
        table does not have yet."""
        update = UpdateExpression()
        update.set(touched_at=row.last_received_at)
        update.require("#touched_at <= :touched_at")
        update.set(**expiry(row.active_until(self.timeout_ms), self.timeout_ms))
        update.require("#expires_at <= :expires_at")
        update.set(read_until=row.read_until)
        if row.read_until is not None:
            update.require("(attribute_not_exists(#read_until) OR #read_until <= :read_until)")
        update.add(seen_at=times_to_item(new))
        return from_item(self._update(row.session_id, update))

    def retract(self, row: ActiveSession, event: Event) -> None:
        """Take back what `continue_session` added for an event that is stored already. `row`
        is what it returned."""
        update = UpdateExpression()
        update.require("attribute_exists(session_id)")
        update.add(events=-1, size=-event.size)
        views, others = event_markers([event])
        # The marker of the first delivery stays. A second one is there if the two arrived at
        # different times.
        if _has_another_marker(event, row.views, views):
            update.delete(views=views)
        if _has_another_marker(event, row.other_events, others):
            update.delete(others=others)
        with suppress(ConditionFailed):  # it has been closed
            self._update(row.session_id, update)

    def supersede(self, session_id: str, *, by: str) -> None:
        """Note in a row that its visitor opens another one. Events for the first may from now
        on be stored in the second, and the two may turn out to be one session."""
        update = UpdateExpression()
        update.add(later=frozenset({by}))
        update.require("attribute_exists(session_id)")
        update.require(
            "(attribute_not_exists(#later) OR size(#later) < :most_later)",
            most_later=MAX_LATER_ROWS,
        )
        with suppress(ConditionFailed):  # it has been closed, or knows of too many
            self._update(session_id, update)

    def delete_actions(self, rows: Iterable[ActiveSession]) -> list[Any]:
        """For a transaction: delete each row, if no event has arrived since it was read."""
        return [
            delete_action(
                self.name,
                row_key(row.session_id),
                condition="touched_at = :read",
                values={":read": row.last_received_at},
            )
            for row in rows
        ]

    def check_actions(self, rows: Iterable[ActiveSession]) -> list[Any]:
        """For a transaction: check that no event has arrived for these rows, which stay or
        have been deleted before."""
        return [
            check_action(
                self.name,
                row_key(row.session_id),
                condition="attribute_not_exists(session_id) OR touched_at = :read",
                values={":read": row.last_received_at},
            )
            for row in rows
        ]

    def _update(self, session_id: str, update: UpdateExpression) -> Item:
        return self._database.update(self.name, row_key(session_id), **update.arguments())

    def _to_item(self, row: ActiveSession) -> Item:
        expires_at = row.expires_at(self.timeout_ms)
        return {
            "v": SCHEMA_VERSION,
            "session_id": row.session_id,
            "site": row.site,
            "visitor_id": row.visitor_id,
            "pointer_id": row.pointer_key,
            "user_id": row.user_id,
            "start_time": row.start_time,
            "last_activity": row.last_activity,
            "expires_at": expires_at,
            "delete_at": expires_at + BACKSTOP_SECONDS,
            "opened_at": row.first_received_at,
            "touched_at": row.last_received_at,
            "entry_page": row.entry_url,
            "current_page": row.current_page,
            "referrer": row.referrer,
            "user_agent": row.user_agent or None,
            "language": row.language,
            "screen": row.screen,
            "country": row.location.country,
            "region": row.location.region,
            "city": row.location.city,
            "views": row.views,
            "others": row.other_events,
            "events": row.events,
            "size": row.size,
            "earlier": row.earlier,
            "later": row.later,
            "read_until": row.read_until,
            "seen_at": times_to_item(row.seen_at),
        }


def row_key(session_id: str) -> Item:
    return {"session_id": session_id}


def readable(items: Iterable[Item]) -> Iterator[ActiveSession]:
    """Yield the rows of these items, without those that cannot be read: the job quarantines
    them."""
    for item in items:
        with suppress(*UNREADABLE):
            yield from_item(item)


def from_item(item: Item) -> ActiveSession:
    # Releases before 0.2 noted when a later row was opened, not which: its own id stands in.
    later = frozenset({item["session_id"]} if "left_at" in item else ())
    return ActiveSession(
        session_id=item["session_id"],
        site=item["site"],
        visitor_id=item["visitor_id"],
        pointer_key=item["pointer_id"],
        user_id=item.get("user_id"),
        start_time=item["start_time"],
        last_activity=item["last_activity"],
        first_received_at=item["opened_at"],
        last_received_at=item["touched_at"],
        entry_url=item["entry_page"],
        current_page=item["current_page"],
        referrer=item.get("referrer"),
        user_agent=item.get("user_agent", ""),
        language=item.get("language"),
        screen=item.get("screen"),
        location=Location(item.get("country"), item.get("region"), item.get("city")),
        views=item.get("views", frozenset()),
        other_events=item.get("others", frozenset()),
        events=item.get("events", 0),
        size=item.get("size", 0),
        earlier=item.get("earlier", frozenset()),
        later=item.get("later", later),
        failures=item.get("failures", 0),
        read_until=item.get("read_until"),
        seen_at=times_from_item(item, "seen_at"),
    )


def _relatives(rows: Iterable[ActiveSession]) -> set[str]:
    return {id_ for row in rows if not row.is_full for id_ in row.related_ids}


def _has_another_marker(event: Event, all_markers: frozenset[str], own: frozenset[str]) -> bool:
    """Whether the row has a marker of another delivery of the event besides its own."""
    if not own:
        return False
    tail = short_event_id(event.event_id)
    of_event = {marker for marker in all_markers if marker.startswith(tail)}
    return bool(own & of_event) and len(of_event) > 1
