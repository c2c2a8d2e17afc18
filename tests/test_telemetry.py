"""Log lines that are metrics as well, in CloudWatch's embedded metric format, and short."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import telemetry
from chalicelib.telemetry import JobLog, RequestLog
from tests.builders import START as NOW

COLLECTED = RequestLog("prod", "c6af9ac6-7b61", "POST /events", 200, 12, stored=1, dropped={})
READ = RequestLog("prod", "c6af9ac6-7b61", "GET /api/stats", 200, 40)
RUN = JobLog("prod", ms=80, closed=3, backlog=4, lag_seconds=61, failed=1)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


def metrics(line: dict[str, Any]) -> dict[tuple[str, ...], set[str]]:
    """Return the metric names per set of dimensions; each has a value."""
    result: dict[tuple[str, ...], set[str]] = {}
    for group in line.get("_aws", {"CloudWatchMetrics": []})["CloudWatchMetrics"]:
        assert group["Namespace"] == "LiveInsight"
        for dimensions in group["Dimensions"]:
            assert all(isinstance(line[name], str) for name in dimensions)
            names = {metric["Name"] for metric in group["Metrics"]}
            assert all(isinstance(line[name], int) for name in names)
            result[tuple(dimensions)] = result.get(tuple(dimensions), set()) | names
    return result


def test_collect_request_is_one_line_with_its_metrics(lines):
    telemetry.log_request(COLLECTED, level="INFO", now=NOW)

    (line,) = lines()
    assert metrics(line) == {("Stage",): {"EventsProcessed", "ProcessingTime"}}
    assert line["_aws"]["Timestamp"] == NOW
    assert (line["Stage"], line["EventsProcessed"], line["ProcessingTime"]) == ("prod", 1, 12)
    assert (line["request"], line["route"], line["status"]) == (
        "c6af9ac6-7b61",
        "POST /events",
        200,
    )


def test_line_of_a_collect_request_is_short(capsys):
    telemetry.log_request(
        replace(COLLECTED, request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef"),
        level="INFO",
        now=NOW,
    )

    assert len(capsys.readouterr().out) <= 350  # at 0.50 USD a GB, a million are 17 cents


def test_dropped_events_are_counted_by_reason(lines):
    telemetry.log_request(
        replace(COLLECTED, stored=1, dropped={"prefetch": 2, "bot": 1}), level="INFO", now=NOW
    )

    first, second = lines()
    assert metrics(first)["Stage", "Reason"] == {"Dropped"}
    assert (first["Reason"], first["Dropped"], first["EventsProcessed"]) == ("bot", 1, 1)
    assert metrics(second) == {("Stage", "Reason"): {"Dropped"}}
    assert (second["Reason"], second["Dropped"]) == ("prefetch", 2)


def test_request_that_stores_nothing_has_no_processing_metric(lines):
    telemetry.log_request(replace(COLLECTED, stored=0), level="INFO", now=NOW)

    assert metrics(lines()[0]) == {("Stage",): {"ProcessingTime"}}


def test_read_request_logs_no_metrics(lines):
    telemetry.log_request(READ, level="INFO", now=NOW)

    assert lines() == [
        {"request": "c6af9ac6-7b61", "route": "GET /api/stats", "status": 200, "ms": 40}
    ]


@pytest.mark.parametrize(("status", "is_error"), [(499, False), (500, True), (503, True)])
def test_errors_are_counted(lines, status, is_error):
    telemetry.log_request(replace(READ, status=status), level="INFO", now=NOW)

    assert metrics(lines()[0]) == ({("Stage",): {"Errors"}} if is_error else {})


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("DEBUG", [200, 404, 503]),
        ("INFO", [200, 404, 503]),
        ("WARNING", [404, 503]),
        ("ERROR", [503]),
    ],
)
def test_log_level_decides_which_requests_are_logged(lines, level, told):
    for status in (200, 404, 503):
        telemetry.log_request(replace(READ, status=status), level=level, now=NOW)

    assert [line["status"] for line in lines()] == told


def test_metrics_are_logged_at_every_level(lines):
    telemetry.log_request(COLLECTED, level="ERROR", now=NOW)

    (line,) = lines()
    assert metrics(line) == {("Stage",): {"EventsProcessed", "ProcessingTime"}}
    assert "request" not in line


def test_run_of_the_job_is_one_line(lines):
    telemetry.log_job(RUN, now=NOW)

    (line,) = lines()
    assert metrics(line) == {
        ("Stage",): {"SessionsClosed", "JobBacklog", "JobLagSeconds", "RowsFailed"}
    }
    assert (line["SessionsClosed"], line["JobBacklog"]) == (3, 4)
    assert (line["JobLagSeconds"], line["RowsFailed"]) == (61, 1)


def test_idle_run_is_not_logged(lines):
    telemetry.log_job(replace(RUN, closed=0, backlog=0, failed=0), now=NOW)

    assert lines() == []


def test_change_of_traffic_is_counted_by_site_and_for_the_stage(lines):
    telemetry.log_traffic_change("prod", "example.com", was=120, pageviews=480, now=NOW)

    (line,) = lines()
    assert metrics(line) == {
        ("Stage", "Site"): {"TrafficChange"},
        ("Stage",): {"TrafficChange"},
    }
    assert (line["Site"], line["was"], line["pageviews"]) == ("example.com", 120, 480)
