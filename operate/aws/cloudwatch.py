"""CloudWatch metrics and queries of CloudWatch Logs, for `make cost`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operate.aws.account import Account
from operate.errors import CommandError

DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600
MAX_QUERIES = 500  # in one GetMetricData call
MAX_QUERY_SECONDS = 120
MAX_ROWS = 100

Metric = tuple[str, str, tuple[tuple[str, str], ...]]  # namespace, name, dimensions


def metric(namespace: str, name: str, **dimensions: str) -> Metric:
    return namespace, name, tuple(dimensions.items())


@dataclass
class Metrics:
    """The values of metrics in a time range; `read` loads them, many in one call."""

    account: Account
    start: datetime
    end: datetime
    _values: dict[Metric, list[float]] = field(default_factory=dict)

    def read(
        self, metrics: Sequence[Metric], *, statistic: str = "Sum", period: int = DAY_SECONDS
    ) -> None:
        for first in range(0, len(metrics), MAX_QUERIES):
            self._read(metrics[first : first + MAX_QUERIES], statistic, period)

    def sum(self, name: Metric) -> float:
        return sum(self._values.get(name, ()))

    def count(self, name: Metric) -> int:
        """Return the number of periods that have a value."""
        return len(self._values.get(name, ()))

    def _read(self, metrics: Sequence[Metric], statistic: str, period: int) -> None:
        ids = {f"m{number}": name for number, name in enumerate(metrics)}
        queries = [
            {
                "Id": id_,
                "MetricStat": {
                    "Metric": {
                        "Namespace": namespace,
                        "MetricName": name,
                        "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions],
                    },
                    "Period": period,
                    "Stat": statistic,
                },
            }
            for id_, (namespace, name, dimensions) in ids.items()
        ]
        pages = (
            self.account.client("cloudwatch")
            .get_paginator("get_metric_data")
            .paginate(MetricDataQueries=queries, StartTime=self.start, EndTime=self.end)
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                values = self._values.setdefault(ids[result["Id"]], [])
                values += result["Values"]


def query_logs(
    account: Account, groups: Iterable[str], query: str, start: datetime, end: datetime
) -> list[Mapping[str, str]]:
    """Return the rows that CloudWatch Logs Insights finds, at most MAX_ROWS."""
    client: Any = account.client("logs")
    query_id = client.start_query(
        logGroupNames=list(groups),
        startTime=int(start.timestamp()),
        endTime=int(end.timestamp()),
        queryString=query,
        limit=MAX_ROWS,
    )["queryId"]
    for _ in range(MAX_QUERY_SECONDS):
        answer = client.get_query_results(queryId=query_id)
        if answer["status"] == "Complete":
            return [{one["field"]: one["value"] for one in row} for row in answer["results"]]
        if answer["status"] not in ("Scheduled", "Running"):
            raise CommandError(
                f"A query of CloudWatch Logs ended with status {answer['status']}."
            )
        time.sleep(1)
    raise CommandError(f"CloudWatch Logs did not answer within {MAX_QUERY_SECONDS} seconds.")
