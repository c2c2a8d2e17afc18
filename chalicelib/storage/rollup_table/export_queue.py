"""Which days of which sites are to be written into the export bucket.

    site      sort_key
    (sites)   export#DAY#SITE    `marked_at` (ms), `next_part`

Reads   tasks()                        one Query
Writes  enqueue(site, day)             a day that is queued already starts from its beginning
        save_progress(task, part)      nothing if the day was queued again meanwhile
        complete(task)                 nothing if the day was queued again meanwhile
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed
from chalicelib.storage.rollup_table.site_registry import query_shared, shared_key

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class ExportTask:
    """A day (YYYY-MM-DD) of a site whose files are to be written, from `next_part` on."""

    site: str
    day: str
    enqueued_at: int
    next_part: int = 0


class ExportQueue:
    """In the rollups table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def tasks(self) -> Iterator[ExportTask]:
        return map(_from_item, query_shared(self._database, self._name, "export#"))

    def enqueue(self, site: str, day: str, now: int) -> None:
        """`now` in ms."""
        item = {"v": SCHEMA_VERSION, "marked_at": now, "next_part": 0}
        self._database.put(self._name, _key(site, day) | item)

    def save_progress(self, task: ExportTask, next_part: int) -> None:
        with suppress(ConditionFailed):
            self._database.update(
                self._name,
                _key(task.site, task.day),
                "SET next_part = :next",
                values={":next": next_part, ":marked": task.enqueued_at},
                condition="marked_at = :marked",
            )

    def complete(self, task: ExportTask) -> None:
        with suppress(ConditionFailed):
            self._database.delete(
                self._name,
                _key(task.site, task.day),
                condition="marked_at = :marked",
                values={":marked": task.enqueued_at},
            )


def _key(site: str, day: str) -> Item:
    return shared_key(f"export#{day}#{site}")


def _from_item(item: Item) -> ExportTask:
    _, day, site = item["sort_key"].split("#")
    return ExportTask(site, day, item["marked_at"], item["next_part"])
