"""Attributes in wire form, {"S": "text"}, and the operations of expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Wire = Mapping[str, Any]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


class InvalidRequest(Exception):
    """DynamoDB would answer with a ValidationException."""


class Unsupported(AssertionError):
    """DynamoDB may support this, but the fake does not."""


def plain(attribute: Wire) -> tuple[str, Any]:
    """Return the type and a comparable value."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return kind, int(value)
    if kind == "S":
        return kind, value.encode("utf-8", "surrogatepass")
    if kind == "SS":
        return kind, frozenset(value)
    if kind in ("B", "BOOL"):
        return kind, value
    raise Unsupported(f"an attribute of type {kind}")


def is_ordered(low: Wire, high: Wire) -> bool:
    return compare("<=", low, high)


def same(left: Wire | None, right: Wire | None) -> bool:
    return left is not None and right is not None and plain(left) == plain(right)


def compare(operator: str, left: Wire | None, right: Wire | None) -> bool:
    """Compare; missing attributes and other types are neither less nor more."""
    if left is None or right is None:
        return False
    (left_kind, left_value), (right_kind, right_value) = plain(left), plain(right)
    return left_kind == right_kind and COMPARISONS[operator](left_value, right_value)


def begins_with(left: Wire | None, right: Wire) -> bool:
    return left is not None and "S" in left and str(left["S"]).startswith(right["S"])


def contains(left: Wire | None, right: Wire) -> bool:
    if left is None:
        return False
    return right.get("S") in (left.get("SS") or left.get("S") or "")


def size(attribute: Wire | None) -> Wire | None:
    if attribute is None:
        return None
    kind, value = plain(attribute)
    if kind in ("N", "BOOL"):
        return None
    return {"N": str(len(value))}


def plus(left: Wire | None, right: Wire | None, sign: int) -> Wire | None:
    if left is None or right is None:
        return None
    if "N" not in left or "N" not in right:
        raise InvalidRequest("An operand in the update expression has an incorrect data type")
    return {"N": str(int(left["N"]) + sign * int(right["N"]))}
