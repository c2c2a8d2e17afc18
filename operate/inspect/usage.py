"""What a stage has used that AWS charges for, read from the account.

Totals come from CloudWatch's metrics of the whole period. The shares of the routes, and the
ratio of billed to measured time, come from the logs, which are kept for a week.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from operate.aws import gateway_settings
from operate.aws.account import Account, error_code
from operate.aws.cloudwatch import HOUR_SECONDS, Metric, Metrics, metric, query_logs
from operate.aws.stage import Stage
from operate.aws.stage_alarms import alarms_of
from operate.inspect.logs import existing_log_groups

LOG_DAYS = 7
# A collect request logs its time as ProcessingTime, all others as ms.
ROUTES = (
    "filter ispresent(route) | "
    "stats count(*) as requests, sum(coalesce(ms, ProcessingTime)) as time by route"
)
BILLED = (
    'filter @type = "REPORT" | '
    "stats sum(@billedDuration) as billed, sum(@duration) as measured by @log"
)


@dataclass(frozen=True, slots=True)
class Function:
    """`billed_share` is billed time divided by measured time: Lambda rounds up, and bills cold
    starts."""

    invocations: float
    duration_ms: float
    memory_mb: int
    billed_share: float = 1.0

    @property
    def gb_seconds(self) -> float:
        return self.duration_ms * self.billed_share / 1000 * self.memory_mb / 1024


@dataclass(frozen=True, slots=True)
class Table:
    read_units: float
    write_units: float
    bytes: float
    items: int
    has_backups: bool
    is_on_demand: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The use of a route in the last week."""

    name: str
    requests: float
    ms: float


@dataclass(frozen=True, slots=True)
class Usage:
    requests: float  # to API Gateway
    api: Function
    collect: Function
    scheduled: Mapping[str, Function]
    routes: Sequence[Route]
    collect_routes: Sequence[Route]
    tables: Mapping[str, Table]
    log_bytes: float  # written
    log_bytes_kept: float
    alarm_metrics: int
    metric_hours: float  # hours with data, of each metric of the app
    dashboards: int


def measure_usage(stage: Stage, account: Account, start: datetime, end: datetime) -> Usage:
    metrics = Metrics(account, start, end)
    own = list(_own_metrics(stage, account))
    metrics.read(list(_metrics_of_stage(stage)))
    metrics.read(own, statistic="SampleCount", period=HOUR_SECONDS)
    since = max(start, end - timedelta(days=LOG_DAYS))
    groups = existing_log_groups(stage, account)
    billed = _billed_shares(account, groups, since, end)
    return Usage(
        requests=metrics.sum(_requests(stage)),
        api=_function(account, metrics, stage.api_function, billed),
        collect=_function(account, metrics, stage.collect_function, billed),
        scheduled={
            name: _function(account, metrics, name, billed)
            for name in stage.scheduled_functions
        },
        routes=_routes(account, stage.api_function, groups, since, end),
        collect_routes=_routes(account, stage.collect_function, groups, since, end),
        tables={name: _table(account, metrics, name) for name in stage.tables},
        log_bytes=sum(metrics.sum(_log_bytes(group)) for group in _log_groups(stage)),
        log_bytes_kept=sum(_kept(account, group) for group in _log_groups(stage)),
        alarm_metrics=sum(map(_metrics_of, alarms_of(stage, account))),
        metric_hours=sum(map(metrics.count, own)),
        dashboards=_dashboards(stage, account),
    )


def _metrics_of_stage(stage: Stage) -> Iterator[Metric]:
    yield _requests(stage)
    for name in stage.functions:
        yield _of_function("Invocations", name)
        yield _of_function("Duration", name)
    for name in stage.tables:
        for index in ("", *_INDEXES):
            yield _units("Read", name, index)
            yield _units("Write", name, index)
    yield from map(_log_bytes, _log_groups(stage))


def _requests(stage: Stage) -> Metric:
    return metric(
        "AWS/ApiGateway", "Count", ApiName=gateway_settings.APP, Stage=stage.api_stage
    )


def _of_function(name: str, function: str) -> Metric:
    return metric("AWS/Lambda", name, FunctionName=function)


_INDEXES = ("UserIndex",)  # read for every table; without such an index, the metric is empty


def _units(kind: str, table: str, index: str = "") -> Metric:
    dimensions = {"TableName": table} | ({"GlobalSecondaryIndexName": index} if index else {})
    return metric("AWS/DynamoDB", f"Consumed{kind}CapacityUnits", **dimensions)


def _log_bytes(group: str) -> Metric:
    return metric("AWS/Logs", "IncomingBytes", LogGroupName=group)


def _log_groups(stage: Stage) -> tuple[str, ...]:
    return (*stage.log_groups, f"/aws/apigateway/{stage.api_function}")


def _own_metrics(stage: Stage, account: Account) -> Iterator[Metric]:
    """Yield the app's metrics that have recent data, with their dimensions."""
    pages = (
        account.client("cloudwatch")
        .get_paginator("list_metrics")
        .paginate(Namespace="LiveInsight", Dimensions=[{"Name": "Stage", "Value": stage.name}])
    )
    for page in pages:
        for listed in page["Metrics"]:
            dimensions = {d["Name"]: d["Value"] for d in listed["Dimensions"]}
            yield metric("LiveInsight", listed["MetricName"], **dimensions)


def _function(
    account: Account, metrics: Metrics, name: str, billed: Mapping[str, float]
) -> Function:
    """Return the use of a function; a stage of an earlier version has none that collects."""
    try:
        function = account.client("lambda").get_function_configuration(FunctionName=name)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return Function(0, 0, 0)
    return Function(
        metrics.sum(_of_function("Invocations", name)),
        metrics.sum(_of_function("Duration", name)),
        function["MemorySize"],
        billed.get(name, 1.0),
    )


def _billed_shares(
    account: Account, groups: Sequence[str], start: datetime, end: datetime
) -> dict[str, float]:
    """Return the share by function. `@log` is the account and the group."""
    rows = query_logs(account, groups, BILLED, start, end)
    return {
        row["@log"].rpartition("/")[2]: float(row["billed"]) / float(row["measured"])
        for row in rows
        if float(row.get("measured") or 0)
    }


def _routes(
    account: Account, function: str, groups: Sequence[str], start: datetime, end: datetime
) -> list[Route]:
    group = f"/aws/lambda/{function}"
    rows = query_logs(account, [group], ROUTES, start, end) if group in groups else []
    return [
        Route(row["route"], float(row["requests"]), float(row.get("time") or 0))
        for row in sorted(rows, key=lambda row: -float(row["requests"]))
    ]


def _table(account: Account, metrics: Metrics, name: str) -> Table:
    client = account.client("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    backups = client.describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    indexes = table.get("GlobalSecondaryIndexes", [])
    return Table(
        read_units=sum(metrics.sum(_units("Read", name, i)) for i in ("", *_INDEXES)),
        write_units=sum(metrics.sum(_units("Write", name, i)) for i in ("", *_INDEXES)),
        bytes=table["TableSizeBytes"] + sum(i.get("IndexSizeBytes", 0) for i in indexes),
        items=table["ItemCount"] + sum(i.get("ItemCount", 0) for i in indexes),
        has_backups=recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
        is_on_demand=table.get("BillingModeSummary", {}).get("BillingMode") == _ON_DEMAND,
    )


_ON_DEMAND = "PAY_PER_REQUEST"


def _kept(account: Account, group: str) -> float:
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return float(sum(g.get("storedBytes", 0) for g in groups if g["logGroupName"] == group))


def _metrics_of(alarm: Mapping[str, Any]) -> int:
    """Return the number of metrics: AWS charges for each metric in an alarm's formula."""
    return sum("MetricStat" in one for one in alarm.get("Metrics", ())) or 1


def _dashboards(stage: Stage, account: Account) -> int:
    name = "LiveInsight" if stage.name == "prod" else f"LiveInsight-{stage.name}"
    try:
        account.client("cloudwatch").get_dashboard(DashboardName=name)
    except ClientError as error:
        if error_code(error) in ("ResourceNotFound", "DashboardNotFoundError"):
            return 0
        raise
    return 1
