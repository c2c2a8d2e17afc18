"""The rollups table: closed sessions, packed, by site and day, and their metrics.

    site          sort_key
    example.com   recent#2026-09-05#ID     sessions that one run closed, by the day they started
    example.com   segment#2026-09-05#0000  a pack: sessions of many runs, up to 300 KB
    example.com   summary#2026-09-05       the metrics of a past day
    example.com   summary-month#2026-09    the sum of a month's summaries
    example.com   snapshot#0001#0000       live visitors, if there are too many rows to read

Reads   recents, packs, summaries       one Query each, for a range of days
        months(site, months)               up to 100 per call
        snapshots(site)                    one Query
        first_day(site)                    three Queries of one item
Writes  ..._action                         for a transaction, each with its condition
        put_month(month)                   only if no day of it has changed
        put_snapshot(...)                  the newest counts

A session is in one recent or in one pack, and never moves between packs. Items of all
sites together are in site_registry.py, compaction_queue.py and export_queue.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import (
    MAX_KEYS_PER_READ,
    Database,
    chunks,
    delete_action,
    put_action,
    update_action,
)
from chalicelib.storage.rollup_table.rollup_items import (
    SCHEMA_VERSION,
    Recent,
    StoredMonth,
    StoredPack,
    StoredSummary,
    day_of_item,
    rollup_key,
)

_IS_NEW = "attribute_not_exists(site)"


class RollupTable:
    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def recents(self, site: str, first_day: str, last_day: str) -> Iterator[Recent]:
        """Return the recents of the days from the first to the last, both included, oldest day
        first."""
        return map(Recent.from_item, self._between(site, "recent", first_day, last_day))

    def packs(
        self, site: str, first_day: str, last_day: str, *, newest_first: bool = False
    ) -> Iterator[StoredPack]:
        """Return the packs of the days from the first to the last, both included, by day and
        number."""
        items = self._between(site, "segment", first_day, last_day, newest_first=newest_first)
        return map(StoredPack.from_item, items)

    def last_pack(self, site: str, day: str) -> StoredPack | None:
        return next(self.packs(site, day, day, newest_first=True), None)

    def summaries(self, site: str, first_day: str, last_day: str) -> Iterator[StoredSummary]:
        """Return the summaries of the days from the first to the last, both included, oldest
        day first."""
        return map(StoredSummary.from_item, self._between(site, "summary", first_day, last_day))

    def months(self, site: str, months: list[str]) -> list[StoredMonth]:
        """Return the sums of these months (YYYY-MM), if they are stored, in no particular
        order."""
        stored: list[StoredMonth] = []
        for some in chunks(months, MAX_KEYS_PER_READ):
            keys = [StoredMonth(site, month).key for month in some]
            items = self._database.get_many({self.name: keys})[self.name]
            stored += map(StoredMonth.from_item, items)
        return stored

    def first_day(self, site: str) -> str | None:
        """Return the day of the oldest closed session of the site."""
        firsts = [
            next(iter(self._between(site, kind, "0000", "9999", limit=1)), None)
            for kind in ("recent", "segment", "summary")
        ]
        return min((day_of_item(item) for item in firsts if item), default=None)

    def has_recent(self, site: str, first_day: str, last_day: str, *, recent_id: str) -> bool:
        """Whether one of the days from the first to the last, both included, has the recent, or
        a pack that it was merged into in the last minutes."""
        recents = self.recents(site, first_day, last_day)
        return any(recent.recent_id == recent_id for recent in recents) or any(
            recent_id in pack.merged_recent_ids
            for pack in self.packs(site, first_day, last_day)
        )

    def recent_action(self, recent: Recent, *, delete_at: int | None) -> Any:
        """For a transaction: put it, if there is none of that id. `delete_at` in seconds, None
        for never."""
        return put_action(self.name, recent.to_item(delete_at), condition=_IS_NEW)

    def delete_recent_action(self, recent: Recent) -> Any:
        """For a transaction: delete it, if it exists."""
        return delete_action(self.name, recent.key, condition="attribute_exists(site)")

    def pack_action(
        self, pack: StoredPack, *, expected_version: int, delete_at: int | None = None
    ) -> Any:
        """For a transaction: put it, if the stored version is the expected one. `delete_at` in
        seconds, None for never."""
        return put_action(self.name, pack.to_item(delete_at), **_unchanged(expected_version))

    def delete_pack_action(self, pack: StoredPack) -> Any:
        """For a transaction: delete it, if it has not changed since it was read."""
        return delete_action(self.name, pack.key, **_unchanged(pack.version))

    def delete_summary_action(self, site: str, day: str) -> Any:
        """For a transaction: delete it, whether or not it exists."""
        return delete_action(self.name, rollup_key(site, f"summary#{day}"))

    def summary_action(self, summary: StoredSummary) -> Any:
        """For a transaction: put it, unless the stored one was computed from later packs."""
        return put_action(
            self.name,
            summary.to_item(),
            condition=f"{_IS_NEW} OR basis < :basis",
            values={":basis": summary.source_version},
        )

    def month_changed_action(self, site: str, month: str) -> Any:
        """For a transaction that changes a summary of the month: have its sum recomputed."""
        return update_action(
            self.name,
            StoredMonth(site, month).key,
            "SET v = :v ADD version :one REMOVE packed",
            values={":one": 1, ":v": SCHEMA_VERSION},
        )

    def put_month(self, month: StoredMonth) -> None:
        """Raise ConditionFailed if a summary of the month has changed since its version was
        read."""
        self._database.put(
            self.name,
            month.to_item(),
            condition="version = :read",
            values={":read": month.version},
        )

    def snapshots(self, site: str) -> list[Mapping[str, Any]]:
        """Return the newest snapshot of each part of the active sessions table, as it was last
        divided."""
        items = self._database.query(
            self.name,
            "site = :site AND begins_with(sort_key, :snapshot)",
            {":site": site, ":snapshot": "snapshot#"},
        )
        snapshots = [json.loads(item["picture"]) | {"parts": item["parts"]} for item in items]
        newest = max(snapshots, key=lambda snapshot: snapshot["at"], default=None)
        return [one for one in snapshots if newest and one["parts"] == newest["parts"]]

    def put_snapshot(
        self, site: str, part: int, parts: int, snapshot: Mapping[str, Any], delete_at: int
    ) -> None:
        """Put the snapshot of one of several parts. `delete_at` in seconds."""
        key = rollup_key(site, f"snapshot#{parts:04}#{part:04}")
        text = json.dumps(snapshot, separators=(",", ":"))
        item = {"v": SCHEMA_VERSION, "parts": parts, "picture": text, "ttl": delete_at}
        self._database.put(self.name, key | item)

    def _between(
        self,
        site: str,
        kind: str,
        first_day: str,
        last_day: str,
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Item]:
        return self._database.query(
            self.name,
            "site = :site AND sort_key BETWEEN :first AND :last",
            # "$" follows "#", so all items of the last day are included.
            {":site": site, ":first": f"{kind}#{first_day}", ":last": f"{kind}#{last_day}$"},
            newest_first=newest_first,
            limit=limit,
        )


def _unchanged(version: int) -> dict[str, Any]:
    if version == 0:
        return {"condition": _IS_NEW}
    return {"condition": "version = :read", "values": {":read": version}}
