"""The alarms of infra/resources.yaml refer to existing metrics, and say what to do."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from devkit.project_paths import ROOT
from operate.aws import gateway_settings
from tests.resources_template import ALL, STAGES, TEMPLATE, of_type, resolved

ALARMS = of_type("AWS::CloudWatch::Alarm")
FUNCTIONS = ["api_handler", gateway_settings.COLLECT, gateway_settings.JOB]

# What the app itself reports; Stage is a dimension of each.
OWN_METRICS = {
    "Errors", "HealthChecksFailed", "JobLagSeconds", "RowsFailed", "TrafficChange",
}  # fmt: skip


def alarm(name: str, stage: str = "prod") -> dict[str, Any]:
    """Return an alarm by its name in prod."""
    (found,) = [a for a in ALARMS.values() if resolved(a["AlarmName"], "prod") == name]
    properties: dict[str, Any] = resolved(found, stage)
    return properties


def summed_for(properties: dict[str, Any]) -> set[tuple[str, int]]:
    """Return an alarm's statistic and its period in seconds."""
    if "MetricName" in properties:
        return {(properties["Statistic"], properties["Period"])}
    parts = [m["MetricStat"] for m in properties["Metrics"] if "MetricStat" in m]
    return {(part["Stat"], part["Period"]) for part in parts}


def metrics(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics of an alarm, with or without a formula."""
    if "MetricName" in properties:
        return [properties]
    return [m["MetricStat"]["Metric"] for m in properties["Metrics"] if "MetricStat" in m]


def dimensions(metric: dict[str, Any]) -> dict[str, Any]:
    return {d["Name"]: d["Value"] for d in metric["Dimensions"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_alarms_on_five_errors_in_five_minutes(function: str):
    result = alarm(f"LiveInsight-Lambda-ErrorRate-{function}")

    crashes, *answered = metrics(result)
    assert dimensions(crashes) == {
        "FunctionName": gateway_settings.function_name("prod", function)
    }
    assert (crashes["Namespace"], crashes["MetricName"]) == ("AWS/Lambda", "Errors")
    if function == "api_handler":
        (metric,) = answered
        assert (metric["Namespace"], metric["MetricName"]) == ("LiveInsight", "Errors")
        assert dimensions(metric) == {"Stage": "prod"}
    assert summed_for(result) == {("Sum", 300)}
    assert (result["DatapointsToAlarm"], result["Threshold"]) == (1, 5)
    assert result["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_alarms_on_a_duration_below_its_timeout(function: str):
    result = alarm(f"LiveInsight-Lambda-Duration-{function}")
    config = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
    timeout = config["stages"]["prod"]["lambda_functions"][function]["lambda_timeout"]

    assert dimensions(result) == {
        "FunctionName": gateway_settings.function_name("prod", function)
    }
    assert 1000 <= result["Threshold"] < timeout * 1000


@pytest.mark.parametrize("kind", ["Read", "Write"])
def test_throttles_alarm_covers_every_table_and_index(kind: str):
    result = alarm(f"LiveInsight-DynamoDB-Throttles-{kind}s")
    watched = [dimensions(metric) for metric in metrics(result)]
    tables = [{"TableName": {"Ref": table}} for table in of_type("AWS::DynamoDB::Table")]
    index = {"TableName": {"Ref": "SessionsTable"}, "GlobalSecondaryIndexName": "UserIndex"}

    assert sorted(watched, key=str) == sorted([*tables, index], key=str)
    assert {metric["MetricName"] for metric in metrics(result)} == {f"{kind}ThrottleEvents"}
    assert result["Metrics"][0]["Expression"] == "SUM(FILL(METRICS(), 0))"


@pytest.mark.parametrize("kind", ["4xx", "5xx"])
def test_alarm_when_a_tenth_of_the_requests_fail(kind: str):
    result = alarm(f"LiveInsight-Api-{kind}", "dev")
    errors, requests = metrics(result)

    assert (errors["MetricName"], requests["MetricName"]) == (f"{kind.upper()}Error", "Count")
    for metric in (errors, requests):
        assert dimensions(metric) == {"ApiName": gateway_settings.APP, "Stage": "dev"}
    assert result["Threshold"] == 0.1
    assert result["ComparisonOperator"] == "GreaterThanThreshold"
    assert re.fullmatch(
        r"IF\(FILL\(requests, 0\) >= \d+, FILL\(errors, 0\) / FILL\(requests, 0\), 0\)",
        result["Metrics"][0]["Expression"],
    )


def test_alarm_when_a_tenth_of_the_collect_requests_fail():
    result = alarm("LiveInsight-Collect-Failing", "dev")

    assert {metric["MetricName"] for metric in metrics(result)} == {
        "Url4xxCount", "Url5xxCount", "UrlRequestCount",
    }  # fmt: skip
    for metric in metrics(result):
        assert metric["Namespace"] == "AWS/Lambda"
        assert dimensions(metric) == {"FunctionName": "liveinsight-dev-collect"}
    assert result["Threshold"] == 0.1
    assert result["ComparisonOperator"] == "GreaterThanThreshold"


def test_alarm_when_the_job_does_not_run():
    (runs,) = metrics(alarm("LiveInsight-Job-NotRunning"))

    assert (runs["Namespace"], runs["MetricName"]) == ("AWS/Lambda", "Invocations")
    assert dimensions(runs) == {"FunctionName": "liveinsight-prod-expire_sessions"}


def test_missing_data_raises_no_alarm():
    """An idle stage reports nothing, and so does a stage without an app."""
    treated = {
        resolved(a["AlarmName"], "prod"): a["TreatMissingData"]
        for a in ALARMS.values()
        if a["TreatMissingData"] != "notBreaching"
    }

    assert treated == {"LiveInsight-Job-NotRunning": "ignore"}


@pytest.mark.parametrize("logical_id", ALARMS)
def test_formulas_fill_the_gaps_of_every_metric(logical_id: str):
    """AWS sends no data points if there is nothing to count."""
    formulas = [
        m["Expression"] for m in ALARMS[logical_id].get("Metrics", []) if "Expression" in m
    ]
    for formula in formulas:
        unfilled = re.sub(r"FILL\((METRICS\(\)|[a-z]+), (0|REPEAT)\)", "", formula)
        assert not re.search(r"[a-z]|METRICS", unfilled), unfilled


def test_every_sparse_metric_is_in_a_formula():
    """Lambda reports every run and request; other metrics have gaps."""
    plain = {
        (properties["Namespace"], properties["MetricName"])
        for properties in ALARMS.values()
        if "MetricName" in properties
    }

    assert plain == {("AWS/Lambda", "Errors"), ("AWS/Lambda", "Duration")}


def test_throttled_invocations_of_every_function_count():
    result = alarm("LiveInsight-Lambda-Throttles")
    watched = [dimensions(metric)["FunctionName"] for metric in metrics(result)]

    assert watched == [
        gateway_settings.function_name("prod", function) for function in FUNCTIONS
    ]
    assert {metric["MetricName"] for metric in metrics(result)} == {"Throttles"}
    assert result["Threshold"] == 1


def test_custom_metrics_have_alarms_in_each_stage():
    own = {
        metric["MetricName"]: dimensions(metric)
        for a in ALARMS.values()
        for metric in metrics(a)
        if metric["Namespace"] == "LiveInsight"
    }

    assert own == {name: {"Stage": {"Ref": "Stage"}} for name in OWN_METRICS}


@pytest.mark.parametrize("logical_id", ALARMS)
def test_alarm_names_include_the_stage_except_in_prod(logical_id: str):
    name = resolved(ALARMS[logical_id]["AlarmName"], "prod")

    assert name.startswith("LiveInsight-")
    assert resolved(ALARMS[logical_id]["AlarmName"], "dev") == f"{name}-dev"


@pytest.mark.parametrize("logical_id", ALARMS)
def test_each_alarm_links_to_the_docs_and_notifies_the_topic(logical_id: str):
    properties = ALARMS[logical_id]

    assert re.search(
        r' See docs/reference/alarms\.md, "[^"]+"\.$', properties["AlarmDescription"]
    )
    assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("logical_id", ALARMS)
def test_section_that_an_alarm_links_to_exists(logical_id: str):
    description = " ".join(ALARMS[logical_id]["AlarmDescription"].split())
    (section,) = re.findall(r'"([^"]+)"\.$', description)

    assert f"\n## {section}\n" in (ROOT / "docs" / "reference" / "alarms.md").read_text("utf-8")


def test_number_of_alarms_is_at_least_the_specified_one():
    assert len(ALARMS) >= 8


def test_docs_state_the_price_of_the_alarms():
    number = sum(len(metrics(properties)) for properties in ALARMS.values())

    assert f"{number} alarm metrics" in TEMPLATE["Parameters"]["Watching"]["Description"]
    text = (ROOT / "docs" / "reference" / "alarms.md").read_text("utf-8")
    words = " ".join(text.split())
    assert f"{number} alarm metrics at 0.10 USD" in words
    assert f"cost {(number - 10) / 10:.2f} USD a month" in words  # ten are free


@pytest.mark.parametrize("stage", STAGES)
def test_cloudwatch_dashboard_shows_every_alarm_and_custom_metric(stage: str):
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    text = dashboard["DashboardBody"]["Fn::Sub"]
    body = json.loads(text.replace("${Stage}", stage))
    shown = {
        arn for widget in body["widgets"] for arn in widget["properties"].get("alarms", [])
    }

    assert shown == {f"${{{logical_id}.Arn}}" for logical_id in ALARMS}
    for name in (
        "EventsProcessed",
        "ProcessingTime",
        "Dropped",
        "SessionsClosed",
        "JobBacklog",
    ):
        assert name in text


def test_widgets_do_not_overlap():
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_one_parameter_turns_monitoring_off():
    watching = {
        logical_id
        for logical_id, resource in ALL.items()
        if resource["Type"].startswith(("AWS::CloudWatch", "AWS::SNS"))
    }
    conditions = {ALL[logical_id].get("Condition") for logical_id in watching}

    assert conditions == {"MonitoringEnabled", "HasAlarmEmail"}
    assert TEMPLATE["Conditions"]["MonitoringEnabled"] == {
        "Fn::Equals": [{"Ref": "Watching"}, "on"]
    }
    assert {"Condition": "MonitoringEnabled"} in TEMPLATE["Conditions"]["HasAlarmEmail"][
        "Fn::And"
    ]
