"""The fake responds as the emulator does, which is an independent program: both get the same
random calls, and every response and error is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings

from devkit.emulated_aws.emulator import Emulator
from testing.fake_dynamodb.expressions.values import Unsupported
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from testing.table_definitions import table_definitions
from tests.end_to_end.conftest import emulator as emulator
from tests.testing.fake_dynamodb.calls import EVENTS, SESSIONS, Call, calls


@pytest.fixture(scope="module")
def emulated(emulator: Emulator) -> Iterator[Any]:
    """Return a client of the emulator, with the tables of the template."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=emulator.environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    for definition in table_definitions():
        client.create_table(**definition)
    yield client
    client.close()


@pytest.mark.slow
@given(calls)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_response_matches_the_emulator(emulated: Any, sequence: list[Call]):
    empty(emulated)
    quick = fake_dynamodb()
    for method, request in sequence:
        expected = answer_of(emulated, method, request)
        assert answer_of(quick, method, request) == expected, (method, request)
        assert contents(quick) == contents(emulated), (method, request)


def answer_of(client: Any, method: str, request: Mapping[str, Any]) -> Any:
    """Return every page of a query or a scan; of an error, what the product can see."""
    pages = []
    asked = dict(request)
    try:
        while True:
            answer = getattr(client, method)(**asked)
            pages.append(comparable(answer))
            if "LastEvaluatedKey" not in answer:
                return pages
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    except ClientError as error:
        response = error.response
        reasons = response.get("CancellationReasons", [])
        return (
            response["Error"]["Code"],
            comparable(response.get("Item")),
            [(reason["Code"], comparable(reason.get("Item"))) for reason in reasons],
        )


def comparable(value: Any) -> Any:
    """Remove the consumed capacity, and sort sets and items that have no order."""
    if isinstance(value, dict):
        return {
            name: sorted(one, key=repr) if name in ("SS", SESSIONS, EVENTS) else comparable(one)
            for name, one in value.items()
            if name not in ("ResponseMetadata", "ConsumedCapacity")
        }
    return [comparable(one) for one in value] if isinstance(value, list) else value


def contents(client: Any) -> Any:
    return [answer_of(client, "scan", {"TableName": table}) for table in (SESSIONS, EVENTS)]


def empty(client: Any) -> None:
    for table, names in ((SESSIONS, ["session_id"]), (EVENTS, ["session_id", "event_id"])):
        pages = answer_of(client, "scan", {"TableName": table})
        for item in [item for page in pages for item in page["Items"]]:
            client.delete_item(TableName=table, Key={name: item[name] for name in names})


def test_segments_are_equal_parts_of_the_table():
    quick = fake_dynamodb()
    for number in range(200):
        quick.put_item(TableName=SESSIONS, Item={"session_id": {"S": f"{number}"}})

    parts = [
        [
            item["session_id"]["S"]
            for item in quick.scan(TableName=SESSIONS, Segment=part, TotalSegments=4)["Items"]
        ]
        for part in range(4)
    ]

    together = [key for part in parts for key in part]
    assert sorted(together) == sorted(str(number) for number in range(200))
    assert min(map(len, parts)) > 20


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        pytest.param("scan", {"ReturnConsumedCapacity": "TOTAL"}, id="parameter"),
        pytest.param("scan", {"Select": "SPECIFIC_ATTRIBUTES"}, id="choice"),
        pytest.param(
            "delete_item",
            {"Key": {"session_id": {"S": "a"}}, "ConditionExpression": "a.b[0] = :n"},
            id="path",
        ),
        pytest.param(
            "put_item", {"Item": {"session_id": {"S": "a"}, "n": {"N": "1.5"}}}, id="number"
        ),
        pytest.param(
            "put_item", {"Item": {"session_id": {"S": "a"}, "n": {"M": {}}}}, id="type"
        ),
    ],
)
def test_unsupported_requests_raise(method: str, request_of: dict[str, Any]):
    with pytest.raises(Unsupported):
        getattr(fake_dynamodb(), method)(TableName=SESSIONS, **request_of)
