"""The rows that runs of the job are closing: see services/jobs/close_sessions.py.

    session_id
    closing#ID    put before the rows are read; deleted when their sessions are in every table

Reads   unfinished(close_ids)        up to 100 per call
Writes  put(pending)                 the same one again changes nothing
        complete(close_id)           says whether it was there
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.storage.active_table.row_update import BACKSTOP_SECONDS
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import MAX_KEYS_PER_READ, Database, chunks
from chalicelib.storage.aws.retries import ConditionFailed

PREFIX = "closing#"


@dataclass(frozen=True, slots=True)
class PendingClose:
    """Rows that a run of the job closes in one transaction; `began_at` in ms.

    session_ids    the ids under which the events are stored when the rows have been closed
    moved          the rows whose events are moved to another id, and that id
    """

    close_id: str
    session_ids: frozenset[str]
    began_at: int
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def row_ids(self) -> frozenset[str]:
        return self.session_ids | self.moved.keys()

    def moved_to(self, session_id: str) -> list[str]:
        """Return the rows whose events are moved to that id."""
        return sorted(old for old, new in self.moved.items() if new == session_id)

    def without(self, row_ids: Collection[str]) -> PendingClose:
        """Return the sessions of it that none of these rows belongs to."""
        left = self.session_ids - {self.moved.get(row_id, row_id) for row_id in row_ids}
        moved = {old: new for old, new in self.moved.items() if new in left}
        return replace(self, session_ids=left, moved=moved)


class PendingCloseTable:
    """In the active sessions table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        # Closes that this process finished or gave up but could not delete. Only one that was
        # left by a run that died says something about its rows.
        self.abandoned: set[str] = set()

    def put(self, pending: PendingClose) -> None:
        item = _key(pending.close_id) | {
            "sessions": pending.session_ids,
            "began_at": pending.began_at,
            "moved": frozenset(f"{old}|{new}" for old, new in pending.moved.items()),
            "delete_at": pending.began_at // 1000 + BACKSTOP_SECONDS,
        }
        self._database.put(self._name, item)

    def unfinished(self, close_ids: Iterable[str]) -> set[str]:
        """Those of the closes whose sessions may not be in every table yet."""
        unfinished: set[str] = set()
        for some in chunks(sorted(close_ids), MAX_KEYS_PER_READ):
            items = self._database.get_many({self._name: list(map(_key, some))})[self._name]
            unfinished |= {_close_id(item) for item in items}
        return unfinished

    def complete(self, close_id: str) -> bool:
        """Delete it: nothing is left to do. Return False if another run has done so before."""
        is_first = True
        try:
            self._database.delete(
                self._name, _key(close_id), condition="attribute_exists(session_id)"
            )
        except ConditionFailed:
            is_first = False
        self.abandoned.discard(close_id)
        return is_first


def from_item(item: Item) -> PendingClose:
    moved = (pair.split("|") for pair in item.get("moved", ()))
    return PendingClose(_close_id(item), item["sessions"], item.get("began_at", 0), dict(moved))


def _key(close_id: str) -> Item:
    return {"session_id": f"{PREFIX}{close_id}"}


def _close_id(item: Item) -> str:
    return str(item["session_id"]).removeprefix(PREFIX)
