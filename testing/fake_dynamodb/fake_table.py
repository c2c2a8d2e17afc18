"""A table of the fake DynamoDB: its keys, its items in order, and the size of items."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from testing.fake_dynamodb.expressions.values import InvalidRequest, Unsupported, Wire, plain

Key = tuple[str, str]  # the values of the partition key and of the sort key, or ""

PAGE_BYTES = 1_048_576
MAX_ITEM_BYTES = 400 * 1024
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,37})")


@dataclass
class Index:
    """A keys-only index with a string hash key and a number range key."""

    hash_name: str
    range_name: str


@dataclass
class Table:
    hash_name: str
    range_name: str | None
    indexes: Mapping[str, Index]
    partitions: dict[str, dict[str, Wire]] = field(default_factory=dict)

    @property
    def key_names(self) -> tuple[str, ...]:
        return (
            (self.hash_name,) if self.range_name is None else (self.hash_name, self.range_name)
        )

    def key_of(self, attributes: Wire) -> Key:
        """Return the key of an item or of a key's attributes."""
        try:
            texts = tuple(attributes[name]["S"] for name in self.key_names)
        except KeyError:
            raise InvalidRequest("The provided key element does not match the schema") from None
        if not all(texts):
            raise InvalidRequest("One or more parameter values are not valid: an empty key")
        return texts[0], texts[1] if self.range_name else ""

    def exact_key(self, key: Wire) -> Key:
        if key.keys() != set(self.key_names):
            raise InvalidRequest("The provided key element does not match the schema")
        return self.key_of(key)

    def get(self, key: Key) -> Wire | None:
        return self.partitions.get(key[0], {}).get(key[1])

    def check(self, item: Wire) -> None:
        """Raise InvalidRequest for items that DynamoDB rejects."""
        self.key_of(item)
        for attribute in item.values():
            _check(attribute)
        for index in self.indexes.values():
            for name, kind in ((index.hash_name, "S"), (index.range_name, "N")):
                if name in item and kind not in item[name]:
                    raise InvalidRequest(f"Type mismatch for Index Key {name}")
        if size_of(item) > MAX_ITEM_BYTES:
            raise InvalidRequest("Item size has exceeded the maximum allowed size")

    def put(self, item: Wire) -> None:
        first, second = self.key_of(item)
        self.partitions.setdefault(first, {})[second] = item

    def delete(self, key: Key) -> None:
        partition = self.partitions.get(key[0], {})
        partition.pop(key[1], None)
        if not partition:
            self.partitions.pop(key[0], None)

    def in_order(self, start: str = "") -> Iterator[Wire]:
        """Yield the items of the partitions from `start` on."""
        firsts = sorted(self.partitions)
        for first in islice(firsts, bisect_left(firsts, start), None):
            yield from self.partition(first)

    def partition(self, first: str) -> Iterator[Wire]:
        """Return the items of a partition by sort key."""
        partition = self.partitions.get(first, {})
        return (partition[second] for second in sorted(partition))

    def index_entries(self, index: Index, value: str) -> list[Wire]:
        """Return the index entries with this hash key, in order."""
        names = (index.hash_name, index.range_name, *self.key_names)
        entries = [
            {name: item[name] for name in names}
            for item in self.in_order()
            if item.get(index.hash_name, {}).get("S") == value and index.range_name in item
        ]
        return sorted(entries, key=lambda entry: plain(entry[index.range_name]))


def read_page(items: Iterable[Wire], limit: int | None) -> tuple[list[Wire], bool]:
    """Return the items that one call reads, and whether more follow."""
    page: list[Wire] = []
    size = 0
    for item in items:
        weight = size_of(item)
        if page and size + weight > PAGE_BYTES:
            return page, True
        page.append(item)
        size += weight
        if len(page) == limit or size >= PAGE_BYTES:
            return page, True
    return page, False


def size_of(item: Wire) -> int:
    return sum(len(name) + _size(attribute) for name, attribute in item.items())


def _size(attribute: Wire) -> int:
    ((kind, value),) = attribute.items()
    if kind == "S":
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    if kind == "N":
        return _number_size(value)
    if kind == "SS":
        return sum(len(text.encode("utf-8", "surrogatepass")) for text in value)
    return len(value) if kind == "B" else 1


def _number_size(value: str) -> int:
    """Return a number's size: a byte per two significant digits, one more, and one for the
    sign."""
    digits = value.lstrip("-")
    zeros = len(digits) - len(digits.rstrip("0"))
    if zeros == len(digits):
        return 1
    pairs = -(-(len(digits) - zeros // 2 * 2) // 2)
    return 1 + pairs + value.startswith("-")


def _check(attribute: Wire) -> None:
    ((kind, value),) = attribute.items()
    if kind == "N" and not _NUMBER.fullmatch(value):
        raise Unsupported(f"the number {value}")
    if kind == "SS" and not value:
        raise InvalidRequest(
            "One or more parameter values were invalid: An string set may not be empty"
        )
    if kind == "SS" and len(set(value)) < len(value):
        raise InvalidRequest("Input collection contains duplicates")
    if kind not in ("S", "N", "B", "BOOL", "SS"):
        raise Unsupported(f"an attribute of type {kind}")
