"""`make cost` prices the usage that CloudWatch counted. AWS's responses are recorded, and the
sums are calculated by hand next to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from operate.aws import cloudwatch
from operate.aws.stage import ConnectedStage, read_stage
from operate.errors import CommandError
from operate.inspect import cost
from operate.inspect.usage import Table, Usage, measure_usage
from tests.operate.actions import granted, of_calls
from tests.operate.command_line import run_command
from tests.operate.recorded import Recorded
from tests.world import START, minutes, new_world, page_view

DAYS = 30
FROM, TO = datetime(2026, 10, 29, tzinfo=UTC), datetime(2026, 11, 27, 12, tzinfo=UTC)
API, JOB = "liveinsight-prod", "liveinsight-prod-expire_sessions"
COLLECT = "liveinsight-prod-collect"
EVENTS, SESSIONS = "LiveInsight-Events", "LiveInsight-Sessions"
ACTIVE, ROLLUPS = "LiveInsight-ActiveSessions", "LiveInsight-Rollups"

# What CloudWatch has counted in the whole time, by metric and the values of its dimensions.
COUNTED = {
    ("Count", "liveinsight", "prod"): 1_200_000,
    ("Invocations", API): 1_000_000,
    ("Duration", API): 40_000_000,
    ("Invocations", COLLECT): 2_000_000,
    ("Duration", COLLECT): 60_000_000,
    ("Invocations", JOB): 43_200,
    ("Duration", JOB): 2_160_000,
    ("ConsumedWriteCapacityUnits", EVENTS): 2_000_000,
    ("ConsumedReadCapacityUnits", EVENTS): 1_000_000,
    ("ConsumedWriteCapacityUnits", SESSIONS): 400_000,
    ("ConsumedWriteCapacityUnits", SESSIONS, "UserIndex"): 400_000,
    ("ConsumedReadCapacityUnits", SESSIONS, "UserIndex"): 200_000,
    ("ConsumedReadCapacityUnits", ACTIVE): 8_000_000,
    ("ConsumedWriteCapacityUnits", ROLLUPS): 160_000,
    ("IncomingBytes", f"/aws/lambda/{API}"): 1_500_000_000,
    ("IncomingBytes", f"/aws/lambda/{JOB}"): 500_000_000,
}
HOURS = {("EventsProcessed", "prod"): 720, ("Dropped", "bot", "prod"): 360}
SIZES: dict[str, dict[str, Any]] = {
    EVENTS: {"TableSizeBytes": 900_000_000, "ItemCount": 1_000_000},
    SESSIONS: {
        "TableSizeBytes": 300_000_000,
        "ItemCount": 500_000,
        "GlobalSecondaryIndexes": [
            {"IndexName": "UserIndex", "IndexSizeBytes": 100_000_000, "ItemCount": 500_000}
        ],
    },
    ACTIVE: {"TableSizeBytes": 0, "ItemCount": 0},
    ROLLUPS: {"TableSizeBytes": 100_000_000, "ItemCount": 0},
}


def metric_data(params: dict[str, Any]) -> dict[str, Any]:
    """Return the total of a month as a value per day, and of the app's metrics as a value per
    hour."""
    results = []
    for query in params["MetricDataQueries"]:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        key = (metric["MetricName"], *(d["Value"] for d in metric["Dimensions"]))
        if stat["Stat"] == "SampleCount":
            assert stat["Period"] == 3600
            values = [1.0] * HOURS[key]
        else:
            values = [COUNTED[key] / DAYS] * DAYS if key in COUNTED else []
        results.append({"Id": query["Id"], "Values": values, "StatusCode": "Complete"})
    return {"MetricDataResults": results}


def own_metrics(_: dict[str, Any]) -> dict[str, Any]:
    names = {"EventsProcessed": ("Stage",), "Dropped": ("Reason", "Stage")}
    return {
        "Metrics": [
            {
                "Namespace": "LiveInsight",
                "MetricName": key[0],
                "Dimensions": [
                    {"Name": n, "Value": v} for n, v in zip(names[key[0]], key[1:], strict=True)
                ],
            }
            for key in HOURS
        ]
    }


QUERIES = {
    "by route": [
        {"route": "GET /api/stats", "requests": "100", "time": "2000"},
        {"route": "POST /events", "requests": "300", "time": "2000"},
    ],
    "by @log": [
        {"@log": f"123456789012:/aws/lambda/{API}", "billed": "500", "measured": "400"},
        {"@log": f"123456789012:/aws/lambda/{JOB}", "billed": "60", "measured": "60"},
    ],
}


def query_results(params: dict[str, Any]) -> dict[str, Any]:
    rows = QUERIES[params["queryId"]]
    return {
        "status": "Complete",
        "results": [[{"field": n, "value": v} for n, v in row.items()] for row in rows],
    }


def table(params: dict[str, Any], mode: str = "PAY_PER_REQUEST") -> dict[str, Any]:
    return {
        "Table": {**SIZES[params["TableName"]], "BillingModeSummary": {"BillingMode": mode}}
    }


def backups(params: dict[str, Any]) -> dict[str, Any]:
    status = "DISABLED" if params["TableName"] == ACTIVE else "ENABLED"
    recovery = {"PointInTimeRecoveryStatus": status}
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": recovery,
        }
    }


def log_groups(params: dict[str, Any]) -> dict[str, Any]:
    """Return log groups; the prefix also finds the other groups next to the API's."""
    sizes = {
        f"/aws/lambda/{API}": 700_000_000,
        f"/aws/lambda/{COLLECT}": 0,
        f"/aws/lambda/{JOB}": 300_000_000,
    }
    prefix = params["logGroupNamePrefix"]
    return {
        "logGroups": [
            {"logGroupName": name, "storedBytes": size}
            for name, size in sizes.items()
            if name.startswith(prefix)
        ]
    }


STAT = {"MetricStat": {"Metric": {"MetricName": "x"}, "Period": 300, "Stat": "Sum"}, "Id": "x"}
ANSWERS: dict[str, Any] = {
    "cloudwatch:GetMetricData": metric_data,
    "cloudwatch:ListMetrics": own_metrics,
    "cloudwatch:DescribeAlarms": {
        "MetricAlarms": [
            {"AlarmName": "LiveInsight-One", "MetricName": "Errors"},
            {
                "AlarmName": "LiveInsight-Three",
                "Metrics": [{"Id": "sum", "Expression": "SUM(METRICS())"}, STAT, STAT, STAT],
            },
        ]
    },
    "cloudwatch:GetDashboard": {"DashboardName": "LiveInsight"},
    "lambda:GetFunctionConfiguration": lambda params: {
        "MemorySize": 1024 if params["FunctionName"] == API else 512
    },
    "dynamodb:DescribeTable": table,
    "dynamodb:DescribeContinuousBackups": backups,
    "logs:DescribeLogGroups": log_groups,
    "logs:StartQuery": lambda params: {
        "queryId": next(name for name in QUERIES if name in params["queryString"])
    },
    "logs:GetQueryResults": query_results,
}


def usage(**changes: Any) -> Usage:
    recorded = Recorded(ANSWERS | changes)
    result = measure_usage(read_stage("prod"), recorded.account(), FROM, TO)
    assert of_calls(recorded.calls) <= granted()
    return result


def usd(found: Usage, *, of_url: bool = False) -> dict[str, float]:
    """Return the costs by the words before the first comma; the routes of the Function URL only
    on request."""
    return {
        line.item.split(",")[0]: line.usd
        for line in cost.bill(found)
        if (line.section == cost.COLLECTING) == of_url
    }


def test_routes_share_requests_and_time():
    """A million of 1.2 million requests reach the function, three quarters of them events:
    750,000 x 3.50 / M = 2.625, and x 0.20 / M = 0.15. Its 40,000 s are billed as 50,000 GB-s at
    1,024 MB, which are 0.66667; half of that time is the events'."""
    result = usd(usage())

    assert result["POST /events"] == pytest.approx(2.625 + 0.15 + 0.333335)
    assert result["GET /api/stats"] == pytest.approx(0.875 + 0.05 + 0.333335)
    assert result["answered by API Gateway alone (preflight"] == pytest.approx(0.70)


def test_routes_of_the_function_url_cost_no_request_to_the_gateway():
    """Of two million invocations at 0.20 / M, three quarters are events: 0.30. Their half of
    60,000 s at 512 MB is 15,000 GB-s: 0.2."""
    result = usd(usage(), of_url=True)

    assert result["POST /events"] == pytest.approx(0.30 + 15_000 * 0.0000133334)
    assert sum(result.values()) == pytest.approx(0.40 + 30_000 * 0.0000133334)


def test_stage_of_an_earlier_version_has_no_costs_of_collecting():
    def missing(params: dict[str, Any]) -> dict[str, Any] | str:
        if params["FunctionName"] == COLLECT:
            return "ResourceNotFoundException"
        return {"MemorySize": 1024}

    result = usage(**{"lambda:GetFunctionConfiguration": missing})

    assert set(usd(result, of_url=True).values()) == {0.0}


def test_tables_cost_units_storage_and_backups():
    """Events: 2 M x 0.625 / M + 1 M x 0.125 / M + 1 GB with overhead x (0.25 + 0.20).
    Sessions: 0.8 M written with the index, 0.2 M read, 0.5 GB. ActiveSessions: 8 M read, no
    backups. Rollups: 0.16 M written, 0.1 GB."""
    result = usd(usage())

    assert result[EVENTS] == pytest.approx(1.25 + 0.125 + 0.45)
    assert result[SESSIONS] == pytest.approx(0.5 + 0.025 + 0.225)
    assert result[ACTIVE] == pytest.approx(1.0)
    assert result[ROLLUPS] == pytest.approx(0.1 + 0.045)


def test_other_costs_are_job_logs_alarms_metrics_and_dashboard():
    """The job: 43,200 x 0.20 / M + 1,080 GB-s. Logs: 2 GB x 0.50 + 1 GB kept x 0.03. Four alarm
    metrics x 0.10. Metrics: 1,080 hours of 720 x 0.30."""
    result = usd(usage())

    assert result[f"function {JOB}"] == pytest.approx(0.00864 + 1080 * 0.0000133334)
    assert result["logs"] == pytest.approx(1.0 + 0.03)
    assert result["alarms"] == pytest.approx(0.4)
    assert result["metrics of the app"] == pytest.approx(0.45)
    assert result["CloudWatch dashboard"] == 3.0


def test_total_is_printed_with_the_price_of_a_million_page_views():
    lines = list(cost.format_bill(cost.bill(usage()), 500_000))

    assert lines[:3] == [
        "\nAPI, by route",
        "    3.1083  POST /events, 750,000 requests",
        "    1.2583  GET /api/stats, 250,000 requests",
    ]
    assert lines[-2] == "\n   14.4897  USD in 30 days"
    assert lines[-1] == "     28.98  USD per million page views (500,000 page views)"
    assert sum("\n" in line for line in lines) == 5  # four sections and the sum


def test_without_page_views_there_is_no_price_of_a_million():
    assert list(cost.format_bill(cost.bill(usage()), 0))[-1].endswith("USD in 30 days")


def test_log_without_routes_shows_the_api_as_one_line():
    nothing = {"status": "Complete", "results": []}
    result = usage(**{"logs:GetQueryResults": nothing})

    assert usd(result)["all routes"] == pytest.approx(3.5 + 0.2 + 40_000 * 0.0000133334)
    assert "has no routes" in "\n".join(cost.notes(result, log_level="INFO", region="x"))


def test_stage_without_traffic_has_only_fixed_costs():
    def nothing(params: dict[str, Any]) -> dict[str, Any]:
        results = [{"Id": q["Id"], "Values": []} for q in params["MetricDataQueries"]]
        return {"MetricDataResults": results}

    result = usage(
        **{
            "cloudwatch:GetMetricData": nothing,
            "cloudwatch:ListMetrics": {"Metrics": []},
            "cloudwatch:DescribeAlarms": {"MetricAlarms": []},
            "cloudwatch:GetDashboard": "ResourceNotFound: no such dashboard",
            "logs:GetQueryResults": {"status": "Complete", "results": []},
        }
    )

    stored = 1.0 * 0.45 + 0.5 * 0.45 + 0.1 * 0.45
    assert sum(line.usd for line in cost.bill(result)) == pytest.approx(stored + 0.03)


def test_requests_beyond_a_tier_are_cheaper():
    """Of 400 million, 333 million cost 3.50 and the rest 2.80."""
    result = replace(usage(), requests=400_000_000)
    gateway = sum(
        line.usd
        for line in cost.bill(result)
        if line.item.startswith("answered by API Gateway")
    )

    each = (333 * 3.5 + 67 * 2.8) / 400_000_000
    assert gateway == pytest.approx(399_000_000 * each)


def test_provisioned_tables_are_named_as_not_included():
    def provisioned(params: dict[str, Any]) -> Mapping[str, Any]:
        return table(params, mode="PROVISIONED")

    result = usage(**{"dynamodb:DescribeTable": provisioned})

    assert usd(result)[ACTIVE] == 0
    told = "\n".join(cost.notes(result, log_level="INFO", region="us-east-1"))
    assert "Provisioned capacity of tables is not included" in told


@pytest.mark.parametrize(
    ("log_level", "region", "said"),
    [
        ("INFO", "us-east-1", "the last 7 days"),
        ("ERROR", "us-east-1", "failed requests only"),
        ("INFO", "eu-central-1", "Prices are those of us-east-1; eu-central-1 may differ"),
    ],
)
def test_estimate_is_explained(log_level: str, region: str, said: str):
    notes = "\n".join(cost.notes(usage(), log_level=log_level, region=region))

    assert said in notes
    assert "Not included: data out" in notes


def test_command_waits_for_the_query_and_reports_its_failure(monkeypatch: pytest.MonkeyPatch):
    answers = iter(["Scheduled", "Running"])

    def slow(params: dict[str, Any]) -> dict[str, Any]:
        status = next(answers, "Complete")
        return query_results(params) if status == "Complete" else {"status": status}

    monkeypatch.setattr(cloudwatch, "time", SimpleNamespace(sleep=lambda _: None))
    assert [route.requests for route in usage(**{"logs:GetQueryResults": slow}).routes] == [
        300,
        100,
    ]
    with pytest.raises(CommandError, match="status Failed"):
        usage(**{"logs:GetQueryResults": {"status": "Failed"}})


def test_page_views_cover_the_same_thirty_days():
    world = new_world(SITES="shop.example,blog.example")
    opened = ConnectedStage(world.settings, world.tables)
    world.send(page_view("https://shop.example/"), page_view("https://shop.example/a"))
    world.send(page_view("https://blog.example/"))
    now = minutes(180)
    world.close(at=minutes(60))

    assert cost.count_pageviews(opened, now) == 3
    assert cost.count_pageviews(opened, now + 31 * 86_400_000) == 0
    first = cost.period_start(opened, now)
    assert first.timestamp() * 1000 <= START
    assert (datetime.fromtimestamp(now / 1000, UTC) - first).days == 29


def test_table_without_a_summary_of_its_billing_is_provisioned():
    """DynamoDB returns none for a table that has never been on demand."""
    result = usage(**{"dynamodb:DescribeTable": lambda p: {"Table": SIZES[p["TableName"]]}})

    assert not any(one.is_on_demand for one in result.tables.values())
    assert isinstance(result.tables[EVENTS], Table)


def test_missing_stage_is_reported(monkeypatch: pytest.MonkeyPatch):
    missing = {"lambda:GetFunctionConfiguration": "ResourceNotFoundException: not found"}
    account = Recorded(ANSWERS | missing).account()
    monkeypatch.setattr("operate.aws.region.account_of", lambda *_: account)

    with pytest.raises(
        CommandError, match="Stage prod is not deployed: make deploy STAGE=prod"
    ):
        run_command("cost", "--stage", "prod")
