"""The life of a deployment: created by CloudFormation, used, monitored, and destroyed.

The tests run in order, in one account. While the scheduled job is awaited, each right is taken
away once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from chalicelib.domain.collection.visitor import effective_visitor
from chalicelib.services.report_days import day_of
from chalicelib.storage.aws.api_function import ApiFunction, NoAnswer, api_function_of
from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.throttles import ALL_METHODS, method_throttles, parse_throttle
from devkit.project_paths import ROOT
from operate.aws import gateway_settings
from operate.aws.gateway_settings import COLLECT, JOB
from tests.end_to_end.deployed import (
    BUCKET,
    STACK,
    STAGE,
    VISITOR_KEY,
    Deployed,
    create_stack,
    emulated,
    everything_left,
    put_template,
)
from tests.end_to_end.product import Reply
from tests.end_to_end.roles import client_in_role
from tests.end_to_end.waiting import until
from tests.privileges import Grant, Policy, granted, policy, without
from tests.resources_template import of_type, resolved
from tests.route_walk import Send, Step, walk, walk_collecting
from tests.world import CHROME, page_view

SITE = "whole.example"
EDGE = ROOT / "infra" / "edge.yaml"
EXPORT = ROOT / "infra" / "export.yaml"
EXPORT_STACK = "liveinsight-prod-export"
EXPORT_BUCKET = "liveinsight-sessions"
STATS = f"/api/stats?site={SITE}&period=24h"


_numbers = count(1)


@pytest.fixture(scope="module")
def visited(deployed: Deployed) -> Deployed:
    """Send two page views of a session that is still active."""
    first = deployed.post(page_view(f"https://{SITE}/", user_id="ann"))
    same = {"session_id": first.json["session_id"], "user_id": "ann"}
    assert deployed.post(page_view(f"https://{SITE}/pricing", **same)).status == 200
    return deployed


def failed_steps(deployed: Deployed) -> Iterator[str]:
    """Return the failed steps of a walk over every route by a new visitor."""
    return _failed(walk, deployed.send)


def failed_collecting(deployed: Deployed) -> Iterator[str]:
    """Return the failed steps of a walk over the routes of the Function URL."""
    return _failed(walk_collecting, deployed.send_to_url)


def _failed(
    walk_routes: Callable[[Send, str], Iterator[Step]], request: Callable[..., Reply]
) -> Iterator[str]:
    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        reply = request(method, path, headers, body)
        return reply.status, reply.text

    steps = walk_routes(send, f"walker{next(_numbers)}")
    return (f"{step}: {status}" for step, status in steps if status != 200)


def test_every_route_works(visited: Deployed):
    assert list(failed_steps(visited)) == []


@pytest.mark.parametrize("path", ["/", "/tracker.js", "/health"])
def test_monitors_can_use_head(visited: Deployed, path: str):
    reply = visited.send("HEAD", path)

    assert (reply.status, reply.text) == (200, "")


@pytest.mark.parametrize("grant", sorted(granted(STAGE, "api_handler")), ids="-".join)
def test_removing_a_grant_breaks_a_route(visited: Deployed, grant: Grant):
    with visited.policy("api_handler", without(policy(STAGE, "api_handler"), grant)):
        step = next(failed_steps(visited), None)
        if step is None:  # some is asked for only by a process that has nothing in memory
            visited.restart("api_handler")
            step = next(failed_steps(visited), None)

    assert step is not None


def test_every_route_of_the_function_url_works(visited: Deployed):
    assert list(failed_collecting(visited)) == []


@pytest.mark.parametrize("grant", sorted(granted(STAGE, COLLECT)), ids="-".join)
def test_removing_a_grant_breaks_collecting(visited: Deployed, grant: Grant):
    with visited.policy(COLLECT, without(policy(STAGE, COLLECT), grant)):
        step = next(failed_collecting(visited), None)
        if step is None:
            visited.restart(COLLECT)
            step = next(failed_collecting(visited), None)

    assert step is not None


def test_event_sent_to_the_function_url_is_stored_and_counted(visited: Deployed):
    headers = {"content-type": "text/plain", "origin": "https://url.example"}
    body = json.dumps(page_view("https://url.example/")).encode()

    reply = visited.send_to_url("POST", "/events", headers, body)

    session_id = reply.json["session_id"]
    assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (200, "*")
    stored = visited.tables.events.of_session(session_id)
    assert [event.event_id for event in stored] == [reply.json["event_id"]]
    period = "/api/stats?site=url.example&period=24h"
    assert visited.read(period)["totals"]["pageviews"] == 1


def test_function_url_answers_preflights_and_serves_the_tracker(visited: Deployed):
    asked = {"origin": "https://url.example", "access-control-request-method": "POST"}
    preflight = visited.send_to_url("OPTIONS", "/events", asked)
    tracker = visited.send_to_url("GET", "/tracker.js")

    assert preflight.status in (200, 204)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert (tracker.status, "sendBeacon" in tracker.text) == (200, True)


def metrics(deployed: Deployed, function: str) -> set[str]:
    """Return the names of the metrics in the function's log."""
    return {
        metric["Name"]
        for line in deployed.logged(function)
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        if directive["Namespace"] == "LiveInsight"
        for metric in directive["Metrics"]
    }


def test_session_is_closed_by_the_scheduled_job(visited: Deployed):
    stats = until(
        lambda: visited.read(STATS), lambda s: s["meta"]["open_sessions"] == 0, pause_seconds=1
    )

    totals = stats["totals"]
    assert (totals["sessions"], totals["pageviews"], totals["bounce_rate"]) == (1, 2, 0)
    entry_pages = stats["breakdowns"]["entry_page"]["rows"]
    assert [(row["value"], row["sessions"]) for row in entry_pages] == [("/", 1)]


def test_job_can_check_the_api_and_finds_it_healthy(deployed: Deployed):
    arn = deployed.client("lambda").get_function(
        FunctionName=gateway_settings.function_name(STAGE, JOB)
    )
    api = api_function_of(arn["Configuration"]["FunctionArn"], JOB)
    job = policy(STAGE, JOB)
    nothing = {**job, "Statement": [s for s in job["Statement"] if s["Sid"] != "HealthCheck"]}

    with client_in_role("lambda", deployed.environment, job) as client:
        assert ApiFunction(api, client).get("/health") == 200
        with deployed.policy("api_handler", denied_tables(policy(STAGE, "api_handler"))):
            assert ApiFunction(api, client).get("/health") == 503
    with (
        client_in_role("lambda", deployed.environment, nothing) as client,
        pytest.raises(NoAnswer, match="AccessDenied"),
    ):
        ApiFunction(api, client).get("/health")


def denied_tables(document: Policy) -> Policy:
    """Return a policy without batch reads, which the health check needs."""
    return {
        **document,
        "Statement": [
            {**s, "Action": [a for a in s["Action"] if a != "dynamodb:BatchGetItem"]}
            for s in document["Statement"]
        ],
    }


def test_metrics_are_in_the_logs(deployed: Deployed):
    assert metrics(deployed, "api_handler") >= {"EventsProcessed", "ProcessingTime"}
    assert metrics(deployed, COLLECT) >= {"EventsProcessed", "ProcessingTime"}
    assert metrics(deployed, JOB) >= {"SessionsClosed", "JobLagSeconds"}


def test_logs_hold_no_address_and_no_user_agent(deployed: Deployed):
    functions = ("api_handler", COLLECT, JOB)
    output = json.dumps([deployed.logged(function) for function in functions])

    assert "127.0.0.1" not in output
    assert CHROME not in output
    assert '"ann"' not in output


def test_alarms_and_dashboard_exist(deployed: Deployed):
    cloudwatch = deployed.client("cloudwatch")
    alarms = {alarm["AlarmName"] for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    expected = {
        resolved(alarm["AlarmName"], STAGE)
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if "Metrics" not in alarm  # the emulator knows none with a formula
    }
    dashboard = cloudwatch.get_dashboard(DashboardName="LiveInsight")

    assert expected
    assert alarms == expected
    assert json.loads(dashboard["DashboardBody"])["widgets"]


def test_visitor_key_is_not_in_functions_stacks_or_logs(deployed: Deployed):
    """The sessions of users were closed above, which needs the key."""
    items = deployed.tables.database.scan(deployed.settings.sessions_table)
    users = {i["user_id"]: i for i in items if "user_id" in i}
    functions = deployed.client("lambda").list_functions()["Functions"]
    stack = deployed.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    logs = [
        event["message"]
        for group in deployed.client("logs").describe_log_groups()["logGroups"]
        for event in deployed.client("logs").filter_log_events(
            logGroupName=group["logGroupName"]
        )["events"]
    ]

    assert users
    for user_id, item in users.items():
        expected = effective_visitor("", user_id, site=item["site"], key=VISITOR_KEY.encode())
        assert item["visitor"] == expected
    assert len(functions) == 4
    assert logs
    assert VISITOR_KEY not in json.dumps([functions, stack, logs], default=str)


def test_logs_are_kept_for_a_week(deployed: Deployed):
    groups = deployed.client("logs").describe_log_groups()["logGroups"]

    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {
        "/aws/lambda/liveinsight-prod": 7,
        "/aws/lambda/liveinsight-prod-collect": 7,
        "/aws/lambda/liveinsight-prod-scan": 7,
        "/aws/lambda/liveinsight-prod-expire_sessions": 7,
        "/aws/apigateway/liveinsight-prod": 7,
    }


def test_stage_is_throttled_and_not_traced(deployed: Deployed):
    api = deployed.physical["RestAPI"]
    stages = deployed.client("apigateway").get_stages(restApiId=api)["item"]

    assert [stage["stageName"] for stage in stages] == [STAGE]
    given = stages[0]["methodSettings"]
    for (verb, path), throttle in method_throttles(1000).items():
        assert parse_throttle(given[f"{path}/{verb}"]) == throttle
    assert not stages[0].get("tracingEnabled")


def test_flood_of_one_method_is_throttled_alone(deployed: Deployed):
    burst = method_throttles(1000)[ALL_METHODS].burst

    statuses = [deployed.send("OPTIONS", "/api/export").status for _ in range(burst + 3)]

    assert statuses[:burst] == [200] * burst
    assert 429 in statuses[burst:]
    assert deployed.send("OPTIONS", "/api/stats").status == 200
    assert deployed.post(page_view("https://whole.example/flooded")).status == 200


def test_gateway_answers_unknown_paths_in_our_error_format(deployed: Deployed):
    """Set by API calls, as after `chalice deploy`; the emulator does not read it from
    Swagger."""
    client, api = deployed.client("apigateway"), deployed.physical["RestAPI"]
    for kind, answer in gateway_settings.gateway_responses("*").items():
        client.put_gateway_response(restApiId=api, responseType=kind, **answer)
    client.create_deployment(restApiId=api, stageName=STAGE)

    reply = deployed.send("GET", "/nothing/here")

    assert reply.status == 403
    assert reply.json["status"] == "error"
    assert reply.json["message"] == "Not found."
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_finished_day_is_exported_with_the_export_stack(deployed: Deployed):
    """Today counts as finished, pending since yesterday. The emulator has no TLS, which the
    bucket's own policy requires."""
    template = read_template(EXPORT)
    del template["Resources"]["BucketPolicy"]
    create_stack(
        deployed.environment,
        template,
        EXPORT_STACK,
        BucketName=EXPORT_BUCKET,
        JobRole=deployed.physical["ExpireSessionsRole"],
    )
    deployed.configure(JOB, EXPORT_BUCKET=EXPORT_BUCKET)
    now = time.time_ns() // 1_000_000
    today, yesterday = (day_of(at, deployed.settings) for at in (now, now - 86_400_000))
    deployed.tables.compaction_queue.enqueue(yesterday, today, SITE)

    deployed.run_minute_job()

    result = deployed.client("s3").list_objects_v2(Bucket=EXPORT_BUCKET)["Contents"]
    assert [one["Key"] for one in result] == [
        f"sessions/site={SITE}/day={today}/part-0000.ndjson.gz"
    ]


def test_edge_stack_is_created_and_deleted(deployed: Deployed):
    made = create_stack(
        deployed.environment,
        read_template(EDGE),
        "liveinsight-prod-edge",
        ApiDomain=f"{deployed.physical['RestAPI']}.execute-api.us-east-1.amazonaws.com",
        CollectDomain="abc.lambda-url.us-east-1.on.aws",
        DomainName="stats.example.com",
        EdgeSecret="of-the-edge-" * 4,
        CertificateArn="arn:aws:acm:us-east-1:000000000000:certificate/one",
    )
    deployed.delete_stack("liveinsight-prod-edge")

    assert "Distribution" in made
    assert made["Files"] not in everything_left(deployed.environment)


def test_deploying_the_same_package_changes_nothing(deployed: Deployed):
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
    result = until(
        lambda: cloudformation.describe_change_set(ChangeSetName=change["Id"]),
        lambda described: not described["Status"].endswith(("PENDING", "PROGRESS")),
    )

    assert result["Changes"] == []


def test_destroy_leaves_nothing(deployed: Deployed):
    """The stack keeps only the tables, which are deleted then."""
    dynamodb = deployed.client("dynamodb")
    tables = {deployed.physical[table] for table in of_type("AWS::DynamoDB::Table")}

    for stack in (EXPORT_STACK, STACK):
        deployed.delete_stack(stack)
    assert set(everything_left(deployed.environment)) == {*tables, BUCKET, EXPORT_BUCKET}

    for table in tables:
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)
    for bucket in (BUCKET, EXPORT_BUCKET):
        deployed.remove_bucket(bucket)
    assert until(lambda: everything_left(deployed.environment), lambda left: left == []) == []
