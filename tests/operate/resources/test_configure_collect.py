"""The settings of the collect function that Chalice does not have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from operate.aws.collect_settings import (
    HANDLER,
    LOGGING,
    WITHOUT_FUNCTION_URLS,
    url_settings,
)
from operate.aws.stage import read_stage
from operate.resources.configure_collect import configure_collect, unlimited_note
from tests.operate.recorded import Recorded
from tests.world import settings

PROD = read_stage("prod")
NAME = "liveinsight-prod-collect"


def quota(unreserved: int) -> dict[str, Any]:
    return {
        "AccountLimit": {
            "ConcurrentExecutions": 1_000,
            "UnreservedConcurrentExecutions": unreserved,
        }
    }


def made(params: dict[str, Any]) -> dict[str, Any]:
    return {
        "FunctionUrl": "https://abc.lambda-url.eu-central-1.on.aws/",
        "FunctionArn": f"arn:aws:lambda:eu-central-1:123456789012:function:{NAME}",
        "AuthType": params["AuthType"],
        "CreationTime": "2026-11-01T00:00:00Z",
    }


FRESH: dict[str, Any] = {
    "lambda:GetFunctionConfiguration": {"Handler": HANDLER, "LoggingConfig": LOGGING},
    "lambda:GetFunctionConcurrency": {},
    "lambda:GetAccountSettings": quota(1_000),
    "lambda:PutFunctionConcurrency": {},
    "lambda:DeleteFunctionConcurrency": {},
    "lambda:GetFunctionUrlConfig": "ResourceNotFoundException",
    "lambda:CreateFunctionUrlConfig": made,
    "lambda:GetPolicy": "ResourceNotFoundException",
    "lambda:AddPermission": {},
}


def changes(recorded: Recorded) -> list[str]:
    return [name for _, name in recorded.calls if not name.startswith("Get")]


def test_new_function_is_limited_before_it_can_be_called():
    recorded = Recorded(FRESH)

    configure_collect(PROD, settings(), recorded.account())

    assert changes(recorded) == [
        "PutFunctionConcurrency",
        "CreateFunctionUrlConfig",
        "AddPermission",
        "AddPermission",
    ]


@pytest.mark.parametrize(("unreserved", "reserves"), [(110, True), (109, False), (10, False)])
def test_concurrency_is_reserved_if_the_quota_leaves_a_hundred(unreserved: int, reserves: bool):
    recorded = Recorded(FRESH | {"lambda:GetAccountSettings": quota(unreserved)})

    configure_collect(PROD, settings(), recorded.account())

    assert ("PutFunctionConcurrency" in changes(recorded)) is reserves


def test_own_reservation_counts_as_free():
    given = {"ReservedConcurrentExecutions": 10}
    recorded = Recorded(
        FRESH
        | {
            "lambda:GetAccountSettings": quota(100),
            "lambda:GetFunctionConcurrency": given,
        }
    )

    configure_collect(PROD, settings(), recorded.account())

    assert "DeleteFunctionConcurrency" not in changes(recorded)


def test_reservation_that_the_quota_no_longer_allows_is_removed():
    recorded = Recorded(
        FRESH
        | {
            "lambda:GetAccountSettings": quota(990),
            "lambda:GetFunctionConcurrency": {"ReservedConcurrentExecutions": 10},
        }
    )

    busy = settings(RATE_LIMIT_PER_MINUTE="600000")
    configure_collect(PROD, busy, recorded.account())

    assert changes(recorded)[0] == "DeleteFunctionConcurrency"
    assert "too small to reserve 4,500 of them" in unlimited_note(PROD, busy)


def test_reservation_in_config_json_takes_precedence():
    config = {**PROD.config, "reserved_concurrency": 3}
    reserved: list[int] = []

    def put(params: dict[str, Any]) -> dict[str, Any]:
        reserved.append(params["ReservedConcurrentExecutions"])
        return {}

    recorded = Recorded(FRESH | {"lambda:PutFunctionConcurrency": put})
    configure_collect(replace(PROD, config=config), settings(), recorded.account())

    assert reserved == [3]


def test_region_without_function_urls_has_no_url():
    recorded = Recorded(FRESH)
    account = recorded.account().in_region(WITHOUT_FUNCTION_URLS[0])

    configure_collect(PROD, settings(), account)

    assert changes(recorded) == ["PutFunctionConcurrency"]


def test_pages_of_the_configured_origin_may_read_responses():
    cors = url_settings("https://shop.example")["Cors"]

    assert cors["AllowOrigins"] == ["https://shop.example"]
    assert "Content-Type" in cors["AllowHeaders"]
    assert cors["MaxAge"] == 86_400
