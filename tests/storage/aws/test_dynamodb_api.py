"""The small client behaves like botocore's, on an emulated DynamoDB and with broken servers."""

from __future__ import annotations

import os
import socket
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session

from chalicelib.storage.aws import dynamodb_api
from chalicelib.storage.aws.client import dynamodb_client
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.dynamodb_api import (
    DynamoDBApi,
    NoResponse,
    ServiceError,
    dynamodb_endpoint,
)
from chalicelib.storage.aws.retries import Unavailable
from chalicelib.storage.aws.signature import Credentials
from devkit.emulated_aws.emulator import start_emulator
from testing.table_definitions import table_definitions
from tests.world import TABLES

EVENTS = TABLES["EVENTS_TABLE"]
KEY = {"session_id": {"S": "a"}, "event_id": {"S": "b"}}
OTHER = {"session_id": {"S": "a"}, "event_id": {"S": "c"}}
ITEM = KEY | {
    "B": {"S": "an attribute of this name"},
    "packed": {"B": bytes(range(256))},
    "empty": {"B": b""},
    "number": {"N": "-12.5"},
    "text": {"S": 'of {"B": "QUJD"} and ä\U0001f331'},
    "tags": {"SS": ["x", "y"]},
    "is_so": {"BOOL": True},
    "nested": {"M": {"B": {"B": b"\x00"}}},
}
NEVER = "attribute_not_exists(session_id)"
UPDATE = {
    "TableName": EVENTS,
    "Key": KEY,
    "UpdateExpression": "SET site = :s",
    "ExpressionAttributeValues": {":s": {"S": "example.com"}},
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
    "update_item": {**UPDATE, "ReturnValues": "ALL_NEW"},
    "put_item": {"TableName": EVENTS, "Item": ITEM, "ReturnValues": "ALL_OLD"},
    "batch_write_item": {"RequestItems": {EVENTS: [{"PutRequest": {"Item": OTHER}}]}},
    "transact_write_items": {"TransactItems": [{"Put": {"TableName": EVENTS, "Item": OTHER}}]},
    "delete_item": {"TableName": EVENTS, "Key": OTHER, "ReturnValues": "ALL_OLD"},
}
REJECTED: dict[str, tuple[str, dict[str, Any]]] = {
    "a condition fails": (
        "update_item",
        {
            **UPDATE,
            "ConditionExpression": NEVER,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    "a transaction is cancelled": (
        "transact_write_items",
        {
            "TransactItems": [
                {"Put": {"TableName": EVENTS, "Item": OTHER}},
                {"Put": {"TableName": EVENTS, "Item": ITEM, "ConditionExpression": NEVER}},
            ]
        },
    ),
    "no table has that name": ("get_item", {"TableName": "LiveInsight-none", "Key": KEY}),
    "a key is missing": ("get_item", {"TableName": EVENTS, "Key": {"session_id": {"S": "a"}}}),
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    """Ours and botocore's, for the same tables."""
    emulator = start_emulator(tmp_path_factory.mktemp("aws"))
    before = dict(os.environ)
    os.environ.update(emulator.environment)
    try:
        botocore = get_session().create_client("dynamodb")
        for definition in table_definitions():
            botocore.create_table(**definition)
        ours: Any = dynamodb_client()
        yield ours, botocore
        ours.close()
    finally:
        os.environ.clear()
        os.environ.update(before)
        emulator.stop()


def without_metadata(response: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in response.items() if name != "ResponseMetadata"}


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("item", [ITEM, KEY, None], ids=["all kinds", "no bytes", "nothing"])
def test_response_is_the_one_of_botocore(clients: Any, call: str, item: Any):
    responses = []
    for client in clients:
        clients[1].delete_item(TableName=EVENTS, Key=OTHER)
        clients[1].delete_item(TableName=EVENTS, Key=KEY)
        if item:
            clients[1].put_item(TableName=EVENTS, Item=item)
        responses.append(without_metadata(getattr(client, call)(**CALLS[call])))
        responses.append(clients[1].scan(TableName=EVENTS)["Items"])

    assert responses[:2] == responses[2:]


@pytest.mark.slow
@pytest.mark.parametrize("reason", REJECTED)
def test_error_has_the_form_of_botocore(clients: Any, reason: str):
    call, request = REJECTED[reason]
    ours, botocore = clients
    botocore.put_item(TableName=EVENTS, Item=ITEM)
    with pytest.raises(ClientError) as expected:
        getattr(botocore, call)(**request)
    with pytest.raises(ServiceError) as raised:
        getattr(ours, call)(**request)

    found, form = raised.value.response, expected.value.response
    assert found["Error"]["Code"] == form["Error"]["Code"]
    assert found["Error"]["Message"] == form["Error"]["Message"]
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 400
    for name in ("Item", "CancellationReasons"):
        assert found.get(name) == form.get(name)


@pytest.mark.slow
def test_threads_do_not_share_a_connection(clients: Any):
    ours, _ = clients
    keys = [KEY | {"event_id": {"S": f"e{number}"}} for number in range(40)]

    def write_and_read(key: Any) -> Any:
        ours.put_item(TableName=EVENTS, Item=key)
        return ours.get_item(TableName=EVENTS, Key=key)["Item"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write_and_read, keys)) == keys


class Service(BaseHTTPRequestHandler):
    """Answers every call with what the server was told to."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.connections.add(self.client_address)
        status, content, headers = self.server.response
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.server.hangs_up

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def service() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    server.connections, server.hangs_up = set(), False
    server.response = (200, b"{}", {})
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(service: Any) -> Iterator[DynamoDBApi]:
    made = client_of(service.server_address[1])
    yield made
    made.close()


def client_of(port: int) -> DynamoDBApi:
    return DynamoDBApi(f"http://127.0.0.1:{port}", "us-east-1", Credentials("id", "secret"))


def get(client: DynamoDBApi) -> Any:
    return client.get_item(TableName=EVENTS, Key=KEY)


def test_connection_is_used_again(service: Any, client: DynamoDBApi):
    for _ in range(3):
        get(client)

    assert len(service.connections) == 1


def test_closed_connection_is_replaced(service: Any, client: DynamoDBApi):
    """Also while Lambda had suspended the process."""
    service.hangs_up = True
    for _ in range(3):
        get(client)
        time.sleep(0.05)  # the end of the connection arrives

    assert len(service.connections) == 3


@pytest.mark.parametrize("status", [400, 500, 503])
@pytest.mark.parametrize("content", [b"", b"<html>Busy</html>", b"[1]", b"null", b"{}"])
def test_error_that_is_not_of_dynamodb_has_its_status_as_its_code(
    service: Any, client: DynamoDBApi, status: int, content: bytes
):
    service.response = (status, content, {})
    with pytest.raises(ServiceError) as raised:
        get(client)

    assert raised.value.response["Error"]["Code"] == str(status)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_checksum_of_the_response_is_checked(service: Any, client: DynamoDBApi):
    content = b'{"Item": {}}'
    service.response = (200, content, {"x-amz-crc32": str(zlib.crc32(content))})
    assert get(client) == {"Item": {}}

    service.response = (200, content, {"x-amz-crc32": "1"})
    with pytest.raises(NoResponse, match="damaged"):
        get(client)


def test_response_that_ends_early_is_none(service: Any, client: DynamoDBApi):
    service.response = (200, b'{"It', {"Content-Length": "12"})
    service.hangs_up = True

    with pytest.raises(NoResponse, match="IncompleteRead"):
        get(client)


def test_service_that_cannot_be_reached_does_not_respond():
    with socket.create_server(("127.0.0.1", 0)) as free:
        client = client_of(free.getsockname()[1])

    with pytest.raises(NoResponse, match="refused"):
        get(client)
    with pytest.raises(Unavailable, match="refused"):
        Database(client).get(EVENTS, {"session_id": "a", "event_id": "b"})


def test_slow_response_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dynamodb_api, "READ_SECONDS", 0.1)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(NoResponse, match="timed out"),
    ):
        get(client_of(silent.getsockname()[1]))


def test_value_that_no_attribute_can_have_is_an_error(client: DynamoDBApi):
    with pytest.raises(TypeError, match="no attribute type for set"):
        client.put_item(TableName=EVENTS, Item={"a": {"SS": {"x"}}})


@pytest.mark.parametrize(
    ("environment", "region", "url"),
    [
        ({}, "eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com"),
        ({}, "cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "us-east-1", "http://127.0.0.1:1"),
        (
            {"AWS_ENDPOINT_URL": "http://any", "AWS_ENDPOINT_URL_DYNAMODB": "http://own"},
            "us-east-1",
            "http://own",
        ),
    ],
)
def test_endpoint(environment: dict[str, str], region: str, url: str):
    assert dynamodb_endpoint(environment, region) == url
