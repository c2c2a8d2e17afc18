"""Structured logs: one JSON line per event on standard output, for CloudWatch Logs, which
extracts metrics from lines in its embedded format. There are no calls to AWS.

    EventsProcessed, ProcessingTime (ms), Dropped by Reason       a collect request
    Errors                                                        a response of 500 or above
    SessionsClosed, JobBacklog, JobLagSeconds, RowsFailed         a run that had work
    TrafficChange by Site                                         a spike or a drop
    HealthChecksFailed                                            the API failed its check

No personal data: no address, user agent, user_id or URL. Logs cost by the byte, so the line of
a request is its metrics too, and has nothing that is available elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NAMESPACE = "LiveInsight"
UNITS = {"ProcessingTime": "Milliseconds", "JobLagSeconds": "Seconds"}


@dataclass(frozen=True, slots=True)
class RequestLog:
    """A request and its response; `route` is the pattern (/api/sessions/{session_id}), so it
    contains no ids. `stored` and `dropped` (by reason) count events of collect requests."""

    stage: str
    request_id: str
    route: str
    status: int
    ms: int
    stored: int | None = None
    dropped: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class JobLog:
    """A run of the job. `backlog` is the number of sessions pending close when it began,
    `lag_seconds` how long the oldest had been pending; `unavailable` is what could not be
    read."""

    stage: str
    ms: int
    closed: int
    backlog: int
    lag_seconds: int
    failed: int
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class _Metrics:
    """Values by name, each counted under every set of dimensions."""

    dimensions: Sequence[Sequence[str]]
    values: Mapping[str, int]


def log_request(request: RequestLog, *, level: str, now: int) -> None:
    """Log a line for a request, and one for each further reason why events were dropped.

    `level` is LOG_LEVEL: from WARNING on only rejected requests and errors are logged, from
    ERROR on only errors; metrics always are. `now` is in ms."""
    metrics = []
    reasons = sorted((request.dropped or {}).items())
    if request.stored is not None:
        values = {"EventsProcessed": request.stored} if request.stored else {}
        metrics += [_Metrics([["Stage"]], values | {"ProcessingTime": request.ms})]
    if request.status >= 500:
        metrics += [_Metrics([["Stage"]], {"Errors": 1})]
    fields: dict[str, Any] = {"Stage": request.stage} if metrics else {}
    if reasons:
        fields["Reason"], number = reasons[0]
        metrics += [_dropped(number)]
    if _is_logged(request.status, level):
        fields |= _request_fields(request)
    if fields:
        _print_metrics(metrics, fields, now)
    for reason, number in reasons[1:]:
        _print_metrics([_dropped(number)], {"Stage": request.stage, "Reason": reason}, now)


def log_job(run: JobLog, *, now: int) -> None:
    """Log a run of the job. Idle runs are skipped."""
    if not (run.closed or run.backlog or run.failed):
        return
    values = {
        "SessionsClosed": run.closed,
        "JobBacklog": run.backlog,
        "JobLagSeconds": run.lag_seconds,
        "RowsFailed": run.failed,
    }
    fields = {"Stage": run.stage, "what": "sessions closed", "ms": run.ms}
    fields |= {"unavailable": run.unavailable} if run.unavailable else {}
    _print_metrics([_Metrics([["Stage"]], values)], fields, now)


def log_traffic_change(stage: str, site: str, *, was: int, pageviews: int, now: int) -> None:
    """Log a site's page views of the last full hour, and of the same hour a week ago."""
    fields = {"Stage": stage, "Site": site, "what": "traffic changed"}
    _print_metrics(
        [_Metrics([["Stage", "Site"], ["Stage"]], {"TrafficChange": 1})],
        fields | {"was": was, "pageviews": pageviews},
        now,
    )


def log_failed_health_check(stage: str, reason: str, *, now: int) -> None:
    """Log a failed check. A successful one is not logged, as an hourly metric would cost
    money."""
    fields = {"Stage": stage, "what": "health check failed", "reason": reason}
    _print_metrics([_Metrics([["Stage"]], {"HealthChecksFailed": 1})], fields, now)


def log(what: str, **fields: Any) -> None:
    """Log a line without metrics."""
    _print({"what": what} | fields)


def _dropped(number: int) -> _Metrics:
    return _Metrics([["Stage", "Reason"]], {"Dropped": number})


def _is_logged(status: int, level: str) -> bool:
    return status >= {"WARNING": 400, "ERROR": 500}.get(level, 0)


def _request_fields(request: RequestLog) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "request": request.request_id,
        "route": request.route,
        "status": request.status,
    }
    # The line of a collect request has the duration already, as ProcessingTime.
    return fields if request.stored is not None else fields | {"ms": request.ms}


def _print_metrics(metrics: Sequence[_Metrics], fields: Mapping[str, Any], now: int) -> None:
    """Print a line in CloudWatch's embedded metric format, or a plain one without metrics."""
    definitions = [
        {
            "Namespace": NAMESPACE,
            "Dimensions": group.dimensions,
            "Metrics": [_metric_definition(name) for name in group.values],
        }
        for group in metrics
    ]
    line: dict[str, Any] = (
        {"_aws": {"Timestamp": now, "CloudWatchMetrics": definitions}} if definitions else {}
    )
    for group in metrics:
        line |= group.values
    _print(line | dict(fields))


def _metric_definition(name: str) -> dict[str, str]:
    return {"Name": name} | ({"Unit": UNITS[name]} if name in UNITS else {})


def _print(line: Mapping[str, Any]) -> None:
    print(json.dumps(line, separators=(",", ":")), flush=True)
