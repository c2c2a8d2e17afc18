"""The function that scans is invoked with retries."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.storage.aws import scan_function
from chalicelib.storage.aws.retries import Unavailable, within
from chalicelib.storage.aws.scan_function import (
    FunctionMissing,
    ScanFunction,
    scan_function_of,
)

ANSWER: dict[str, Any] = {"days": {}}


class Client:
    """Answers with each of the outcomes in turn."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes = list(outcomes)
        self.calls = 0

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "liveinsight-prod-scan"
        assert json.loads(Payload) == {"site": "example.com"}
        self.calls += 1
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return dict(outcome)


def reply(body: Any, **more: Any) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(body).encode())} | more


def error(code: str, status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Invoke")


def scan(client: Client) -> dict[str, Any]:
    return ScanFunction("liveinsight-prod-scan", client).scan({"site": "example.com"})


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(error("TooManyRequestsException", 429), id="throttled"),
        pytest.param(error("ServiceException", 500), id="service"),
        pytest.param(ReadTimeoutError(endpoint_url="lambda"), id="late"),
        pytest.param(reply({"errorType": "Timeout"}, FunctionError="Unhandled"), id="crashed"),
    ],
)
def test_failed_invocation_is_retried(failure: Any):
    client = Client(failure, reply(ANSWER))

    assert scan(client) == ANSWER
    assert client.calls == 2


def test_invocation_is_not_retried_after_the_deadline():
    with within(0), pytest.raises(Unavailable):
        scan(Client())


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_missing_function_is_not_invoked_again(code: str):
    client = Client(error(code))
    function = ScanFunction("liveinsight-prod-scan", client)

    for _ in range(2):
        with pytest.raises(FunctionMissing):
            function.scan({"site": "example.com"})

    assert client.calls == 1


def test_function_belongs_to_the_stage_of_the_api():
    function = scan_function_of({"AWS_LAMBDA_FUNCTION_NAME": "liveinsight-prod"})

    assert function is not None
    assert function.name == "liveinsight-prod-scan"
    assert scan_function_of({}) is None


def test_client_makes_one_attempt_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    config = scan_function._lambda_client().meta.config

    assert config.read_timeout == scan_function.ANSWER_SECONDS
    assert config.retries["total_max_attempts"] == 1
