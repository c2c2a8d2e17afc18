"""Which days and months are to be compacted, and for which sites.

    site      sort_key
    (sites)   due#DAY#TARGET#PART    `sites`: those whose TARGET is pending from DAY on

Reads   tasks()                        one Query, the earliest first
Writes  enqueue(on, target, site)      only if it is new to this process
        complete(task, site)           deletes the task with its last site
        delete(task)                   not if a site was added meanwhile

TARGET is a day (YYYY-MM-DD) or a month (YYYY-MM). PART as in site_registry.py: releases before
the parts stored one set per target, without a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed
from chalicelib.storage.rollup_table.site_registry import (
    add_to_set,
    part_of,
    query_shared,
    remove_from_set,
    shared_key,
    site_set,
)

MAX_REMEMBERED = 10_000  # tasks of a site that a process knows to be queued
_MONTH_LENGTH = len("2026-09")


@dataclass(frozen=True, slots=True)
class CompactionTask:
    """Sessions of a day, or summaries of a month, to be merged for `sites` on the day `on`
    (YYYY-MM-DD) or later. `sort_key` is the key that it is stored under."""

    on: str
    target: str
    sites: frozenset[str]
    sort_key: str

    @property
    def is_month(self) -> bool:
        return len(self.target) == _MONTH_LENGTH


class CompactionQueue:
    """In the rollups table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._queued: set[tuple[str, str, str]] = set()

    def tasks(self) -> Iterator[CompactionTask]:
        """All pending tasks, the earliest first."""
        return map(_from_item, query_shared(self._database, self._name, "due#"))

    def enqueue(self, on: str, target: str, site: str) -> None:
        if (on, target, site) in self._queued:
            return
        key = shared_key(f"due#{on}#{target}#{part_of(site):02}")
        add_to_set(self._database, self._name, key, site)
        if len(self._queued) >= MAX_REMEMBERED:
            self._queued.clear()
        self._queued.add((on, target, site))

    def complete(self, task: CompactionTask, site: str) -> None:
        """Mark the task complete for the site."""
        self._queued.discard((task.on, task.target, site))
        key = shared_key(task.sort_key)
        if not remove_from_set(self._database, self._name, key, site):
            self.delete(task)

    def delete(self, task: CompactionTask) -> None:
        """Delete a task without sites; nothing if one was added meanwhile."""
        with suppress(ConditionFailed):
            self._database.delete(
                self._name,
                shared_key(task.sort_key),
                condition="attribute_not_exists(sites)",
            )

    def forget_site(self, site: str) -> None:
        """Have the next task of the site queued although this process has queued it before."""
        self._queued = {queued for queued in self._queued if queued[2] != site}


def _from_item(item: Item) -> CompactionTask:
    _, on, target, *_ = item["sort_key"].split("#")
    return CompactionTask(on, target, site_set(item), item["sort_key"])
