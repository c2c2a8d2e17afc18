"""A small client for DynamoDB, for functions whose every millisecond is paid for.

botocore takes three quarters of the CPU of a call for work that DynamoDB's plain JSON protocol
does not need, and a third of a cold start to load. This client has the methods of botocore's
that database.py calls, with the same parameters and results, and makes one attempt per call:
retries.py retries, since it knows how much time is left.
docs/decisions/small-dynamodb-client.md has the measurements.

    client.put_item(TableName=..., Item=...)    the response as a dict
    ServiceError                                DynamoDB rejected the call
    NoResponse                                  it did not respond
"""

from __future__ import annotations

import json
import select
import ssl
import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from chalicelib.storage.aws.signature import Credentials, Signer

CONNECT_SECONDS, READ_SECONDS = 2, 5  # so an attempt takes seven seconds at most
_PROTOCOL = "DynamoDB_20120810"
_SUCCESS = 200


class ServiceError(Exception):
    """`response` has the form that botocore gives it: the code and message of the error, the
    HTTP status, and what else DynamoDB sent."""

    def __init__(self, operation: str, response: dict[str, Any]) -> None:
        error = response["Error"]
        super().__init__(f"{operation} failed: {error['Code']}: {error['Message']}")
        self.response = response


class NoResponse(Exception):
    """The service could not be reached, or the connection broke. Whether it has done what was
    asked is unknown."""


class DynamoDBApi:
    """Safe to use in several threads: each call has a connection of its own, which later calls
    reuse."""

    def __init__(self, endpoint: str, region: str, credentials: Credentials) -> None:
        url = urlsplit(endpoint)
        self._is_encrypted = url.scheme == "https"
        self._address = url.netloc
        self._signer = Signer(credentials, service="dynamodb", region=region, host=url.netloc)
        self._idle: deque[HTTPConnection] = deque()

    def get_item(self, **request: Any) -> Any:
        return self._call("GetItem", request)

    def batch_get_item(self, **request: Any) -> Any:
        return self._call("BatchGetItem", request)

    def put_item(self, **request: Any) -> Any:
        return self._call("PutItem", request)

    def batch_write_item(self, **request: Any) -> Any:
        return self._call("BatchWriteItem", request)

    def update_item(self, **request: Any) -> Any:
        return self._call("UpdateItem", request)

    def delete_item(self, **request: Any) -> Any:
        return self._call("DeleteItem", request)

    def transact_write_items(self, **request: Any) -> Any:
        return self._call("TransactWriteItems", request)

    def query(self, **request: Any) -> Any:
        return self._call("Query", request)

    def scan(self, **request: Any) -> Any:
        return self._call("Scan", request)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _call(self, operation: str, request: Mapping[str, Any]) -> Any:
        body = _ENCODER.encode(request).encode()
        target = f"{_PROTOCOL}.{operation}"
        headers = self._signer.headers(target, body, time.time())
        status, content = self.send(body, headers | {"user-agent": "liveinsight"})
        if status != _SUCCESS:
            raise ServiceError(operation, _error_response(status, content))
        return _parse(content)

    def send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return the status and the content of the response. Raise NoResponse if there is
        none."""
        connection = self._idle_connection() or self._new_connection()
        try:
            connection.request("POST", "/", body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise self._no_response(error) from error
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        checksum = response.headers.get("x-amz-crc32")
        if checksum and int(checksum) != crc32(content):
            raise NoResponse(f"{self._address} sent a damaged response")
        return response.status, content

    def _idle_connection(self) -> HTTPConnection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if _is_open(connection):
                return connection
            connection.close()

    def _new_connection(self) -> HTTPConnection:
        connection = (
            HTTPSConnection(self._address, timeout=CONNECT_SECONDS, context=_tls())
            if self._is_encrypted
            else HTTPConnection(self._address, timeout=CONNECT_SECONDS)
        )
        try:
            connection.connect()
        except OSError as error:
            raise self._no_response(error) from error
        connection.sock.settimeout(READ_SECONDS)
        return connection

    def _no_response(self, error: Exception) -> NoResponse:
        return NoResponse(f"{self._address} did not respond: {error or type(error).__name__}")


def dynamodb_endpoint(environment: Mapping[str, str], region: str) -> str:
    """Return the URL of DynamoDB, which the variables of the AWS SDKs may set."""
    given = environment.get("AWS_ENDPOINT_URL_DYNAMODB") or environment.get("AWS_ENDPOINT_URL")
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return given or f"https://dynamodb.{region}.{suffix}"


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _is_open(connection: HTTPConnection) -> bool:
    """Return whether an idle connection can be used. One that the service has closed, perhaps
    while Lambda had suspended the process, is readable."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)


def _error_response(status: int, content: bytes) -> dict[str, Any]:
    """Return what botocore makes of an error. A proxy may answer with something else than
    JSON."""
    try:
        parsed: dict[str, Any] = _parse(content)
        code = str(parsed.pop("__type")).rpartition("#")[2]
    except (ValueError, LookupError, TypeError, AttributeError):
        parsed, code = {}, str(status)
    message = str(parsed.get("message") or parsed.get("Message") or "")
    return {
        **parsed,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }


def _parse(content: bytes) -> Any:
    # Bytes are the only values that JSON does not have; most responses have none.
    return json.loads(content, object_hook=_decode_bytes if b'"B"' in content else None)


def _encode_bytes(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"DynamoDB has no attribute type for {type(value).__name__}")


_ENCODER = json.JSONEncoder(default=_encode_bytes, separators=(",", ":"))


def _decode_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """Decode an attribute {"B": text}. An item may also have an attribute named B."""
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": b64decode(found["B"])}
    return found
