"""`make doctor` says for each thing that a stage depends on whether it is right, and what to
do. AWS's responses are recorded; test_doctor_account.py uses an emulated account."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from operate.aws.collect_settings import HANDLER, PERMISSIONS, url_settings
from operate.aws.http_client import Reply
from operate.aws.stage import Stage, read_stage
from operate.build.runtime import RUNTIME
from operate.errors import CommandError
from operate.inspect import doctor
from operate.inspect.findings import CheckContext
from operate.resources.table_settings import table_properties
from tests.operate.actions import granted, of_calls
from tests.operate.command_line import run_command
from tests.operate.recorded import Recorded
from tests.resources_template import of_type, resolved

COLLECT = "liveinsight-prod-collect"
TODAY = date(2026, 11, 27)
TOPIC = "arn:aws:sns:eu-central-1:123456789012:LiveInsight-Alarms"
RESOURCES: dict[str, Any] = {
    "StackName": "liveinsight-prod-resources",
    "CreationTime": datetime(2026, 11, 1, tzinfo=UTC),
    "StackStatus": "CREATE_COMPLETE",
    "Parameters": [{"ParameterKey": "Stage", "ParameterValue": "prod"}],
    "Outputs": [{"OutputKey": "AlarmTopic", "OutputValue": TOPIC}],
}


def stage(**own: Any) -> Stage:
    """Return stage prod with these settings in config.json."""
    known = read_stage("prod")
    config = {**known.config, "stages": {**known.config["stages"]}}
    config["stages"]["prod"] = {**config["stages"]["prod"], **own}
    return replace(known, config=config)


def stack(params: dict[str, Any]) -> Any:
    if params["StackName"] == RESOURCES["StackName"]:
        return {"Stacks": [RESOURCES]}
    return f"ValidationError: Stack with id {params['StackName']} does not exist"


def function(params: dict[str, Any], **more: Any) -> dict[str, Any]:
    variables = {"EVENTS_TABLE": "LiveInsight-Events", "SITES": "shop.example"}
    return {
        "FunctionName": params["FunctionName"],
        "Runtime": "python3.13",
        "Handler": HANDLER if params["FunctionName"] == COLLECT else "app.app",
        "Environment": {"Variables": variables},
    } | more


def table(params: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Describe the table as the template creates it."""
    (properties,) = [p for p in TABLES.values() if p["TableName"] == params["TableName"]]
    kept = (
        "KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled", "OnDemandThroughput",
        "TableName",
    )  # fmt: skip
    made = {name: properties[name] for name in kept if name in properties} | {
        "BillingModeSummary": {"BillingMode": properties["BillingMode"]},
    }
    if "GlobalSecondaryIndexes" in properties:
        made["GlobalSecondaryIndexes"] = [
            {k: v for k, v in index.items() if k in ("IndexName", "OnDemandThroughput")}
            for index in properties["GlobalSecondaryIndexes"]
        ]
    return {"Table": made | more}


TABLES = table_properties({"Stage": "prod"})
ALARMS = [
    str(resolved(alarm["AlarmName"], "prod"))
    for alarm in of_type("AWS::CloudWatch::Alarm").values()
]


def time_to_live(params: dict[str, Any]) -> dict[str, Any]:
    (properties,) = [p for p in TABLES.values() if p["TableName"] == params["TableName"]]
    name = properties["TimeToLiveSpecification"]["AttributeName"]
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": name}}


def backups(params: dict[str, Any]) -> dict[str, Any]:
    (properties,) = [p for p in TABLES.values() if p["TableName"] == params["TableName"]]
    given = properties.get("PointInTimeRecoverySpecification", {})
    status = "ENABLED" if given.get("PointInTimeRecoveryEnabled") else "DISABLED"
    recovery = {"PointInTimeRecoveryStatus": status} | (
        {"RecoveryPeriodInDays": given.get("RecoveryPeriodInDays", 35)}
        if status == "ENABLED"
        else {}
    )
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        }
    }


def alarms(**states: str) -> dict[str, Any]:
    """Return all alarms in state OK, except those whose names end with one of these words."""

    def state(name: str) -> str:
        ends = [value for word, value in states.items() if name.endswith(word)]
        return ends[0] if ends else "OK"

    return {
        "MetricAlarms": [
            {
                "AlarmName": name,
                "StateValue": state(name),
                "AlarmDescription": "Read on in docs.",
            }
            for name in ALARMS
        ]
    }


def limit(number: int) -> dict[str, Any]:
    return {
        "AccountLimit": {
            "ConcurrentExecutions": number,
            "UnreservedConcurrentExecutions": number,
        }
    }


def subscribed(*arns: str) -> dict[str, Any]:
    return {
        "Subscriptions": [
            {"SubscriptionArn": arn, "Endpoint": f"{n}@shop.example", "Protocol": "email"}
            for n, arn in enumerate(arns)
        ]
    }


def url(_: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the Function URL as AWS might: with names in lower case, and defaults."""
    settings = url_settings("*")
    names = [name.lower() for name in settings["Cors"]["AllowHeaders"]]
    return {
        "FunctionUrl": "https://abc.lambda-url.eu-central-1.on.aws/",
        "FunctionArn": f"arn:aws:lambda:eu-central-1:123456789012:function:{COLLECT}",
        "CreationTime": "2026-11-01T00:00:00Z",
        "LastModifiedTime": "2026-11-01T00:00:00Z",
        **settings,
        "Cors": {**settings["Cors"], "AllowHeaders": names, "AllowCredentials": False},
    } | more


def policy(*sids: str) -> dict[str, Any]:
    """Return the function's policy with these statements."""
    conditions = {
        "FunctionURLAllowPublicAccess": {
            "StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}
        },
        "FunctionURLAllowInvokeAction": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    }
    statements = [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": "*",
            "Action": PERMISSIONS[sid]["Action"],
            "Condition": conditions[sid],
        }
        for sid in sids
    ]
    return {"Policy": json.dumps({"Statement": statements})}


HEALTHY: dict[str, Any] = {
    "lambda:GetAccountSettings": limit(1000),
    "lambda:GetFunctionConfiguration": function,
    "lambda:GetFunctionConcurrency": lambda params: (
        {"ReservedConcurrentExecutions": 10} if params["FunctionName"] == COLLECT else {}
    ),
    "lambda:GetFunctionUrlConfig": url,
    "lambda:GetPolicy": lambda _: policy(*PERMISSIONS),
    "cloudformation:DescribeStacks": stack,
    "cloudwatch:DescribeAlarms": alarms(),
    "sns:ListSubscriptionsByTopic": subscribed(f"{TOPIC}:1"),
    "dynamodb:DescribeTable": table,
    "dynamodb:DescribeTimeToLive": time_to_live,
    "dynamodb:DescribeContinuousBackups": backups,
    "dynamodb:GetItem": {},
    "apigateway:GetRestApis": {"items": []},
}


def findings(
    changes: Mapping[str, Any] | None = None, of: Stage | None = None, **more: Any
) -> dict[str, list[tuple[str, str]]]:
    """Return verdict and sentence by subject, with these responses instead of those of a
    healthy stage."""
    recorded = Recorded(HEALTHY | dict(changes or {}))
    patient = CheckContext(of or stage(), recorded.account(), more.pop("today", TODAY), **more)
    result: dict[str, list[tuple[str, str]]] = {}
    for finding in doctor.examine(patient):
        result.setdefault(finding.subject, []).append((finding.verdict, finding.sentence))
    assert of_calls(recorded.calls) <= granted()
    return result


def worst(found: dict[str, list[tuple[str, str]]]) -> dict[str, str]:
    order = ["ok", "look", "wrong"]
    return {
        subject: max((verdict for verdict, _ in some), key=order.index)
        for subject, some in found.items()
    }


def test_healthy_stage_passes_every_check():
    assert set(worst(findings()).values()) == {"ok"}


@pytest.mark.parametrize(("number", "verdict"), [(10, "look"), (99, "look"), (100, "ok")])
def test_low_concurrency_quota_is_a_warning(number: int, verdict: str):
    ((found, sentence),) = findings({"lambda:GetAccountSettings": limit(number)})[
        "Lambda concurrency"
    ]

    assert found == verdict
    assert f"{number} invocations" in sentence
    assert ("Service Quotas" in sentence) == (verdict == "look")


@pytest.mark.parametrize(("reserved", "verdict"), [(901, "wrong"), (900, "ok")])
def test_reservation_above_the_quota_is_an_error(reserved: int, verdict: str):
    configured = stage(lambda_functions={"api_handler": {"reserved_concurrency": reserved}})

    assert worst(findings(of=configured))["Lambda concurrency"] == verdict


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"lambda:GetFunctionUrlConfig": "ResourceNotFoundException"}, "wrong", "has none"),
        ({"lambda:GetFunctionUrlConfig": partial(url, AuthType="AWS_IAM")}, "wrong", "CORS"),
        ({"lambda:GetFunctionUrlConfig": partial(url, Cors={})}, "wrong", "CORS_ORIGIN"),
        (
            {"lambda:GetPolicy": lambda _: policy("FunctionURLAllowPublicAccess")},
            "wrong",
            "answers 403, because .* lacks FunctionURLAllowInvokeAction",
        ),
        ({"lambda:GetPolicy": "ResourceNotFoundException"}, "wrong", "AllowPublicAccess and"),
        (
            {"lambda:GetFunctionConfiguration": partial(function, Handler="app.x")},
            "look",
            "starts slower",
        ),
    ],
)
def test_function_url_that_is_not_as_deployed_is_reported(
    changes: dict[str, Any], verdict: str, words: str
):
    result = findings(changes)

    assert worst(result)["Function URL"] == verdict
    assert re.search(words, str(result["Function URL"]))


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, "ok", "10 reserved: at most 100 requests a second"),
        ({"lambda:GetFunctionConcurrency": {}}, "look", "only the account's quota"),
        (
            {
                "lambda:GetFunctionConcurrency": {},
                "lambda:GetAccountSettings": limit(10),
            },
            "look",
            "too small to reserve 10 .* MAX_USD",
        ),
        (
            {"lambda:GetFunctionConcurrency": {"ReservedConcurrentExecutions": 5}},
            "wrong",
            "has 5 reserved, .* needs 10",
        ),
    ],
)
def test_what_limits_the_requests_to_the_function_url_is_reported(
    changes: dict[str, Any], verdict: str, words: str
):
    ((found, sentence),) = findings(changes)["Limit of collecting"]

    assert found == verdict
    assert re.search(words, sentence)


def test_unexpected_reserved_concurrency_is_an_error():
    ((_, first), (_, second), _) = findings(
        {"lambda:GetFunctionConcurrency": {"ReservedConcurrentExecutions": 5}}
    )["Reserved concurrency"]

    assert "liveinsight-prod has 5 reserved, .chalice/config.json says none" in first
    assert "make deploy STAGE=prod" in second


@pytest.mark.parametrize(
    ("runtime", "today", "verdict"),
    [
        ("python3.13", TODAY, "ok"),
        ("python3.11", date(2026, 12, 31), "ok"),
        ("python3.11", date(2027, 1, 1), "look"),
        ("python3.11", date(2027, 6, 29), "look"),
        ("python3.11", date(2027, 6, 30), "wrong"),
        ("python3.13", date(2029, 6, 30), "wrong"),
        ("python3.99", TODAY, "look"),
    ],
)
def test_runtime_is_judged_by_its_end_date(runtime: str, today: date, verdict: str):
    changes = {
        "lambda:GetFunctionConfiguration": lambda params: function(params, Runtime=runtime)
    }
    result = findings(changes, today=today)

    assert worst(result)["Runtime"] == verdict
    assert len(result["Runtime"]) == 4
    if verdict == "wrong":
        move = "Update LiveInsight" if runtime == RUNTIME else f"moves it to {RUNTIME}"
        assert move in result["Runtime"][0][1]


@pytest.mark.parametrize(
    ("arns", "verdict", "said"),
    [
        ([f"{TOPIC}:1", f"{TOPIC}:2"], "ok", "2 of 2 subscriptions are confirmed"),
        (["PendingConfirmation"], "wrong", "0@shop.example has not confirmed"),
        ([f"{TOPIC}:1", "PendingConfirmation"], "wrong", "1@shop.example has not confirmed"),
        ([], "wrong", "EMAIL=you@example.com"),
    ],
)
def test_unconfirmed_email_subscription_is_reported(arns: list[str], verdict: str, said: str):
    result = findings({"sns:ListSubscriptionsByTopic": subscribed(*arns)})

    assert worst(result)["Alarm emails"] == verdict
    assert said in result["Alarm emails"][0][1]


def test_disabled_alarms_are_a_warning():
    def off(params: dict[str, Any]) -> Mapping[str, Any] | str:
        result = stack(params)
        if isinstance(result, str):
            return result
        parameters = [
            *RESOURCES["Parameters"],
            {"ParameterKey": "Watching", "ParameterValue": "off"},
        ]
        return {"Stacks": [{**RESOURCES, "Parameters": parameters, "Outputs": []}]}

    result = worst(
        findings(
            {
                "cloudformation:DescribeStacks": off,
                "cloudwatch:DescribeAlarms": {"MetricAlarms": []},
            }
        )
    )

    assert (result["Alarm emails"], result["Alarms"]) == ("look", "look")


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        (
            {"dynamodb:DescribeTable": lambda p: table(p, DeletionProtectionEnabled=False)},
            "deletion protection",
        ),
        (
            {
                "dynamodb:DescribeTable": lambda p: table(
                    p, BillingModeSummary={"BillingMode": "PROVISIONED"}
                )
            },
            "billing mode",
        ),
        (
            {
                "dynamodb:DescribeTable": lambda p: table(
                    p, OnDemandThroughput={"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 7}
                )
            },
            "maximum throughput",
        ),
        (
            {
                "dynamodb:DescribeTimeToLive": {
                    "TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}
                }
            },
            "time to live",
        ),
        (
            {
                "dynamodb:DescribeContinuousBackups": {
                    "ContinuousBackupsDescription": {
                        "ContinuousBackupsStatus": "ENABLED",
                        "PointInTimeRecoveryDescription": {
                            "PointInTimeRecoveryStatus": "DISABLED"
                        },
                    }
                }
            },
            "point-in-time recovery",
        ),
    ],
)
def test_drift_of_any_table_setting_is_an_error(changes: dict[str, Any], setting: str):
    result = findings(changes)["Tables"]

    drifted = [sentence for verdict, sentence in result if verdict == "wrong"]
    assert drifted
    for sentence in drifted:
        assert setting in sentence
        assert "make deploy STAGE=prod sets them" in sentence


def test_missing_table_does_not_stop_the_other_checks():
    def one_missing(params: dict[str, Any]) -> Mapping[str, Any] | str:
        missing = params["TableName"] == "LiveInsight-Events"
        return "ResourceNotFoundException: not found" if missing else table(params)

    result = findings({"dynamodb:DescribeTable": one_missing})["Tables"]

    assert sorted(verdict for verdict, _ in result) == ["look", "ok", "ok", "ok"]


COLLECT_DOMAIN = {"ParameterKey": "CollectDomain", "ParameterValue": "abc.lambda-url.x.on.aws"}
EDGE_STACK = {
    **RESOURCES,
    "StackName": "liveinsight-prod-edge",
    "Parameters": [COLLECT_DOMAIN],
}
WITH_EDGE = {
    "cloudformation:DescribeStacks": lambda params: (
        {"Stacks": [EDGE_STACK]} if params["StackName"].endswith("-edge") else stack(params)
    ),
    "apigateway:GetRestApis": {"items": [{"id": "abc123", "name": "liveinsight"}]},
    "apigateway:GetResources": {
        "items": [
            {
                "id": "r1",
                "path": "/health",
                "resourceMethods": {
                    "GET": {
                        "methodIntegration": {
                            "uri": "arn:aws:lambda:eu-central-1:1:function:liveinsight-prod/x"
                        }
                    }
                },
            }
        ]
    },
}


BEHIND_EDGE = {"TRUSTED_PROXIES": "2", "EDGE_SECRET_HASHES": "0" * 64}


def with_variables(**variables: str) -> dict[str, Any]:
    result = {"Variables": variables}
    return {
        "lambda:GetFunctionConfiguration": lambda params: function(params, Environment=result)
    }


@pytest.mark.parametrize(
    ("variables", "has_edge", "said"),
    [
        (BEHIND_EDGE, True, ""),
        (BEHIND_EDGE, False, ""),
        ({}, False, ""),
        ({}, True, "TRUSTED_PROXIES is 0"),
        ({"TRUSTED_PROXIES": "2"}, True, "EDGE_SECRET_HASHES is empty"),
        ({"TRUSTED_PROXIES": "1"}, False, "EDGE_SECRET_HASHES is empty"),
    ],
)
def test_visitors_behind_one_proxy_address_are_reported(
    variables: dict[str, str], has_edge: bool, said: str
):
    changes = (WITH_EDGE if has_edge else {}) | with_variables(**variables)
    result = findings(changes, send=lambda *_: Reply(403, {}, ""))["Edge"]
    wrong = [sentence for verdict, sentence in result if verdict == "wrong"]

    assert len(wrong) == bool(said)
    assert all(said in sentence for sentence in wrong)


def test_edge_that_sends_events_to_the_api_is_a_warning():
    older = {**EDGE_STACK, "Parameters": []}
    described = {
        "cloudformation:DescribeStacks": lambda params: (
            {"Stacks": [older]} if params["StackName"].endswith("-edge") else stack(params)
        )
    }
    changes = WITH_EDGE | described | with_variables(**BEHIND_EDGE)
    result = findings(changes, send=lambda *_: Reply(403, {}, ""))["Edge"]

    assert [verdict for verdict, _ in result] == ["look", "ok"]
    assert "CollectDomain" in result[0][1]


@pytest.mark.parametrize(("status", "verdict"), [(200, "look"), (403, "ok")])
def test_api_reachable_without_the_edge_is_a_warning(status: int, verdict: str):
    requests: list[str] = []

    def send(method: str, url: str) -> Reply:
        requests.append(f"{method} {url}")
        return Reply(status, {}, "")

    changes = WITH_EDGE | with_variables(**BEHIND_EDGE)
    assert worst(findings(changes, send=send))["Edge"] == verdict
    assert requests == ["GET https://abc123.execute-api.eu-central-1.amazonaws.com/prod/health"]


def test_active_alarm_is_an_error_with_a_link_to_the_docs():
    result = findings({"cloudwatch:DescribeAlarms": alarms(**{"Api-Down": "ALARM"})})["Alarms"]

    assert ("wrong", "LiveInsight-Api-Down is in ALARM. Read on in docs.") in result


def test_job_that_has_never_run_is_a_warning():
    states = {
        "Job-NotRunning": "INSUFFICIENT_DATA",
        "Duration-api_handler": "INSUFFICIENT_DATA",
    }
    result = findings({"cloudwatch:DescribeAlarms": alarms(**states)})["Alarms"]

    (sentence,) = [sentence for verdict, sentence in result if verdict == "look"]
    assert "the job has never run" in sentence


def test_missing_alarm_is_an_error():
    some = {"MetricAlarms": alarms()["MetricAlarms"][1:]}
    result = findings({"cloudwatch:DescribeAlarms": some})["Alarms"]

    assert ("wrong", f"missing: {ALARMS[0]}. make deploy STAGE=prod creates them.") in result


@pytest.mark.parametrize(("left", "verdict"), [(255, "look"), (256, "ok")])
def test_nearly_full_environment_is_a_warning(left: int, verdict: str):
    empty = len('{"SITES":""}')
    full = {"Variables": {"SITES": "x" * (4096 - empty - left)}}
    changes = {
        "lambda:GetFunctionConfiguration": lambda params: function(params, Environment=full)
    }
    result = findings(changes)["Environment variables"]

    assert {v for v, _ in result} == {verdict}
    assert f"{left} of 4,096 bytes left" in result[0][1]


@pytest.mark.parametrize(
    "call",
    sorted(set(HEALTHY) - {"apigateway:GetRestApis", "dynamodb:GetItem"}),
)
def test_unanswered_check_gives_a_reason_and_the_others_continue(call: str):
    healthy = findings()
    result = findings({call: "AccessDeniedException: not for you"})

    assert result.keys() == healthy.keys()
    unanswered = [
        sentence
        for some in result.values()
        for verdict, sentence in some
        if "could not be checked" in sentence and verdict == "look"
    ]
    assert unanswered
    for sentence in unanswered:
        assert call.split(":")[1] in sentence
        assert "AccessDeniedException" in sentence


def test_check_that_fails_for_another_reason_quotes_aws():
    result = findings({"lambda:GetAccountSettings": "ThrottlingException: Rate exceeded"})

    ((verdict, sentence),) = result["Lambda concurrency"]
    assert verdict == "look"
    assert sentence.endswith("rejected GetAccountSettings (ThrottlingException): Rate exceeded")


def test_missing_stage_is_reported_with_instructions():
    missing = "ResourceNotFoundException: not found"
    result = findings(
        {
            "lambda:GetFunctionConfiguration": missing,
            "dynamodb:DescribeTable": missing,
            "dynamodb:GetItem": missing,
            "cloudformation:DescribeStacks": "ValidationError: Stack does not exist",
            "cloudwatch:DescribeAlarms": {"MetricAlarms": []},
        }
    )

    assert "wrong" not in worst(result).values()
    assert "make deploy STAGE=prod" in result["Runtime"][0][1]


def test_command_prints_a_line_per_finding_and_exits_with_1_on_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def ends(**changes: Any) -> None:
        recorded = Recorded(HEALTHY | changes)
        monkeypatch.delenv("AWS_REGION", raising=False)
        accounts = {"eu-central-1": recorded.account()}
        monkeypatch.setattr("operate.aws.region.open_account", accounts.get)
        run_command("doctor", "--stage", "prod", "--region", "eu-central-1")

    ends()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Stage prod, account 123456789012, region eu-central-1"
    assert all(line.startswith("ok     ") for line in lines[1:])
    with pytest.raises(CommandError, match="1 check found something wrong"):
        ends(**{"sns:ListSubscriptionsByTopic": subscribed()})
    assert "wrong  Alarm emails: no address gets alarms." in capsys.readouterr().out
