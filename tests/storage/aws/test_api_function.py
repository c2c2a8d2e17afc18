"""The job invokes the API's function without API Gateway, and reads its response."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.session import get_session
from botocore.stub import Stubber

from chalicelib.storage.aws.api_function import ApiFunction, NoAnswer, api_function_of

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:liveinsight-prod"


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = get_session().create_client(
        "lambda", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        yield stubber


def api(stub: Stubber) -> ApiFunction:
    return ApiFunction(ARN, stub.client)


def answered(payload: Any, **more: str) -> dict[str, Any]:
    return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(payload).encode()), **more}


@pytest.mark.parametrize("status", [200, 503])
def test_check_returns_the_status_of_the_api(stub: Stubber, status: int):
    stub.add_response("invoke", answered({"statusCode": status, "body": "{}"}))

    assert api(stub).get("/health") == status


def test_function_is_called_by_its_arn_with_a_request_for_the_path(stub: Stubber):
    calls: list[dict[str, Any]] = []
    stub.client.meta.events.register(
        "provide-client-params.lambda.Invoke", lambda params, **_: calls.append(params)
    )
    stub.add_response("invoke", answered({"statusCode": 200}))
    api(stub).get("/health")

    (call,) = calls
    assert call["FunctionName"] == ARN
    assert json.loads(call["Payload"])["requestContext"]["resourcePath"] == "/health"


def test_crashed_function_gives_no_response(stub: Stubber):
    payload = {"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"}
    stub.add_response("invoke", answered(payload, FunctionError="Unhandled"))

    with pytest.raises(NoAnswer, match="ImportModuleError"):
        api(stub).get("/health")


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "ResourceNotFoundException", "AccessDeniedException"]
)
def test_call_rejected_by_lambda_gives_no_response(stub: Stubber, code: str):
    stub.add_client_error("invoke", code)

    with pytest.raises(NoAnswer, match=code):
        api(stub).get("/health")


def test_slow_function_gives_no_response():
    class Slow:
        def invoke(self, **_: Any) -> dict[str, Any]:
            raise ReadTimeoutError(endpoint_url="https://lambda.example")

    with pytest.raises(NoAnswer, match="ReadTimeoutError"):
        ApiFunction(ARN, Slow()).get("/health")


@pytest.mark.parametrize("qualifier", ["", ":live", ":7"])
def test_name_of_the_function_is_derived_from_the_job(qualifier: str):
    assert api_function_of(f"{ARN}-expire_sessions{qualifier}", "expire_sessions") == ARN
