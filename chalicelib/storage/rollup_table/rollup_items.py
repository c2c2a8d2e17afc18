"""The items of the rollups table as values; see rollups.py for their keys.

Attributes keep the names of earlier releases: `absorbed` has the recents that a pack has
merged, and `basis` the version that a summary was computed from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.storage.aws.attribute_codec import Item

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Recent:
    """Packed sessions (domain/packs/pack.py) of one site that started on `day` (YYYY-MM-DD)."""

    site: str
    day: str
    recent_id: str
    packed: bytes

    @property
    def key(self) -> Item:
        return rollup_key(self.site, f"recent#{self.day}#{self.recent_id}")

    def to_item(self, delete_at: int | None) -> Item:
        content = {"v": SCHEMA_VERSION, "packed": self.packed, "ttl": delete_at}
        return self.key | content

    @classmethod
    def from_item(cls, item: Item) -> Recent:
        recent_id = item["sort_key"].split("#")[2]
        return cls(item["site"], day_of_item(item), recent_id, item["packed"])


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

    @property
    def key(self) -> Item:
        return rollup_key(self.site, f"segment#{self.day}#{self.number:04}")

    def to_item(self, delete_at: int | None) -> Item:
        return self.key | {
            "v": SCHEMA_VERSION,
            "packed": self.packed,
            "version": self.version,
            "absorbed": json.dumps(dict(self.merged_recent_ids)),
            "ttl": delete_at,
        }

    @classmethod
    def from_item(cls, item: Item) -> StoredPack:
        return cls(
            site=item["site"],
            day=day_of_item(item),
            number=int(item["sort_key"].split("#")[2]),
            packed=item["packed"],
            version=item["version"],
            merged_recent_ids=json.loads(item["absorbed"]),
        )


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """Packed metrics of a day (domain/metrics/summary_codec.py); `source_version` is the sum of
    the versions of the packs that they were computed from."""

    site: str
    day: str
    packed: bytes
    source_version: int

    @property
    def key(self) -> Item:
        return rollup_key(self.site, f"summary#{self.day}")

    def to_item(self) -> Item:
        content = {"v": SCHEMA_VERSION, "packed": self.packed, "basis": self.source_version}
        return self.key | content

    @classmethod
    def from_item(cls, item: Item) -> StoredSummary:
        return cls(item["site"], day_of_item(item), item["packed"], item["basis"])


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """The sum of a month's (YYYY-MM) summaries, None until it is recomputed. A change of one of
    them increments the `version`."""

    site: str
    month: str
    packed: bytes | None = None
    version: int = 0

    @property
    def key(self) -> Item:
        return rollup_key(self.site, f"summary-month#{self.month}")

    def to_item(self) -> Item:
        content = {"v": SCHEMA_VERSION, "packed": self.packed, "version": self.version}
        return self.key | content

    @classmethod
    def from_item(cls, item: Item) -> StoredMonth:
        return cls(item["site"], day_of_item(item), item.get("packed"), item["version"])


def rollup_key(site: str, sort_key: str) -> Item:
    return {"site": site, "sort_key": sort_key}


def day_of_item(item: Item) -> str:
    """Return the day, or the month, in the item's key."""
    return str(item["sort_key"].split("#")[1])
