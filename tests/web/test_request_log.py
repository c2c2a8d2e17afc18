"""The log of the app: one line per request, and nothing in it that identifies a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.local import LambdaContext

import app
from chalicelib.services import health_check
from chalicelib.services.jobs.traffic_alert import TrafficChange
from chalicelib.web import request_log
from devkit.emulated_aws.scheduler import scheduled_event
from tests.builders import START
from tests.world import custom, page_view

ADDRESS = "127.0.0.1"  # what the local gateway says of every caller


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Any:
    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


def test_request_with_several_events_logs_one_line(api, log):
    api.post([page_view("/a"), custom("signup"), page_view("/b")])

    (line,) = log()
    assert (line["EventsProcessed"], line["Stage"]) == (3, "dev")
    assert (line["route"], line["status"]) == ("POST /events", 200)
    assert line["ProcessingTime"] >= 0


def test_duplicate_is_not_counted_as_processed(api, log):
    for _ in range(2):
        api.post(page_view("/", event_id="e1"))

    assert [line.get("EventsProcessed") for line in log()] == [1, None]


def test_pixel_is_logged_as_a_collect_request(api, log):
    api.read("/pixel.gif?page_url=https://example.com/")

    assert log()[0]["EventsProcessed"] == 1


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/sites", "GET /api/sites", 200),
        ("GET", "/health", "GET /health", 200),
        ("GET", "/static/nothing.js", "GET /static/{name}", 404),
        ("POST", "/events", "POST /events", 400),
    ],
)
def test_every_request_is_logged(api, log, method, path, route, status):
    if method == "GET":
        api.read(path)
    else:
        api.post(b"")

    (line,) = log()
    assert (line["route"], line["status"]) == (route, status)
    assert isinstance(line["ms"], int)
    assert "_aws" not in line


def test_failure_is_counted_as_an_error(api, log, monkeypatch):
    monkeypatch.setattr("chalicelib.services.configured_sites.sites", lambda *_: 1 / 0)

    status, _ = api.read("/api/sites")

    line = log()[-1]
    assert status == line["status"] == 500
    assert line["Errors"] == 1


def test_nothing_personal_is_logged(api, capsys):
    api.post(
        page_view(
            "/secret?email=ann@example.com", user_id="ann", referrer="https://r.example/x"
        )
    )
    api.read("/api/stats?site=private.example&filters=page==/secret")

    output = capsys.readouterr().out
    for personal in (ADDRESS, "Mozilla", "ann", "/secret", "r.example", "private.example"):
        assert personal not in output


def test_busy_job_run_is_logged_and_an_idle_one_is_not(api, log):
    api.post(page_view("/", age=0))
    app_run()
    assert log()[1:] == []

    api.world.tables.database.update(
        api.world.tables.active_sessions.name,
        {"session_id": api.world.rows()[0].session_id},
        "SET last_activity = :past, touched_at = :past",
        values={":past": app.now() - 3_600_000},
    )
    app_run()

    (line,) = log()
    assert (line["SessionsClosed"], line["JobBacklog"], line["RowsFailed"]) == (1, 1, 0)
    assert line["JobLagSeconds"] >= 1_600


def app_run() -> None:
    context = LambdaContext("expire_sessions", 512, max_runtime_ms=55_000)
    app.expire_sessions(scheduled_event("expire_sessions", datetime.now(UTC)), context)


def test_changed_traffic_emits_metrics_of_the_stage_and_the_site(api, log):
    request_log.log_traffic_changes(
        [TrafficChange("example.com", 120, 20)], api.world.settings, now=START
    )

    (line,) = log()
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Dimensions"] == [["Stage", "Site"], ["Stage"]]
    assert (line["TrafficChange"], line["Site"]) == (1, "example.com")
    assert (line["was"], line["pageviews"]) == (120, 20)


def test_job_checks_the_api_by_its_own_name_and_still_closes_sessions(
    api, log, monkeypatch: pytest.MonkeyPatch
):
    checked: list[str] = []

    def failure(function, now: int, **_: object) -> str:
        checked.append(function.arn)
        return "status 503"

    monkeypatch.setattr(health_check, "failure", failure)
    context = LambdaContext("expire_sessions", 512, max_runtime_ms=55_000)
    context.invoked_function_arn = (
        "arn:aws:lambda:x:1:function:liveinsight-prod-expire_sessions"
    )
    api.post(page_view("/", age=0))
    app.expire_sessions(scheduled_event("expire_sessions", datetime.now(UTC)), context)

    assert checked == ["arn:aws:lambda:x:1:function:liveinsight-prod"]
    assert [line["HealthChecksFailed"] for line in log() if "HealthChecksFailed" in line] == [1]
