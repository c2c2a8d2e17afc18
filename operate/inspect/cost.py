"""Price what a stage has used in the last 30 days, by route and by table. Usage comes from
CloudWatch, prices from infra/prices.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.query.calendar import day_start, local_date
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.period import resolve_period
from chalicelib.domain.query.query import Query
from chalicelib.services.configured_sites import sites
from chalicelib.services.context import Context
from chalicelib.services.reports.stats import read_stats
from devkit.infrastructure.price_list import (
    BYTES_PER_GB,
    ITEM_OVERHEAD_BYTES,
    MILLION,
    PRICES,
    gateway_usd,
)
from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.stage import ConnectedStage, Stage, connect_stage
from operate.build.chalice_app import ChaliceApp
from operate.errors import CommandError
from operate.inspect.usage import LOG_DAYS, Function, Route, Table, Usage, measure_usage

DAYS = 30
LIST_REGION = "us-east-1"
METRIC_HOURS = 720  # AWS charges these hours of a metric as a month
ROUTES, COLLECTING = "API, by route", "Function URL, by route"
TABLES, REST = "Tables", "The rest"
NOT_INCLUDED = (
    f"data out ({PRICES['data_out_per_gb']} USD per GB), CloudFront, X-Ray, exports to S3, "
    "taxes; AWS's free tiers are not subtracted"
)


@dataclass(frozen=True, slots=True)
class Line:
    section: str
    item: str
    usd: float


def bill(usage: Usage) -> list[Line]:
    return [*_routes(usage), *_collecting(usage), *_tables(usage), *_rest(usage)]


def _routes(usage: Usage) -> Iterator[Line]:
    """Divide the requests and the time by each route's share in the log. Requests that do not
    reach the function are answered by API Gateway itself."""
    count = min(usage.requests, usage.api.invocations)
    request_usd = gateway_usd(usage.requests) / usage.requests if usage.requests else 0.0
    for name, requests, usd in _by_route(usage.routes, usage.api, count):
        yield Line(ROUTES, f"{name}, {requests:,.0f} requests", usd + requests * request_usd)
    alone = usage.requests - count
    yield Line(
        ROUTES,
        f"answered by API Gateway alone (preflight, rejected), {alone:,.0f} requests",
        alone * request_usd,
    )


def _collecting(usage: Usage) -> Iterator[Line]:
    """Divide what the function costs; its Function URL costs nothing."""
    invocations = usage.collect.invocations
    for name, requests, usd in _by_route(usage.collect_routes, usage.collect, invocations):
        yield Line(COLLECTING, f"{name}, {requests:,.0f} requests", usd)


def _by_route(
    routes: Sequence[Route], function: Function, count: float
) -> Iterator[tuple[str, float, float]]:
    """Yield each route with its requests and what the function costs for it."""
    requests = sum(route.requests for route in routes)
    milliseconds = sum(route.ms for route in routes)
    shares = [
        (route.name, route.requests / requests, route.ms / milliseconds if milliseconds else 0)
        for route in routes
    ] or [("all routes", 1.0, 1.0)]
    for name, of_requests, of_time in shares:
        usd = (
            function.invocations * of_requests * _invocation_usd()
            + function.gb_seconds * of_time * PRICES["lambda_arm_gb_second"]
        )
        yield name, count * of_requests, usd


def _tables(usage: Usage) -> Iterator[Line]:
    for name, table in usage.tables.items():
        stored = table.bytes + table.items * ITEM_OVERHEAD_BYTES
        usd = stored / BYTES_PER_GB * PRICES["dynamodb_storage_gb_month"]
        if table.has_backups:
            usd += stored / BYTES_PER_GB * PRICES["dynamodb_backup_gb_month"]
        yield Line(
            TABLES,
            f"{name}, {table.write_units:,.0f} units written, {table.read_units:,.0f} read, "
            f"{stored / BYTES_PER_GB:.3f} GB{' with backups' if table.has_backups else ''}",
            usd + _units_usd(table),
        )


def _units_usd(table: Table) -> float:
    if not table.is_on_demand:
        return 0.0
    return (
        table.write_units / MILLION * PRICES["dynamodb_write_units_per_million"]
        + table.read_units / MILLION * PRICES["dynamodb_read_units_per_million"]
    )


def _rest(usage: Usage) -> Iterator[Line]:
    for name, function in usage.scheduled.items():
        usd = function.invocations * _invocation_usd()
        usd += function.gb_seconds * PRICES["lambda_arm_gb_second"]
        yield Line(REST, f"function {name}, {function.invocations:,.0f} runs", usd)
    logs = usage.log_bytes / BYTES_PER_GB * PRICES["logs_per_gb"]
    logs += usage.log_bytes_kept / BYTES_PER_GB * PRICES["logs_storage_gb_month"]
    yield Line(REST, f"logs, {usage.log_bytes / BYTES_PER_GB:.3f} GB written", logs)
    alarms = usage.alarm_metrics * PRICES["alarm_metric_month"]
    yield Line(REST, f"alarms, {usage.alarm_metrics} metrics", alarms)
    metrics = usage.metric_hours / METRIC_HOURS * PRICES["custom_metric_month"]
    yield Line(REST, f"metrics of the app, {usage.metric_hours:,.0f} hours with data", metrics)
    dashboards = usage.dashboards * PRICES["dashboard_month"]
    yield Line(REST, f"CloudWatch dashboard, {usage.dashboards}", dashboards)


def _invocation_usd() -> float:
    return PRICES["lambda_requests_per_million"] / MILLION


def format_bill(lines: Sequence[Line], pageviews: int) -> Iterator[str]:
    """Yield the lines of the table that is printed."""
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            yield f"\n{section}"
        yield f"{line.usd:>10,.4f}  {line.item}"
    total = sum(line.usd for line in lines)
    yield f"\n{total:>10,.4f}  USD in 30 days"
    if pageviews:
        per_million = total / pageviews * MILLION
        yield f"{per_million:>10,.2f}  USD per million page views ({pageviews:,} page views)"


def notes(usage: Usage, *, log_level: str, region: str) -> Iterator[str]:
    yield f"Not included: {NOT_INCLUDED}. Storage, alarms and dashboard are the current ones."
    if not usage.routes:
        yield "The log has no routes of the last week, so the API is one line."
    elif log_level in ("WARNING", "ERROR"):
        yield f"LOG_LEVEL is {log_level}: the shares of routes cover failed requests only."
    else:
        yield f"The shares of routes come from the logs of the last {LOG_DAYS} days."
    if not all(one.is_on_demand for one in usage.tables.values()):
        yield "Provisioned capacity of tables is not included."
    if region != LIST_REGION:
        yield f"Prices are those of {LIST_REGION}; {region} may differ."


def period_start(opened: ConnectedStage, now: int) -> datetime:
    """Return the start of the 30 days that end today. `now` in ms."""
    zone = opened.settings.report_timezone
    first = local_date(now, zone) - timedelta(days=DAYS - 1)
    return datetime.fromtimestamp(day_start(first, zone) / 1000, UTC)


def count_pageviews(opened: ConnectedStage, now: int) -> int:
    """Count the page views of all sites in these days. Sites with too many sessions to scan are
    left out."""
    total = 0
    context = Context(opened.tables, opened.settings, now)
    for site in sites(context):
        period = resolve_period(
            f"{DAYS}d", now=now, timezone=opened.settings.report_timezone.key
        )
        try:
            result = read_stats(site, Query(period, dimensions=()), context)
        except InvalidQuery:
            continue
        total += compute_metrics(result.summary.total).pageviews
    return total


def describe_cost(stage: Stage, account: Account, *, now: int) -> Iterator[str]:
    """Yield the lines that the command prints. `now` in ms."""
    if not ChaliceApp(stage, account, open_store(stage, account)).functions():
        raise CommandError(
            f"Stage {stage.name} is not deployed: make deploy STAGE={stage.name}."
        )
    connected = connect_stage(stage, account)
    start, end = period_start(connected, now), datetime.fromtimestamp(now / 1000, UTC)
    usage = measure_usage(stage, account, start, end)
    yield f"Stage {stage.name}, {account.region}, {start:%Y-%m-%d} to {end:%Y-%m-%d}, in USD"
    yield from format_bill(bill(usage), count_pageviews(connected, now))
    yield ""
    yield from notes(usage, log_level=connected.settings.log_level, region=account.region)
