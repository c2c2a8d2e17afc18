"""The register: what the rollups table keeps of all sites together.

    site      sort_key
    (sites)   seen#07                       sites that have closed a session
    (sites)   due#2026-09-06#2026-09-05#07  sites whose sessions of the second day are to be put
                                            together on the first one; or those of a month
    (sites)   rows                          how many rows ActiveSessions has, if many

No host name has parentheses. The last number is the site's part of PARTS: a set is written with
all that is in it, so one of all sites would cost each of them the more the more there are. Sets
of old have all sites, and no number.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import ConditionFailed, Database

SCHEMA_VERSION = 1
SITE = "(sites)"
PARTS = 64
ROWS_KEY: Item = {"site": SITE, "sort_key": "rows"}
MOST_REMEMBERED = 10_000  # pairs of a site and a day that a process knows to be due


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be put together for `sites` on the day `on` (YYYY-MM-DD) or later: the
    sessions of `days`, a day (YYYY-MM-DD), or the summaries of a month (YYYY-MM). It is stored
    under `sort_key`."""

    on: str
    days: str
    sites: frozenset[str]
    sort_key: str

    @property
    def is_month(self) -> bool:
        return len(self.days) == len("2026-09")


@dataclass(frozen=True, slots=True)
class RowCount:
    """How many rows ActiveSessions has, about, and which part of it is to be read next."""

    rows: int = 0
    next_part: int = 0


class Register:
    """In the rollups table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name
        self._seen: set[str] = set()
        self._known_due: set[tuple[str, str, str]] = set()

    def sites(self) -> frozenset[str]:
        """Every site that has closed a session."""
        return frozenset().union(
            *(item.get("sites", frozenset()) for item in self._beginning("seen"))
        )

    def add_sites(self, sites: frozenset[str]) -> None:
        """Costs a read when one of them is new to this process, and a write when it is new."""
        for site in sorted(sites - self._seen):
            item = self._database.get(self.name, _seen_key(site)) or {}
            if site not in item.get("sites", frozenset()):
                item = self._add(_seen_key(site), frozenset({site}))
            self._seen |= item["sites"]

    def remove_site(self, site: str) -> None:
        """Forget a site of which nothing is stored any more."""
        for item in list(self._beginning("seen")):
            if site in item.get("sites", frozenset()):
                self._take(_key(item["sort_key"]), site)
        self._seen -= {site}
        self._known_due = {known for known in self._known_due if known[2] != site}

    def due(self) -> Iterator[Due]:
        """Everything that is still to be put together, the earliest first."""
        return map(_due, self._beginning("due#"))

    def add_due(self, on: str, days: str, site: str) -> None:
        """Costs a write only when it is new to this process."""
        if (on, days, site) in self._known_due:
            return
        key = _key(f"due#{on}#{days}#{part_of(site):02}")
        self._add(key, frozenset({site}))
        if len(self._known_due) >= MOST_REMEMBERED:
            self._known_due.clear()
        self._known_due.add((on, days, site))

    def done(self, due: Due, site: str) -> None:
        """It has been put together for that site."""
        self._known_due.discard((due.on, due.days, site))
        if not self._take(_key(due.sort_key), site):
            self.forget(due)

    def forget(self, due: Due) -> None:
        """Once no site is left; the condition fails where one has come in between."""
        with suppress(ConditionFailed):
            self._database.delete(
                self.name, _key(due.sort_key), condition="attribute_not_exists(sites)"
            )

    def row_count(self) -> RowCount | None:
        item = self._database.get(self.name, ROWS_KEY)
        return RowCount(item["rows"], item["next_part"]) if item else None

    def put_row_count(self, count: RowCount) -> None:
        item = {"v": SCHEMA_VERSION, "rows": count.rows, "next_part": count.next_part}
        self._database.put(self.name, ROWS_KEY | item)

    def _beginning(self, start: str) -> Iterator[Item]:
        return self._database.query(
            self.name,
            "site = :site AND begins_with(sort_key, :start)",
            {":site": SITE, ":start": start},
        )

    def _add(self, key: Item, sites: frozenset[str]) -> Item:
        values: dict[str, Any] = {":sites": sites, ":v": SCHEMA_VERSION}
        return self._database.update(
            self.name, key, "SET v = :v ADD sites :sites", values=values
        )

    def _take(self, key: Item, site: str) -> frozenset[str]:
        """Take the site out of the set; what remains in it."""
        values = {":site": frozenset({site})}
        item = self._database.update(self.name, key, "DELETE sites :site", values=values)
        remaining: frozenset[str] = item.get("sites", frozenset())
        return remaining


def part_of(site: str) -> int:
    return zlib.crc32(site.encode()) % PARTS


def _key(sort_key: str) -> Item:
    return {"site": SITE, "sort_key": sort_key}


def _seen_key(site: str) -> Item:
    return _key(f"seen#{part_of(site):02}")


def _due(item: Item) -> Due:
    _, on, days, *_ = item["sort_key"].split("#")
    return Due(on, days, item.get("sites", frozenset()), item["sort_key"])
