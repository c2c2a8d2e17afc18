"""The rollups table: closed sessions, packed, by site and day.

    site          sort_key
    example.com   recent#2026-09-05#ID    the sessions of one closing that started on that day
    (sites)       seen                    the sites that have closed a session

Reads   recents(site, first_day, last_day)
Writes  recent_action(recent)             for the transaction that closes
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.storage.dynamodb import Database, put_action
from chalicelib.storage.items import Item

SCHEMA_VERSION = 1
_SITES_KEY: Item = {"site": "(sites)", "sort_key": "seen"}  # no host name has parentheses


@dataclass(frozen=True, slots=True)
class Recent:
    """Packed sessions (domain/segment.py) of one site that started on `day` (YYYY-MM-DD)."""

    site: str
    day: str
    recent_id: str
    packed: bytes


class RollupTable:
    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name
        self._sites_seen: frozenset[str] = frozenset()

    def recent_action(self, recent: Recent) -> Any:
        """For a transaction; refused where a recent of that id is there already."""
        item = {
            "v": SCHEMA_VERSION,
            "site": recent.site,
            "sort_key": f"recent#{recent.day}#{recent.recent_id}",
            "packed": recent.packed,
        }
        return put_action(self.name, item, condition="attribute_not_exists(site)")

    def recents(self, site: str, first_day: str, last_day: str) -> Iterator[Recent]:
        """Those of the days from the first to the last, both included."""
        items = self._database.query(
            self.name,
            "site = :site AND sort_key BETWEEN :first AND :last",
            {":site": site, ":first": f"recent#{first_day}#", ":last": f"recent#{last_day}$"},
        )
        return map(_recent, items)

    def first_day(self, site: str) -> str | None:
        """The day of the oldest closed session of the site."""
        items = self._database.query(
            self.name,
            "site = :site AND begins_with(sort_key, :recent)",
            {":site": site, ":recent": "recent#"},
            limit=1,
        )
        return next((_recent(item).day for item in items), None)

    def sites(self) -> frozenset[str]:
        """Every site that has closed a session."""
        item = self._database.get(self.name, _SITES_KEY)
        return item.get("sites", frozenset()) if item else frozenset()

    def add_sites(self, sites: frozenset[str]) -> None:
        """Costs a write only when there is a new one among them."""
        if sites <= self._sites_seen:
            return
        self._sites_seen = self.sites()
        if not sites <= self._sites_seen:
            values = {":sites": sites}
            item = self._database.update(
                self.name, _SITES_KEY, "ADD sites :sites", values=values
            )
            self._sites_seen = item["sites"]


def _recent(item: Item) -> Recent:
    _, day, recent_id = item["sort_key"].split("#")
    return Recent(item["site"], day, recent_id, bytes(item["packed"]))
