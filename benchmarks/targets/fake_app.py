"""The app on a fake DynamoDB in this process, whose calls take microseconds, for counts that
would take too long on an emulator. Capacity units are computed; tests compare them with those
that the emulator reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from benchmarks.targets.capacity import READS, WRITE_BYTES, Usage, read_units_of, units_of_bytes
from benchmarks.targets.in_process_app import InProcessApp, in_process_app
from testing.fake_dynamodb.fake_client import FakeDynamoDB
from testing.fake_dynamodb.fake_table import Table, size_of
from testing.fake_dynamodb.fake_tables import fake_dynamodb

IN_TRANSACTION = 2

Item = Mapping[str, Any]
Location = tuple[str, Item | None, Item | None]  # table, key, new item where the call names it


@contextmanager
def fake_app(**changes: str) -> Iterator[tuple[InProcessApp, Usage]]:
    """Run the app on fake tables. `changes` are environment variables."""
    client = fake_dynamodb()
    with compute_units(client) as usage, in_process_app(client, **changes) as app:
        yield app, usage


@contextmanager
def compute_units(client: FakeDynamoDB) -> Iterator[Usage]:
    """Count the units that the calls would consume."""
    usage, lock = Usage(), Lock()

    def note_before(
        params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        context["asked"] = params
        if model.name not in READS:
            places = list(_places(model.name, params))
            context["places"] = [
                (client.tables[table], key, _item(client.tables[table], key))
                for table, key in places
            ]

    def note_after(
        parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        units: Counter[str] = Counter()
        if "Error" in parsed:
            units.update({} if model.name in READS else {"(refused)": 1})
        elif model.name in READS:
            answer = _with_whole_items(client, model.name, context["asked"], parsed)
            units.update(read_units_of(model.name, context["asked"], answer))
        else:
            factor = IN_TRANSACTION if model.name == "TransactWriteItems" else 1
            for table, key, old in context["places"]:
                units[_name(client, table)] += factor * _written(table, old, _item(table, key))
        with lock:
            usage.add(model.name, units)

    events = client.meta.events
    events.register("before-call.dynamodb", note_before)
    events.register("after-call.dynamodb", note_after)
    try:
        yield usage
    finally:
        events.unregister("before-call.dynamodb", note_before)
        events.unregister("after-call.dynamodb", note_after)


def _places(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, Item]]:
    """Yield the table and the key (or the item) of each item that a call writes."""
    if operation == "BatchWriteItem":
        for table, requests in request["RequestItems"].items():
            for write in requests:
                ((_, one),) = write.items()
                yield table, one.get("Item") or one["Key"]
    elif operation == "TransactWriteItems":
        for action in request["TransactItems"]:
            ((_, one),) = action.items()
            yield one["TableName"], one.get("Item") or one["Key"]
    else:
        yield request["TableName"], request.get("Item") or request["Key"]


def _with_whole_items(
    client: FakeDynamoDB, operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the response to a scan with all attributes: DynamoDB charges for those too. The
    projection of a scan must include the key."""
    if operation != "Scan" or "ProjectionExpression" not in request:
        return answer
    table = client.tables[request["TableName"]]
    return {**answer, "Items": [_item(table, item) for item in answer["Items"]]}


def _item(table: Table, key: Item) -> Item | None:
    return table.get(table.key_of(key))


def _name(client: FakeDynamoDB, table: Table) -> str:
    return next(name for name, one in client.tables.items() if one is table)


def _written(table: Table, old: Item | None, new: Item | None) -> int:
    size = max(size_of(item) if item else 0 for item in (old, new))
    entries = [
        [_entry(item, (index.hash_name, index.range_name)) for item in (old, new)]
        for index in table.indexes.values()
    ]
    changes = [(was, now) for was, now in entries if was != now]
    in_indexes = sum((was is not None) + (now is not None) for was, now in changes)
    return units_of_bytes(size, WRITE_BYTES) + in_indexes


def _entry(item: Item | None, names: Iterable[str]) -> tuple[Any, ...] | None:
    if item is None or not all(name in item for name in names):
        return None
    return tuple(item[name] for name in names)
