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
from dataclasses import dataclass, field
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

SCHEMA_VERSION = 1
_IS_NEW = "attribute_not_exists(site)"


@dataclass(frozen=True, slots=True)
class Recent:
    """Packed sessions (domain/packs/pack.py) of one site that started on `day` (YYYY-MM-DD)."""

    site: str
    day: str
    recent_id: str
    packed: bytes


@dataclass(frozen=True, slots=True)
class StoredPack:
    """Packed sessions of many recents. Each change increments the `version`; 0 is not stored
    yet. `merged_recent_ids` are the recents that were merged into it in the last minutes, with
    the time in ms: a reader may have read them just before."""

    site: str
    day: str
    number: int
    packed: bytes = b""
    version: int = 0
    merged_recent_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """Packed metrics of a day (domain/metrics/summary_codec.py); `source_version` is the sum of
    the versions of the packs that they were computed from."""

    site: str
    day: str
    packed: bytes
    source_version: int


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """The sum of a month's (YYYY-MM) summaries, None until it is recomputed. A change of one of
    them increments the `version`."""

    site: str
    month: str
    packed: bytes | None = None
    version: int = 0


class RollupTable:
    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def recents(self, site: str, first_day: str, last_day: str) -> Iterator[Recent]:
        """The recents of the days from the first to the last, both included, oldest day
        first."""
        return map(_recent, self._between(site, "recent", first_day, last_day))

    def packs(
        self, site: str, first_day: str, last_day: str, *, newest_first: bool = False
    ) -> Iterator[StoredPack]:
        """The packs of the days from the first to the last, both included, by day and
        number."""
        items = self._between(site, "segment", first_day, last_day, newest_first=newest_first)
        return map(_pack, items)

    def last_pack(self, site: str, day: str) -> StoredPack | None:
        return next(self.packs(site, day, day, newest_first=True), None)

    def summaries(self, site: str, first_day: str, last_day: str) -> Iterator[StoredSummary]:
        """The summaries of the days from the first to the last, both included, oldest day
        first."""
        return map(_summary, self._between(site, "summary", first_day, last_day))

    def months(self, site: str, months: list[str]) -> list[StoredMonth]:
        """The sums of these months (YYYY-MM), if they are stored, in no particular order."""
        found: list[StoredMonth] = []
        for some in chunks(months, MAX_KEYS_PER_READ):
            keys = [_key(site, f"summary-month#{month}") for month in some]
            found += map(_month, self._database.get_many({self.name: keys})[self.name])
        return found

    def first_day(self, site: str) -> str | None:
        """The day of the oldest closed session of the site."""
        firsts = [
            next(iter(self._between(site, kind, "0000", "9999", limit=1)), None)
            for kind in ("recent", "segment", "summary")
        ]
        return min((_day(item) for item in firsts if item), default=None)

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
        item = _key(recent.site, _recent_key(recent)) | {
            "v": SCHEMA_VERSION,
            "packed": recent.packed,
            "ttl": delete_at,
        }
        return put_action(self.name, item, condition=_IS_NEW)

    def delete_recent_action(self, recent: Recent) -> Any:
        """For a transaction: delete it, if it exists."""
        key = _key(recent.site, _recent_key(recent))
        return delete_action(self.name, key, condition="attribute_exists(site)")

    def pack_action(
        self, pack: StoredPack, *, expected_version: int, delete_at: int | None = None
    ) -> Any:
        """For a transaction: put it, if the stored version is the expected one. `delete_at` in
        seconds, None for never."""
        item = _key(pack.site, _pack_key(pack)) | {
            "v": SCHEMA_VERSION,
            "packed": pack.packed,
            "version": pack.version,
            "absorbed": json.dumps(dict(pack.merged_recent_ids)),
            "ttl": delete_at,
        }
        return put_action(self.name, item, **_unchanged(expected_version))

    def delete_pack_action(self, pack: StoredPack) -> Any:
        """For a transaction: delete it, if it has not changed since it was read."""
        key = _key(pack.site, _pack_key(pack))
        return delete_action(self.name, key, **_unchanged(pack.version))

    def delete_summary_action(self, site: str, day: str) -> Any:
        """For a transaction: delete it, whether or not it exists."""
        return delete_action(self.name, _key(site, f"summary#{day}"))

    def summary_action(self, summary: StoredSummary) -> Any:
        """For a transaction: put it, unless the stored one was computed from later packs."""
        item = _key(summary.site, f"summary#{summary.day}") | {
            "v": SCHEMA_VERSION,
            "packed": summary.packed,
            "basis": summary.source_version,
        }
        condition = f"{_IS_NEW} OR basis < :basis"
        return put_action(
            self.name, item, condition=condition, values={":basis": summary.source_version}
        )

    def month_changed_action(self, site: str, month: str) -> Any:
        """For a transaction that changes a summary of the month: have its sum recomputed."""
        return update_action(
            self.name,
            _key(site, f"summary-month#{month}"),
            "SET v = :v ADD version :one REMOVE packed",
            values={":one": 1, ":v": SCHEMA_VERSION},
        )

    def put_month(self, month: StoredMonth) -> None:
        """Raise ConditionFailed if a summary of the month has changed since its version was
        read."""
        item = _key(month.site, f"summary-month#{month.month}") | {
            "v": SCHEMA_VERSION,
            "packed": month.packed,
            "version": month.version,
        }
        self._database.put(
            self.name, item, condition="version = :read", values={":read": month.version}
        )

    def snapshots(self, site: str) -> list[Mapping[str, Any]]:
        """The newest snapshot of each part of the active sessions table, as it was last
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
        key = _key(site, f"snapshot#{parts:04}#{part:04}")
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


def _key(site: str, sort_key: str) -> Item:
    return {"site": site, "sort_key": sort_key}


def _recent_key(recent: Recent) -> str:
    return f"recent#{recent.day}#{recent.recent_id}"


def _pack_key(pack: StoredPack) -> str:
    return f"segment#{pack.day}#{pack.number:04}"


def _unchanged(version: int) -> dict[str, Any]:
    if version == 0:
        return {"condition": _IS_NEW}
    return {"condition": "version = :read", "values": {":read": version}}


def _day(item: Item) -> str:
    return str(item["sort_key"].split("#")[1])


def _recent(item: Item) -> Recent:
    return Recent(item["site"], _day(item), item["sort_key"].split("#")[2], item["packed"])


def _pack(item: Item) -> StoredPack:
    return StoredPack(
        site=item["site"],
        day=_day(item),
        number=int(item["sort_key"].split("#")[2]),
        packed=item["packed"],
        version=item["version"],
        merged_recent_ids=json.loads(item["absorbed"]),
    )


def _summary(item: Item) -> StoredSummary:
    return StoredSummary(item["site"], _day(item), item["packed"], item["basis"])


def _month(item: Item) -> StoredMonth:
    return StoredMonth(item["site"], _day(item), item.get("packed"), item["version"])
