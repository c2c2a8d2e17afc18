"""The clients for AWS: botocore's own, made to start and to respond quickly.

boto3 would also load S3 transfers, a tenth of a cold start. botocore validates each parameter
against a model, and parses each attribute of a response with one, although both are plain JSON.
Without that, a call takes two thirds of the CPU time, and a full page of a scan a third.
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

# botocore makes no client without a region. Lambda and `make run` set one, and the commands in
# operate/ use the stage's. Only `chalice local` without `make run` may have none. With this one
# the app starts anyway, and reports that it has no tables. It deploys no stage.
DEFAULT_REGION = "us-east-1"
CONNECT_SECONDS, READ_SECONDS = 2, 5  # so an attempt takes seven seconds at most
READING = ("GetItem", "BatchGetItem", "Query", "Scan", "UpdateItem")


def dynamodb_client(session: Session | None = None) -> DynamoDBClient:
    """A client that makes one attempt per call: retries.py repeats it, since it knows how much
    time is left."""
    client: DynamoDBClient = _client("dynamodb", session or get_session())
    install_fast_parser(client)
    return client


def parameter_store_client(session: Session) -> Any:
    """A client of the session that the DynamoDB client comes from: a second session would load
    the credentials again, which takes four times as long."""
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
    """Parse responses as plain JSON. A version of botocore without this event parses them
    itself."""
    for operation in READING:
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _read)


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Parse a response as JSON. botocore turns errors into exceptions."""
    body = response_dict["body"]
    if response_dict["status_code"] >= 300 or not body:
        return
    # Bytes are the only values that JSON does not have; most responses have none.
    has_bytes = b'"B"' in body
    answer = json.loads(body, object_hook=_with_bytes if has_bytes else None)
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    """Decode an attribute {"B": text}. An item may also have an attribute named B."""
    if len(value) == 1 and isinstance(value.get("B"), str):
        return {"B": b64decode(value["B"])}
    return value
