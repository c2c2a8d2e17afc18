"""The random salt of each day, with which visitors are hashed.

    session_id
    salt#DAY      `salt`; deleted by the job at `delete_at` (seconds), the end of the next day

Reads   get_or_create(day)       one item; every caller gets the same salt
Writes  delete(days)             up to 25 per call
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed

SALT_BYTES = 32
PREFIX = "salt#"


class SaltTable:
    """In the active sessions table, of which there are no backups; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def get_or_create(self, day: str, *, delete_at: int) -> bytes:
        """Return the salt of a day (YYYY-MM-DD), made by the first caller; it is deleted at
        that second."""
        item = self._database.get(self._name, _key(day))
        if item:
            return bytes(item["salt"])
        item = _key(day) | {"salt": os.urandom(SALT_BYTES), "delete_at": delete_at}
        try:
            self._database.put(self._name, item, condition="attribute_not_exists(session_id)")
        except ConditionFailed as failure:
            if failure.item is None:
                return self.get_or_create(day, delete_at=delete_at)
            return bytes(failure.item["salt"])
        return bytes(item["salt"])

    def delete(self, days: Iterable[str]) -> None:
        self._database.delete_many(self._name, list(map(_key, days)))


def _key(day: str) -> Item:
    return {"session_id": f"{PREFIX}{day}"}
