"""The rollups table: closed sessions, packed, by site and day, and their figures.

    site          sort_key
    example.com   recent#2026-09-05#ID     the sessions of one closing that started on that day
    example.com   segment#2026-09-05#0000  those of many closings, up to 300 KB
    example.com   summary#2026-09-05       the figures of a day that is over
    example.com   summary-month#2026-09    the sum of a month's summaries
    example.com   snapshot#0001#0000       who is here now, where there are too many rows

A session is in one recent or in one segment, and never moves from one segment to another. What
belongs to all sites is in site_registry.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database, delete_action, put_action, update_action

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
class StoredSegment:
    """Packed sessions of many recents. Each change makes the `version` one higher; 0 is stored
    nowhere yet. `absorbed` are the recents that it has taken in of late, with the time in ms:
    a reader may have read them just before."""

    site: str
    day: str
    number: int
    packed: bytes = b""
    version: int = 0
    merged_recent_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """Packed figures of a day (domain/metrics/summary_codec.py); `basis` is the sum of the
    versions of the segments that they were made of."""

    site: str
    day: str
    packed: bytes
    source_version: int


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """The sum of a month's (YYYY-MM) summaries, or None until it is made anew. A change of one
    of them makes the `version` one higher."""

    site: str
    month: str
    packed: bytes | None = None
    version: int = 0


class RollupTable:
    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def recents(self, site: str, first_day: str, last_day: str) -> Iterator[Recent]:
        """Those of the days from the first to the last, both included; oldest day first."""
        return map(_recent, self._between(site, "recent", first_day, last_day))

    def segments(
        self, site: str, first_day: str, last_day: str, *, newest_first: bool = False
    ) -> Iterator[StoredSegment]:
        """Those of the days from the first to the last, both included, by day and number."""
        items = self._between(site, "segment", first_day, last_day, newest_first=newest_first)
        return map(_segment, items)

    def last_segment(self, site: str, day: str) -> StoredSegment | None:
        return next(self.segments(site, day, day, newest_first=True), None)

    def summaries(self, site: str, first_day: str, last_day: str) -> Iterator[StoredSummary]:
        """Those of the days from the first to the last, both included; oldest day first."""
        return map(_summary, self._between(site, "summary", first_day, last_day))

    def months(self, site: str, months: list[str]) -> list[StoredMonth]:
        """Those of these months (YYYY-MM) that are stored, in no order."""
        found: list[StoredMonth] = []
        for start in range(0, len(months), 100):
            keys = [
                _key(site, f"summary-month#{month}") for month in months[start : start + 100]
            ]
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
        """Whether one of the days from the first to the last, both included, has a recent of
        that id, or a segment that has lately absorbed it."""
        recents = self.recents(site, first_day, last_day)
        return any(recent.recent_id == recent_id for recent in recents) or any(
            recent_id in segment.merged_recent_ids
            for segment in self.segments(site, first_day, last_day)
        )

    def recent_action(self, recent: Recent, *, delete_at: int | None) -> Any:
        """For a transaction; refused where a recent of that id is there already. `delete_at`
        in seconds, None for never."""
        item = _key(recent.site, _recent_key(recent)) | {
            "v": SCHEMA_VERSION,
            "packed": recent.packed,
            "ttl": delete_at,
        }
        return put_action(self.name, item, condition=_IS_NEW)

    def delete_recent_action(self, recent: Recent) -> Any:
        """For a transaction: delete it, refused where that has been done."""
        key = _key(recent.site, _recent_key(recent))
        return delete_action(self.name, key, condition="attribute_exists(site)")

    def segment_action(
        self, segment: StoredSegment, *, expected_version: int, delete_at: int | None = None
    ) -> Any:
        """For a transaction: put what it has become; refused where its version is no longer the
        one that it `was`. `delete_at` in seconds, None for never."""
        item = _key(segment.site, _segment_key(segment)) | {
            "v": SCHEMA_VERSION,
            "packed": segment.packed,
            "version": segment.version,
            "absorbed": json.dumps(dict(segment.merged_recent_ids)),
            "ttl": delete_at,
        }
        return put_action(self.name, item, **_unchanged(expected_version))

    def delete_segment_action(self, segment: StoredSegment) -> Any:
        """For a transaction; refused where it has changed since it was read."""
        key = _key(segment.site, _segment_key(segment))
        return delete_action(self.name, key, **_unchanged(segment.version))

    def delete_summary_action(self, site: str, day: str) -> Any:
        """For a transaction."""
        return delete_action(self.name, _key(site, f"summary#{day}"))

    def summary_action(self, summary: StoredSummary) -> Any:
        """For a transaction; refused where a summary of later segments is there."""
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
        """For a transaction that changes a summary of the month: its sum is to be made anew."""
        return update_action(
            self.name,
            _key(site, f"summary-month#{month}"),
            "SET v = :v ADD version :one REMOVE packed",
            values={":one": 1, ":v": SCHEMA_VERSION},
        )

    def put_month(self, month: StoredMonth) -> None:
        """Raise ConditionFailed where a summary of the month has changed since its version was
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
        """The newest of each part of ActiveSessions; of the newest division into parts."""
        items = self._database.query(
            self.name,
            "site = :site AND begins_with(sort_key, :snapshot)",
            {":site": site, ":snapshot": "snapshot#"},
        )
        pictures = [json.loads(item["picture"]) | {"parts": item["parts"]} for item in items]
        newest = max(pictures, key=lambda picture: picture["at"], default=None)
        return [one for one in pictures if newest and one["parts"] == newest["parts"]]

    def put_snapshot(
        self, site: str, part: int, parts: int, picture: Mapping[str, Any], delete_at: int
    ) -> None:
        """One of so many parts. `delete_at` in seconds."""
        key = _key(site, f"snapshot#{parts:04}#{part:04}")
        text = json.dumps(picture, separators=(",", ":"))
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
            # "$" comes right after "#", so the last day is in with all that it has.
            {":site": site, ":first": f"{kind}#{first_day}", ":last": f"{kind}#{last_day}$"},
            newest_first=newest_first,
            limit=limit,
        )


def _key(site: str, sort_key: str) -> Item:
    return {"site": site, "sort_key": sort_key}


def _recent_key(recent: Recent) -> str:
    return f"recent#{recent.day}#{recent.recent_id}"


def _segment_key(segment: StoredSegment) -> str:
    return f"segment#{segment.day}#{segment.number:04}"


def _unchanged(version: int) -> dict[str, Any]:
    if version == 0:
        return {"condition": _IS_NEW}
    return {"condition": "version = :read", "values": {":read": version}}


def _day(item: Item) -> str:
    return str(item["sort_key"].split("#")[1])


def _recent(item: Item) -> Recent:
    return Recent(item["site"], _day(item), item["sort_key"].split("#")[2], item["packed"])


def _segment(item: Item) -> StoredSegment:
    return StoredSegment(
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
