"""The gateway's own responses have the error format of the app, and pages can read them."""

from __future__ import annotations

import json

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from chalicelib.web import requests
from operate.aws import gateway_settings

ANSWERS = gateway_settings.gateway_responses("https://example.com")


def message(kind: str) -> str:
    """Return the message that a caller reads, with the values that API Gateway inserts."""
    text = ANSWERS[kind]["responseTemplates"]["application/json"]
    body = json.loads(text.replace("$context.error.messageString", '"Forbidden"'))
    assert set(body) == {"status", "message"}
    assert body["status"] == "error"
    return body["message"]


def header(kind: str, name: str) -> str | None:
    result = ANSWERS[kind]["responseParameters"].get(f"gatewayresponse.header.{name}")
    return result.strip("'") if result else None


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_gateway_response_has_the_error_format_and_cors_headers(kind: str):
    assert message(kind)
    assert header(kind, "Access-Control-Allow-Origin") == "https://example.com"
    assert header(kind, "Cache-Control") == "no-store"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("MISSING_AUTHENTICATION_TOKEN", "403"),
        ("REQUEST_TOO_LARGE", "413"),
        ("THROTTLED", "429"),
        ("INTEGRATION_TIMEOUT", "504"),
    ],
)
def test_gateway_responses_have_the_documented_status(kind: str, status: str):
    assert ANSWERS[kind]["statusCode"] == status


def test_gateway_and_app_reject_a_large_body_with_the_same_message():
    assert message("REQUEST_TOO_LARGE") == requests.TOO_LARGE


def test_throttled_response_has_a_retry_after_header():
    assert header("THROTTLED", "Retry-After") == "2"
    assert header("MISSING_AUTHENTICATION_TOKEN", "Retry-After") is None


def test_other_gateway_errors_keep_their_status():
    assert "statusCode" not in ANSWERS["DEFAULT_4XX"]
    assert message("DEFAULT_4XX") == "Forbidden"
    assert "statusCode" not in ANSWERS["DEFAULT_5XX"]


def test_exactly_one_request_in_a_hundred_is_traced():
    rule = gateway_settings.sampling_rule("prod")

    assert (rule["FixedRate"], rule["ReservoirSize"]) == (0.01, 0)
    assert rule["ServiceName"] == "liveinsight/prod"


def test_failed_job_run_is_not_retried():
    assert gateway_settings.JOB_INVOCATION["MaximumRetryAttempts"] == 0


@pytest.mark.parametrize(
    ("service", "shape", "members"),
    [
        ("apigateway", "PutGatewayResponseRequest", ANSWERS["THROTTLED"]),
        ("xray", "SamplingRule", gateway_settings.sampling_rule("prod")),
        ("lambda", "PutFunctionEventInvokeConfigRequest", gateway_settings.JOB_INVOCATION),
    ],
)
def test_boto3_accepts_every_parameter(service: str, shape: str, members: dict[str, object]):
    model = ServiceModel(Loader().load_service_model(service, "service-2"))

    assert set(members) <= set(model.shape_for(shape).members)


def test_function_names_match_those_of_chalice():
    assert gateway_settings.function_name("prod", "api_handler") == "liveinsight-prod"
    assert (
        gateway_settings.function_name("dev", gateway_settings.JOB)
        == "liveinsight-dev-expire_sessions"
    )
