"""Throttled, conflicting or unprocessed writes are retried until they succeed or an error is
raised."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.storage.aws import retries as module
from chalicelib.storage.aws.database import put_action
from chalicelib.storage.aws.retries import (
    ConditionFailed,
    InvalidRequest,
    TransactionCancelled,
    Unavailable,
)
from tests.world import World

KEY = {"session_id": "a", "event_id": "b"}
PASSING = [
    "ProvisionedThroughputExceededException", "ThrottlingException",
    "TransactionConflictException", "InternalServerError", "RequestLimitExceeded",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0)


def failing(times: int, error: Exception):
    """Return a hook that fails this many calls."""
    left = [times]

    def fail(**_: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise error

    return fail


def error_of(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "PutItem")


@pytest.mark.parametrize(
    "error", [*map(error_of, PASSING), ConnectTimeoutError(endpoint_url="http://x")]
)
def test_temporary_failure_is_retried(world: World, error: Exception):
    database, table = world.tables.database, world.settings.events_table
    hook = failing(module.MAX_ATTEMPTS - 1, error)
    database.client.meta.events.register("before-call.dynamodb.PutItem", hook)
    database.put(table, KEY)

    assert database.get(table, KEY) == KEY


def test_successful_call_does_not_wait(world: World, monkeypatch: pytest.MonkeyPatch):
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    database, table = world.tables.database, world.settings.events_table

    database.put(table, KEY)
    database.put_many(table, [KEY])
    database.get_many({table: [KEY]})
    database.get_many({table: []})
    list(database.scan(table))

    assert pauses == []


def test_permanent_failure_is_raised(world: World):
    hook = failing(module.MAX_ATTEMPTS, error_of("ThrottlingException"))
    world.tables.database.client.meta.events.register("before-call.dynamodb.PutItem", hook)

    with pytest.raises(Unavailable):
        world.tables.database.put(world.settings.events_table, KEY)


def test_invalid_request_is_not_retried(world: World):
    with pytest.raises(InvalidRequest, match="ValidationException"):
        world.tables.database.put(world.settings.events_table, {"session_id": "a"})
    assert world.calls == ["PutItem"]


def test_failed_condition_has_the_existing_item(world: World):
    database, table = world.tables.database, world.settings.events_table
    database.put(table, KEY | {"n": 1})

    with pytest.raises(ConditionFailed) as failure:
        database.put(table, KEY, condition="attribute_not_exists(session_id)")
    assert failure.value.item == KEY | {"n": 1}


def test_rejected_transaction_names_its_actions_and_writes_nothing(world: World):
    database, table = world.tables.database, world.settings.events_table
    database.put(table, KEY)
    other = {"session_id": "other", "event_id": "b"}

    with pytest.raises(TransactionCancelled) as raised:
        database.transact(
            [
                put_action(table, other),
                put_action(table, KEY, condition="attribute_not_exists(session_id)"),
            ]
        )
    assert raised.value.failed == (1,)
    assert database.get(table, other) is None


@pytest.mark.parametrize("operation", ["BatchWriteItem", "BatchGetItem"])
def test_unprocessed_items_are_retried(world: World, operation: str):
    database, table = world.tables.database, world.settings.events_table
    items = [{"session_id": "a", "event_id": str(n)} for n in range(30)]
    left = [3]

    def leave_some(parsed: dict[str, Any], **_: Any) -> None:
        if left[0] and operation == "BatchWriteItem":
            left[0] -= 1
            parsed["UnprocessedItems"] = {
                table: [{"PutRequest": {"Item": {k: {"S": v} for k, v in items[-1].items()}}}]
            }
        elif left[0]:
            left[0] -= 1
            last = parsed["Responses"][table].pop()
            parsed["UnprocessedKeys"] = {table: {"Keys": [last]}}

    if operation == "BatchWriteItem":
        database.client.meta.events.register(f"after-call.dynamodb.{operation}", leave_some)
    database.put_many(table, items)
    if operation == "BatchGetItem":
        database.client.meta.events.register(f"after-call.dynamodb.{operation}", leave_some)
    result = database.get_many({table: items})[table]

    assert sorted(item["event_id"] for item in result) == sorted(
        item["event_id"] for item in items
    )
    assert left == [0]


def test_queries_and_scans_follow_every_page(world: World):
    database, table = world.tables.database, world.settings.events_table
    filling = "x" * 300_000
    items = [{"session_id": "a", "event_id": str(n), "filling": filling} for n in range(8)]
    database.put_many(table, items)
    world.calls.clear()

    assert len(list(database.query(table, "session_id = :id", {":id": "a"}))) == 8
    assert len(list(database.scan(table))) == 8
    assert sum(len(page) for page, _ in database.scan_pages(table)) == 8
    assert world.calls.count("Query") >= 2
    assert world.calls.count("Scan") >= 4
