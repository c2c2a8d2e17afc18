"""Logs a line for every request, and for every run of the job that did something
(telemetry.py)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from chalicelib import telemetry
from chalicelib.services.collect.collect import Outcome, OutcomeStatus
from chalicelib.settings import Settings
from chalicelib.web.http_message import HttpRequest

if TYPE_CHECKING:
    from chalicelib.services.jobs.job_report import Report
    from chalicelib.services.jobs.traffic_alert import TrafficChange

NS_PER_MS = 1_000_000


class Loggable(Protocol):
    """A response. `outcomes` is None unless it is to a collect request."""

    @property
    def status_code(self) -> int: ...

    @property
    def outcomes(self) -> Sequence[Outcome] | None: ...


def log_request(
    request: HttpRequest, response: Loggable, settings: Settings, *, began_ns: int
) -> None:
    """Log a request whose handling began then, in ns of `time.perf_counter_ns`."""
    ms = round((time.perf_counter_ns() - began_ns) / NS_PER_MS)
    telemetry.log_request(
        _request_log(request, response, settings.stage, ms),
        level=settings.log_level,
        now=time.time_ns() // NS_PER_MS,
    )


def log_job(report: Report, settings: Settings, *, began: int, ended: int) -> None:
    run = telemetry.JobLog(
        stage=settings.stage,
        ms=ended - began,
        closed=report.sessions_closed,
        backlog=report.rows_due,
        lag_seconds=report.lag_seconds,
        failed=len(report.rows_failed) + report.rows_quarantined + len(report.failed),
        unavailable=report.unavailable,
    )
    telemetry.log_job(run, now=ended)


def log_health_check(failure: str | None, settings: Settings, *, now: int) -> None:
    if failure:
        telemetry.log_failed_health_check(settings.stage, failure, now=now)


def log_traffic_changes(
    changes: Iterable[TrafficChange], settings: Settings, *, now: int
) -> None:
    for change in changes:
        telemetry.log_traffic_change(
            settings.stage, change.site, was=change.was, pageviews=change.pageviews, now=now
        )


def _request_log(
    request: HttpRequest, response: Loggable, stage: str, ms: int
) -> telemetry.RequestLog:
    stored, dropped = None, None
    if response.outcomes is not None:
        stored = sum(outcome.status is OutcomeStatus.STORED for outcome in response.outcomes)
        dropped = Counter(str(o.drop_reason) for o in response.outcomes if o.drop_reason)
    return telemetry.RequestLog(
        stage=stage,
        request_id=_request_id(request),
        route=f"{request.method} {request.path}",
        status=response.status_code,
        ms=ms,
        stored=stored,
        dropped=dropped,
    )


def _request_id(request: HttpRequest) -> str:
    """Return the gateway's request id, which callers see as x-amzn-requestid, if there is
    one."""
    return str(request.context.get("requestId", ""))
