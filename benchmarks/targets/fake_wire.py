"""The app's boto3 client with responses from this process: the client does all of its work but
sending. The CPU of the fake service is counted separately."""

from __future__ import annotations

import json
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from chalicelib.storage.aws.client import dynamodb_client
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
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


@dataclass(slots=True)
class FakeService:
    """`seconds` is its own CPU time, which a real service would not take here."""

    tables: FakeDynamoDB
    seconds: float = 0.0

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        began = time.thread_time()
        operation = request.headers["X-Amz-Target"].decode().split(".")[1]
        parameters = json.loads(request.body, object_hook=_with_bytes)
        try:
            status, reply = 200, getattr(self.tables, METHODS[operation])(**parameters)
        except ClientError as error:
            status, reply = 400, _refused(error)
        body = json.dumps(reply, default=lambda raw: b64encode(raw).decode()).encode()
        response = AWSResponse(request.url, status, {}, None)
        response._content = body
        self.seconds += time.thread_time() - began
        return response


def client_of_fake(tables: FakeDynamoDB) -> tuple[Any, FakeService]:
    was = dict(os.environ)
    os.environ.update(CREDENTIALS)
    try:
        client = dynamodb_client()
    finally:
        os.environ.clear()
        os.environ.update(was)
    stand_in = FakeService(tables)
    client.meta.events.register("before-send.dynamodb", stand_in.answer)
    # The client looks up credentials on the first request.
    client._request_signer._credentials.get_frozen_credentials()
    return client, stand_in


def _refused(error: ClientError) -> Mapping[str, Any]:
    response = error.response
    more = {
        name: response[name] for name in ("Item", "CancellationReasons") if name in response
    }
    return {
        "__type": f"#{response['Error']['Code']}",
        "message": response["Error"]["Message"],
        **more,
    }


def _with_bytes(pairs: dict[str, Any]) -> dict[str, Any]:
    if len(pairs) == 1 and isinstance(pairs.get("B"), str):
        return {"B": b64decode(pairs["B"])}
    return pairs
