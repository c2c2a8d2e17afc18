"""What all sites share in the rollups table: which sites there are, and how many rows.

    site      sort_key
    (sites)   seen#PART     `sites`: those that have closed a session
    (sites)   rows          how many rows the active sessions table has, if many

Reads   sites()                 one Query
        row_count()             one item
Writes  add_sites(sites)        only if a site is new
        remove_site(site)       safe to repeat
        put_row_count(count)    the newest counts

No host name has parentheses. A site is in one of 64 parts, by its name: a set is written as a
whole, so with a single set each site would cost more the more sites there are. Releases before
the parts stored one set, `seen`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database

SCHEMA_VERSION = 1
ALL_SITES = "(sites)"
PARTS = 64
_ROWS = "rows"
_SEEN = "seen"


@dataclass(frozen=True, slots=True)
class RowCount:
    """About how many rows the active sessions table has, and which segment of it to read
    next."""

    rows: int = 0
    next_part: int = 0


class SiteRegistry:
    """In the rollups table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name
        self._known: set[str] = set()

    def sites(self) -> frozenset[str]:
        """Every site that has closed a session."""
        return frozenset().union(*(site_set(item) for item in self._items()))

    def add_sites(self, sites: frozenset[str]) -> None:
        """Costs a read if one of them is new to this process, and a write if it is new."""
        for site in sorted(sites - self._known):
            key = shared_key(f"{_SEEN}#{part_of(site):02}")
            item = self._database.get(self.name, key) or {}
            if site not in site_set(item):
                item = add_to_set(self._database, self.name, key, site)
            self._known |= site_set(item)

    def remove_site(self, site: str) -> None:
        """Forget a site of which nothing is stored any more."""
        for item in list(self._items()):
            if site in site_set(item):
                key = shared_key(item["sort_key"])
                remove_from_set(self._database, self.name, key, site)
        self._known -= {site}

    def row_count(self) -> RowCount | None:
        item = self._database.get(self.name, shared_key(_ROWS))
        return RowCount(item["rows"], item["next_part"]) if item else None

    def put_row_count(self, count: RowCount) -> None:
        item = {"v": SCHEMA_VERSION, "rows": count.rows, "next_part": count.next_part}
        self._database.put(self.name, shared_key(_ROWS) | item)

    def _items(self) -> list[Item]:
        return query_shared(self._database, self.name, _SEEN)


def part_of(site: str) -> int:
    """Return the part that the site is in."""
    return zlib.crc32(site.encode()) % PARTS


def shared_key(sort_key: str) -> Item:
    return {"site": ALL_SITES, "sort_key": sort_key}


def query_shared(database: Database, name: str, prefix: str) -> list[Item]:
    """Return the items whose sort key begins like that, in its order."""
    condition = "site = :site AND begins_with(sort_key, :prefix)"
    return list(database.query(name, condition, {":site": ALL_SITES, ":prefix": prefix}))


def site_set(item: Item) -> frozenset[str]:
    sites: frozenset[str] = item.get("sites", frozenset())
    return sites


def add_to_set(database: Database, name: str, key: Item, site: str) -> Item:
    """Return the item with the site."""
    values = {":sites": frozenset({site}), ":v": SCHEMA_VERSION}
    return database.update(name, key, "SET v = :v ADD sites :sites", values=values)


def remove_from_set(database: Database, name: str, key: Item, site: str) -> frozenset[str]:
    """Return the sites that remain in the set."""
    values = {":site": frozenset({site})}
    return site_set(database.update(name, key, "DELETE sites :site", values=values))
