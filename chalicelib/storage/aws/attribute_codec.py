"""Convert plain values to DynamoDB's attribute values and back.

The values are text, integers, bytes, booleans and sets of text. boto3's resource layer does the
same, but adds a tenth of a second to every cold start and returns decimals. None and the empty
set have no attribute: unknown values are not stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Item = dict[str, Any]
Attributes = dict[str, dict[str, Any]]  # an item as DynamoDB encodes it


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _to_attribute(value)
        for name, value in item.items()
        if value is not None and value != frozenset()
    }


def from_attributes(attributes: Mapping[str, Any]) -> Item:
    # An attribute is a dict with one entry. Text, the usual kind, needs no call.
    return {
        name: value if kind == "S" else _from_attribute(kind, value)
        for name, attribute in attributes.items()
        for kind, value in attribute.items()
    }


def times_to_item(times: Iterable[int]) -> frozenset[str]:
    return frozenset(map(str, times))


def times_from_item(item: Item, name: str) -> frozenset[int]:
    return frozenset(map(int, item.get(name, ())))


def _to_attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, frozenset):
        return {"SS": sorted(value)}
    raise TypeError(f"no attribute for a {type(value).__name__}")


def _from_attribute(kind: str, value: Any) -> Any:
    if kind == "N":
        return int(value)
    if kind == "SS":
        return frozenset(value)
    return value
