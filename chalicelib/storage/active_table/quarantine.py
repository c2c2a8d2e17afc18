"""Rows that could not be closed, kept under another key until they are tried again.

    session_id
    aside#KEY     the row with everything it has; `aside_at` (ms); DynamoDB never deletes it

Writes  count_failure(key)       returns the failures so far
        add(key), restore(key)   one transaction; nothing if another run was first
"""

from __future__ import annotations

from contextlib import suppress

from chalicelib.storage.active_table.active_sessions import row_key
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database, delete_action, put_action
from chalicelib.storage.aws.retries import ConditionFailed, TransactionCancelled

PREFIX = "aside#"


class Quarantine:
    """In the active sessions table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def count_failure(self, key: str) -> int:
        """Count a failure to close the row with that key; return how many there are."""
        try:
            item = self._database.update(
                self._name,
                row_key(key),
                "ADD failures :one",
                values={":one": 1},
                condition="attribute_exists(session_id)",
            )
        except ConditionFailed:
            return 0  # another run has closed it
        failures: int = item["failures"]
        return failures

    def add(self, key: str, *, now: int) -> None:
        """Take a row out of the way of the job. `now` in ms."""
        item = self._database.get(self._name, row_key(key))
        if item is not None:
            quarantined = {"session_id": f"{PREFIX}{key}", "aside_at": now, "delete_at": None}
            self._move(key, item | quarantined)

    def restore(self, key: str) -> None:
        """Put a row back under its own key, to be tried again."""
        quarantined = f"{PREFIX}{key}"
        item = self._database.get(self._name, row_key(quarantined))
        if item is not None:
            restored = {"session_id": key, "aside_at": None, "failures": None}
            self._move(quarantined, item | restored)

    def _move(self, key: str, item: Item) -> None:
        """Nothing if another run has moved the row already."""
        exists = "attribute_exists(session_id)"
        with suppress(TransactionCancelled):
            self._database.transact(
                [
                    put_action(self._name, item),
                    delete_action(self._name, row_key(key), condition=exists),
                ]
            )
