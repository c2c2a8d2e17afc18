"""The price of alarms, metrics and the CloudWatch dashboard, counted in the template.

An alarm costs a price per metric, and one with a formula the price of all its metrics. A custom
metric costs a price per hour in which it has data: nothing in an idle hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.harness.result import Result
from chalicelib.domain.exclusions.drop_reason import DropReason
from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.price_list import PRICES
from devkit.project_paths import RESOURCES

# The metrics of telemetry.py by stage. Others are Dropped by reason and TrafficChange by site.
METRICS = (
    "EventsProcessed", "ProcessingTime", "Errors", "SessionsClosed", "JobBacklog",
    "HealthChecksFailed", "JobLagSeconds", "RowsFailed",
)  # fmt: skip


def measure() -> Iterator[Result]:
    yield Result("alarms", len(alarms()), "alarms")
    yield Result("metrics that alarms look at", sum(alarms().values()), "metrics")
    yield Result("alarms, a month", alarms_usd(), "USD")
    yield Result("custom metrics, at most", metrics(), "metrics")
    yield Result("custom metrics, a month at most", metrics_usd(), "USD")
    yield Result("CloudWatch dashboard, a month", dashboards_usd(), "USD")
    total = alarms_usd() + metrics_usd() + dashboards_usd()
    yield Result("alarms, metrics and CloudWatch dashboard, a month at most", total, "USD")


def alarms() -> dict[str, int]:
    """Return the number of metrics of each alarm, by the name of its resource."""
    return {
        name: _metrics(resource["Properties"])
        for name, resource in _resources("AWS::CloudWatch::Alarm")
    }


def dashboards() -> int:
    return sum(1 for _ in _resources("AWS::CloudWatch::Dashboard"))


def metrics() -> int:
    """Return the maximum number of metrics, without TrafficChange of sites."""
    return len(METRICS) + len(DropReason)


def alarms_usd() -> float:
    return sum(alarms().values()) * PRICES["alarm_metric_month"]


def dashboards_usd() -> float:
    return dashboards() * PRICES["dashboard_month"]


def metrics_usd() -> float:
    """Return the price for a site with visitors every hour and drops for every reason."""
    return metrics() * PRICES["custom_metric_month"]


def _resources(kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in read_template(RESOURCES)["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource


def _metrics(alarm: Mapping[str, Any]) -> int:
    return sum("MetricStat" in one for one in alarm.get("Metrics", [])) or 1
