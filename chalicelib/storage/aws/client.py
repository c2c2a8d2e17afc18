"""The clients for AWS: botocore's own, made to start and to answer quickly.

boto3 would load S3's transfers with it, a tenth of a cold start. Botocore checks each parameter
by a model of it, and takes each attribute of an answer through one; both are JSON that is right
as it is. Without that a call takes two thirds of the CPU, and a full page of a scan a third.
"""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import NoRegionError
from botocore.session import Session, get_session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Botocore makes no client without a region. Lambda and `make run` set one, and the commands in
# operate/ use the stage's. Only `chalice local` without `make run` can lack one: with this one
# the app starts all the same, and says that it has no tables. No stage is deployed by it.
DEFAULT_REGION = "us-east-1"
CONNECT_SECONDS, READ_SECONDS = 2, 5  # so an attempt takes seven seconds at most
READING = ("GetItem", "BatchGetItem", "Query", "Scan", "UpdateItem")


def dynamodb_client(session: Session | None = None) -> DynamoDBClient:
    """A client that makes one attempt a call: database.py decides on the next one, as it knows
    how much time is left."""
    client: DynamoDBClient = _client("dynamodb", session or get_session())
    install_fast_parser(client)
    return client


def parameter_store_client(session: Session) -> Any:
    """Of the session that the client for DynamoDB comes from: a second one would look for the
    credentials again and take four times as long."""
    return _client("ssm", session)


def _client(service: str, session: Session) -> Any:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=32,
        parameter_validation=False,
        user_agent="liveinsight",
    )
    try:
        return session.create_client(service, config=config)
    except NoRegionError:
        return session.create_client(service, config=config, region_name=DEFAULT_REGION)


def install_fast_parser(client: DynamoDBClient) -> None:
    """Have answers read as the JSON that they are. A botocore that does not ask before it reads
    one reads it itself."""
    for operation in READING:
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _read)


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Errors are left to botocore, which makes exceptions of them."""
    body = response_dict["body"]
    if response_dict["status_code"] >= 300 or not body:
        return
    # Bytes are all that JSON does not know; most answers have none.
    has_bytes = b'"B"' in body
    answer = json.loads(body, object_hook=_with_bytes if has_bytes else None)
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _with_bytes(found: dict[str, Any]) -> dict[str, Any]:
    """An attribute {"B": text} is bytes; an item that has an attribute called B is an item."""
    if len(found) == 1 and isinstance(found.get("B"), str):
        return {"B": b64decode(found["B"])}
    return found
