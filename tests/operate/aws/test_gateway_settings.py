"""What the gateway says by itself has the form of everything else, and lets a page read it."""

from __future__ import annotations

import json

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from chalicelib.web import requests
from operate.aws import gateway_settings

ANSWERS = gateway_settings.gateway_responses("https://example.com")


def message(kind: str) -> str:
    """What a caller reads, with what API Gateway fills in."""
    text = ANSWERS[kind]["responseTemplates"]["application/json"]
    body = json.loads(text.replace("$context.error.messageString", '"Forbidden"'))
    assert set(body) == {"status", "message"}
    assert body["status"] == "error"
    return body["message"]


def header(kind: str, name: str) -> str | None:
    found = ANSWERS[kind]["responseParameters"].get(f"gatewayresponse.header.{name}")
    return found.strip("'") if found else None


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_is_a_sentence_in_the_envelope_and_open_to_the_page(kind: str):
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
def test_answers_have_the_status_that_the_docs_promise(kind: str, status: str):
    assert ANSWERS[kind]["statusCode"] == status


def test_the_gateway_and_the_app_reject_a_large_body_with_the_same_words():
    assert message("REQUEST_TOO_LARGE") == requests.TOO_LARGE


def test_who_is_throttled_is_told_when_to_come_again():
    assert header("THROTTLED", "Retry-After") == "2"
    assert header("MISSING_AUTHENTICATION_TOKEN", "Retry-After") is None


def test_all_other_refusals_of_the_gateway_keep_their_status():
    assert "statusCode" not in ANSWERS["DEFAULT_4XX"]
    assert message("DEFAULT_4XX") == "Forbidden"
    assert "statusCode" not in ANSWERS["DEFAULT_5XX"]


def test_one_request_in_a_hundred_is_traced_and_none_besides():
    rule = gateway_settings.sampling_rule("prod")

    assert (rule["FixedRate"], rule["ReservoirSize"]) == (0.01, 0)
    assert rule["ServiceName"] == "liveinsight/prod"


def test_a_run_of_the_job_that_fails_is_not_repeated():
    assert gateway_settings.JOB_INVOCATION["MaximumRetryAttempts"] == 0


@pytest.mark.parametrize(
    ("service", "shape", "members"),
    [
        ("apigateway", "PutGatewayResponseRequest", ANSWERS["THROTTLED"]),
        ("xray", "SamplingRule", gateway_settings.sampling_rule("prod")),
        ("lambda", "PutFunctionEventInvokeConfigRequest", gateway_settings.JOB_INVOCATION),
    ],
)
def test_aws_knows_every_parameter(service: str, shape: str, members: dict[str, object]):
    model = ServiceModel(Loader().load_service_model(service, "service-2"))

    assert set(members) <= set(model.shape_for(shape).members)


def test_functions_have_the_names_that_chalice_gives():
    assert gateway_settings.function_name("prod", "api_handler") == "liveinsight-prod"
    assert (
        gateway_settings.function_name("dev", gateway_settings.JOB)
        == "liveinsight-dev-expire_sessions"
    )
