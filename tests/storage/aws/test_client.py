"""Responses that are parsed as plain JSON equal those that botocore parses by its model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from moto import mock_aws

from chalicelib.storage.aws.client import DEFAULT_REGION, READING, dynamodb_client
from testing.table_definitions import table_definitions
from tests.world import TABLES

EVENTS = TABLES["EVENTS_TABLE"]
KEY = {"session_id": {"S": "a"}, "event_id": {"S": "b"}}
ITEM = KEY | {
    "B": {"S": "an attribute of this name"},
    "packed": {"B": bytes(range(256))},
    "empty": {"B": b""},
    "number": {"N": "-12.5"},
    "text": {"S": 'of {"B": "QUJD"} and ä\U0001f331'},
    "tags": {"SS": ["x", "y"]},
    "is_so": {"BOOL": True},
}
CALLS: dict[str, dict[str, Any]] = {
    "get_item": {"TableName": EVENTS, "Key": KEY},
    "batch_get_item": {"RequestItems": {EVENTS: {"Keys": [KEY]}}},
    "query": {
        "TableName": EVENTS,
        "KeyConditionExpression": "session_id = :a",
        "ExpressionAttributeValues": {":a": {"S": "a"}},
        "Limit": 1,
    },
    "scan": {"TableName": EVENTS, "Limit": 1},
    "update_item": {
        "TableName": EVENTS,
        "Key": KEY,
        "UpdateExpression": "SET site = :s",
        "ExpressionAttributeValues": {":s": {"S": "example.com"}},
        "ReturnValues": "ALL_NEW",
    },
}


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """Return our client, and one as botocore creates it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", DEFAULT_REGION)
    with mock_aws():
        plain = get_session().create_client("dynamodb")
        for definition in table_definitions():
            plain.create_table(**definition)
        yield dynamodb_client(), plain


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("item", [ITEM, KEY, None], ids=["all kinds", "no bytes", "nothing"])
def test_fast_parser_matches_botocore(clients: Any, call: str, item: Any):
    if item:
        clients[1].put_item(TableName=EVENTS, Item=item)

    found, expected = (getattr(client, call)(**CALLS[call]) for client in clients)

    metadata = found.pop("ResponseMetadata"), expected.pop("ResponseMetadata")
    assert [one["HTTPStatusCode"] for one in metadata] == [200, 200]
    assert found == expected


def test_every_read_uses_the_fast_parser():
    assert {call.replace("_", "") for call in CALLS} == {name.lower() for name in READING}


def test_failed_condition_returns_the_existing_item(clients: Any):
    ours, plain = clients
    plain.put_item(TableName=EVENTS, Item=ITEM)

    with pytest.raises(ClientError) as raised:
        ours.update_item(
            TableName=EVENTS,
            Key=KEY,
            UpdateExpression="SET site = :s",
            ConditionExpression="attribute_not_exists(session_id)",
            ExpressionAttributeValues={":s": {"S": "x"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    assert raised.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert raised.value.response["Item"] == ITEM


def test_client_can_be_created_without_a_region(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    assert dynamodb_client().meta.region_name == DEFAULT_REGION
