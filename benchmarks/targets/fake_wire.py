"""The app's client with responses from this process: the client does all of its work but
sending. The CPU of the fake service is counted separately."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from threading import Lock
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.storage.aws.dynamodb_api import DynamoDBApi
from chalicelib.storage.aws.signature import Credentials
from testing.fake_dynamodb.fake_client import FakeDynamoDB

METHODS = {
    "GetItem": "get_item",
    "BatchGetItem": "batch_get_item",
    "PutItem": "put_item",
    "BatchWriteItem": "batch_write_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "TransactWriteItems": "transact_write_items",
    "Query": "query",
    "Scan": "scan",
}
CREDENTIALS = Credentials("none", "none")


class FakeService(DynamoDBApi):
    """`seconds` is the CPU time of the tables, which a real service would not take here."""

    def __init__(self, tables: FakeDynamoDB) -> None:
        super().__init__("https://dynamodb.us-east-1.amazonaws.com", "us-east-1", CREDENTIALS)
        self.tables = tables
        self.seconds = 0.0
        self._lock = Lock()

    def send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        began = time.thread_time()
        operation = headers["x-amz-target"].split(".")[1]
        request = json.loads(body, object_hook=_with_bytes)
        try:
            status, response = 200, getattr(self.tables, METHODS[operation])(**request)
        except ClientError as error:
            status, response = 400, _rejection(error)
        content = json.dumps(response, default=lambda raw: b64encode(raw).decode()).encode()
        with self._lock:
            self.seconds += time.thread_time() - began
        return status, content


def _rejection(error: ClientError) -> Mapping[str, Any]:
    response = error.response
    more = {
        name: response[name] for name in ("Item", "CancellationReasons") if name in response
    }
    return {
        "__type": f"#{response['Error']['Code']}",
        "message": response["Error"]["Message"],
        **more,
    }


def _with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": b64decode(found["B"])}
    return found
