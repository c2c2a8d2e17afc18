"""The capacity units that DynamoDB charges for the calls of a client.

A write unit is 1 KB of the larger of an item's old and new form, two in a transaction; a read
unit is 4 KB of a consistent read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from testing.fake_dynamodb.fake_table import size_of

WRITE_BYTES, READ_BYTES = 1024, 4096
READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
FAILED_CONDITION_UNITS = 1.0  # a failed condition costs a write; items are about 1 KB


@dataclass(slots=True)
class Usage:
    """Write and read units by table, and calls by operation."""

    writes: Counter[Any] = field(default_factory=Counter)
    reads: Counter[Any] = field(default_factory=Counter)
    calls: Counter[Any] = field(default_factory=Counter)

    @property
    def write_units(self) -> float:
        return float(self.writes.total())

    @property
    def read_units(self) -> float:
        return float(self.reads.total())

    def add(self, operation: str, units: Mapping[str, float]) -> None:
        self.calls[operation] += 1
        (self.reads if operation in READS else self.writes).update(units)

    def __sub__(self, earlier: Usage) -> Usage:
        return Usage(
            self.writes - earlier.writes, self.reads - earlier.reads, self.calls - earlier.calls
        )

    def __iadd__(self, other: Usage) -> Usage:
        self.writes += other.writes
        self.reads += other.reads
        self.calls += other.calls
        return self

    def copy(self) -> Usage:
        return Usage(self.writes.copy(), self.reads.copy(), self.calls.copy())


@contextmanager
def count_units(client: Any) -> Iterator[Usage]:
    """Count the units that the service reports for the calls of a boto3 client."""
    usage, lock = Usage(), Lock()

    def ask(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context["asked"] = params

    def note(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        with lock:
            usage.add(model.name, units_of(model.name, context["asked"], parsed))

    events = client.meta.events
    events.register("provide-client-params.dynamodb", ask, unique_id="ask")
    events.register("after-call.dynamodb", note, unique_id="note")
    try:
        yield usage
    finally:
        events.unregister("provide-client-params.dynamodb", unique_id="ask")
        events.unregister("after-call.dynamodb", unique_id="note")


def units_of(
    operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, float]:
    """Return units by table. Services report those of writes; reads are computed, as
    emulators do not report their size."""
    if operation in READS:
        return {} if "Error" in answer else read_units_of(operation, request, answer)
    if "Error" in answer:
        return {"(refused)": FAILED_CONDITION_UNITS}
    consumed = answer["ConsumedCapacity"]
    units: dict[str, float] = {}
    for one in consumed if isinstance(consumed, list) else [consumed]:
        units[one["TableName"]] = units.get(one["TableName"], 0.0) + one["CapacityUnits"]
    return units


def read_units_of(
    operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, float]:
    """Return read units by table. Items of a batch are rounded up one by one, those of a page
    together. A missing item costs one unit; eventually consistent reads cost half."""
    if operation != "BatchGetItem":
        items = [answer["Item"]] if "Item" in answer else answer.get("Items", [])
        units = units_of_bytes(sum(map(size_of, items)), READ_BYTES)
        return {request["TableName"]: units if request.get("ConsistentRead") else units / 2}
    return {
        table: (len(keys["Keys"]) + _beyond_one(answer["Responses"].get(table, [])))
        / (1 if keys.get("ConsistentRead") else 2)
        for table, keys in request["RequestItems"].items()
    }


def _beyond_one(items: Iterable[Mapping[str, Any]]) -> int:
    """Return the units beyond the first one of each item."""
    return sum(units_of_bytes(size_of(item), READ_BYTES) - 1 for item in items)


def units_of_bytes(size: int, unit: int) -> int:
    return max(1, -(-size // unit))
