"""Where each visitor was last: session pointers, kept for 48 hours.

    session_id        event_id
    pointer#ID        pointer       `points_to`, `claimed_at` (ms), and the sessions before

Reads   by visitor_lookup.py, together with the rest about a visitor
Writes  claim(...)                  one of several claimants wins

They are in the events table. The active sessions table, where they would fit better, is read in
full each minute.
"""

from __future__ import annotations

from chalicelib.domain.collection.session_pointer import MAX_REMEMBERED_MS, SessionPointer
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed

POINTER_SECONDS = MAX_REMEMBERED_MS // 1000
_POINTER = "pointer"


class SessionPointerTable:
    """In the events table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def claim(
        self, pointer_key: str, pointer: SessionPointer, *, instead_of: SessionPointer | None
    ) -> SessionPointer:
        """Point a visitor to a new session, unless another caller has done so since
        `instead_of` was read. Return the pointer that counts."""
        condition, values = "attribute_not_exists(session_id)", None
        if instead_of is not None:
            condition, values = "points_to = :old", {":old": instead_of.session_id}
        item = pointer_item_key(pointer_key) | {
            "points_to": pointer.session_id,
            "claimed_at": pointer.claimed_at,
            "earlier": pointer.previous_sessions,
            "ttl": pointer.claimed_at // 1000 + POINTER_SECONDS,
        }
        try:
            self._database.put(self._name, item, condition=condition, values=values)
        except ConditionFailed as failure:
            if failure.item is not None:
                return from_item(failure.item)
            # It has expired since it was read.
            return self.claim(pointer_key, pointer, instead_of=None)
        return pointer


def pointer_item_key(pointer_key: str) -> Item:
    return {"session_id": f"{_POINTER}#{pointer_key}", "event_id": _POINTER}


def is_pointer(item: Item) -> bool:
    return str(item["session_id"]).startswith(f"{_POINTER}#")


def pointer_id_of(item: Item) -> str:
    return str(item["session_id"]).removeprefix(f"{_POINTER}#")


def from_item(item: Item) -> SessionPointer:
    return SessionPointer(
        item["points_to"], item["claimed_at"], item.get("earlier", frozenset())
    )
