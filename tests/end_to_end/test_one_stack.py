"""The whole life of a deployment: made by CloudFormation, used, watched, and gone."""

from __future__ import annotations

import json

from local.stack import settled
from operate import gateway
from tests.end_to_end.deployed import (
    BUCKET,
    STACK,
    STAGE,
    Deployed,
    emulated,
    everything_left,
    put_template,
)
from tests.end_to_end.waiting import until
from tests.resources_template import of_type, resolved
from tests.world import CHROME, page_view

SITE = "whole.example"
STATS = f"/api/stats?site={SITE}&period=24h"


def metrics(deployed: Deployed, function: str) -> set[str]:
    """The names of those that CloudWatch makes of the function's log."""
    return {
        metric["Name"]
        for line in deployed.logged(function)
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        if directive["Namespace"] == "LiveInsight"
        for metric in directive["Metrics"]
    }


def test_a_session_is_counted_and_closed_by_the_job_that_nobody_called(deployed: Deployed):
    first = deployed.post(page_view(f"https://{SITE}/", user_id="ann"))
    same = {"session_id": first.json["session_id"], "user_id": "ann"}
    assert deployed.post(page_view(f"https://{SITE}/pricing", **same)).status == 200

    stats = until(lambda: deployed.read(STATS), lambda s: s["meta"]["open_sessions"] == 0)

    totals = stats["totals"]
    assert (totals["sessions"], totals["pageviews"], totals["bounce_rate"]) == (1, 2, 0)
    entry_pages = stats["breakdowns"]["entry_page"]["rows"]
    assert [(row["value"], row["sessions"]) for row in entry_pages] == [("/", 1)]


def test_metrics_are_in_the_logs(deployed: Deployed):
    assert metrics(deployed, "api_handler") >= {"EventsProcessed", "ProcessingTime"}
    assert metrics(deployed, gateway.JOB) >= {"SessionsClosed", "JobLagSeconds"}


def test_logs_hold_no_address_and_no_user_agent(deployed: Deployed):
    said = json.dumps(deployed.logged("api_handler") + deployed.logged(gateway.JOB))

    assert "127.0.0.1" not in said
    assert CHROME not in said
    assert '"ann"' not in said


def test_alarms_and_their_dashboard_are_there(deployed: Deployed):
    cloudwatch = deployed.client("cloudwatch")
    alarms = {alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    expected = {
        resolved(alarm["AlarmName"], STAGE)
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if "Metrics" not in alarm  # the emulator knows none with a formula
    }
    dashboard = cloudwatch.get_dashboard(DashboardName="LiveInsight")

    assert len(expected) >= 8
    assert alarms == expected
    assert json.loads(dashboard["DashboardBody"])["widgets"]


def test_logs_are_kept_for_a_week_and_nobody_made_others(deployed: Deployed):
    groups = deployed.client("logs").describe_log_groups()["logGroups"]

    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        "/aws/lambda/liveinsight-prod": 7,
        "/aws/lambda/liveinsight-prod-expire_sessions": 7,
        "/aws/apigateway/liveinsight-prod": 7,
    }


def test_the_stage_is_throttled_and_traced(deployed: Deployed):
    api = deployed.physical["RestAPI"]
    stages = deployed.client("apigateway").get_stages(restApiId=api)["item"]

    assert [stage["stageName"] for stage in stages] == [STAGE]
    throttling = stages[0]["methodSettings"]["*/*"]
    assert throttling["throttlingRateLimit"] == 16.67
    assert throttling["throttlingBurstLimit"] == 50
    assert stages[0]["tracingEnabled"] is True


def test_the_gateway_says_in_our_form_that_there_is_no_such_path(deployed: Deployed):
    """Put in calls, as after `chalice deploy`; the emulator does not read them in Swagger."""
    client, api = deployed.client("apigateway"), deployed.physical["RestAPI"]
    for kind, answer in gateway.gateway_responses("*").items():
        client.put_gateway_response(restApiId=api, responseType=kind, **answer)
    client.create_deployment(restApiId=api, stageName=STAGE)

    reply = deployed.send("GET", "/nothing/here")

    assert reply.status == 403
    assert reply.json["status"] == "error"
    assert "nothing at this path" in reply.json["message"]
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_the_same_package_again_changes_nothing(deployed: Deployed):
    cloudformation = deployed.client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    change = cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName="again",
        TemplateURL=put_template(emulated(deployed.template), deployed.environment),
        Parameters=[
            {"ParameterKey": p["ParameterKey"], "UsePreviousValue": True}
            for p in stack["Parameters"]
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    found = until(
        lambda: cloudformation.describe_change_set(ChangeSetName=change["Id"]),
        lambda described: not described["Status"].endswith(("PENDING", "PROGRESS")),
    )

    assert found["Changes"] == []


def test_destroyed_without_leftovers(deployed: Deployed):
    """The stack leaves the tables, and only those; then they go."""
    cloudformation, dynamodb = deployed.client("cloudformation"), deployed.client("dynamodb")
    tables = {deployed.physical[table] for table in of_type("AWS::DynamoDB::Table")}

    cloudformation.delete_stack(StackName=STACK)
    assert settled(cloudformation, STACK) is None
    assert set(everything_left(deployed.environment)) == {*tables, BUCKET}

    for table in tables:
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)
    for key in ("deployment.zip", "stack.json"):
        deployed.client("s3").delete_object(Bucket=BUCKET, Key=key)
    deployed.client("s3").delete_bucket(Bucket=BUCKET)
    assert until(lambda: everything_left(deployed.environment), lambda left: left == []) == []
