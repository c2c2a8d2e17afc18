"""Every way into LiveInsight: its routes, the function that collects at a Function URL, and the
job that closes sessions. No logic.

Most cold starts serve collect requests, so other routes import their dependencies lazily, which
makes a start a third shorter. Disabling garbage collection during imports saves another tenth.
"""
# Local variables have no annotations here: they stop `chalice gen-policy`.
# ruff: noqa: E402 - calls come before the imports that they are for

from __future__ import annotations

import gc

gc.disable()

import os
import time
from typing import Any, cast

from chalice.app import Chalice, CloudWatchEvent, Rate, Request

if "AWS_CHALICE_CLI_MODE" in os.environ:  # `chalice local`, perhaps beside `make run`
    from chalicelib import chalice_local

    chalice_local.attach()

from chalicelib.services.context import Context
from chalicelib.web import auth, collect_views, request_log, responses, rest_api
from chalicelib.web.dependencies import (
    api_function,
    check_requests,
    handle_errors,
    settings,
    tables,
    warm_up,
)
from chalicelib.web.http_message import HttpResponse
from chalicelib.web.requests import read_id, read_parameters

BEACON_TYPES = ["application/json", "text/plain"]  # text/plain needs no preflight
FILES = ["GET", "HEAD"]  # monitors and `curl -I` ask with HEAD
CORS = rest_api.cors(os.environ.get("CORS_ORIGIN") or "*")

app = Chalice(app_name="liveinsight", configure_logs=False)
app.api.binary_types.remove("image/gif")  # the pixel travels as text, whatever is accepted
app.register_middleware(rest_api.log_requests(settings), "http")
app.register_middleware(rest_api.normalize_responses(CORS.allow_origin), "http")
warm_up()
gc.freeze()
gc.enable()


def now() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def context() -> Context:
    """Return the context of the current request."""
    return Context(tables(), settings(), now())


def request() -> Request:
    """Return the current request."""
    assert app.current_request is not None
    return app.current_request


def reader_parameters() -> dict[str, str]:
    """Return the query parameters of an authorized request; raise HttpError for others."""
    auth.require_token(request(), settings())
    return read_parameters(request())


@app.route("/events", methods=["POST"], content_types=BEACON_TYPES, cors=CORS)
@app.route("/api/events", methods=["POST"], content_types=BEACON_TYPES, cors=CORS)
def collect_events() -> HttpResponse:
    return collect_views.collect_events(request(), context())


@app.route("/pixel.gif", cors=CORS)
def collect_pixel() -> HttpResponse:
    return collect_views.collect_pixel(request(), context())


@app.route("/api/realtime", cors=CORS)
@handle_errors
def read_realtime() -> HttpResponse:
    from chalicelib.web.reading import reports

    return responses.success(reports.realtime(reader_parameters(), context()))


@app.route("/api/stats", cors=CORS)
@handle_errors
def read_stats() -> HttpResponse:
    from chalicelib.web.reading import reports

    return responses.success(reports.stats(reader_parameters(), context()))


@app.route("/api/sites", cors=CORS)
@handle_errors
def read_sites() -> HttpResponse:
    from chalicelib.web.reading import reports

    return responses.success(reports.sites(reader_parameters(), context()))


@app.route("/api/sessions", cors=CORS)
@handle_errors
def read_sessions() -> HttpResponse:
    from chalicelib.web.reading import reports

    return responses.success(reports.session_list(reader_parameters(), context()))


@app.route("/api/sessions/{session_id}", cors=CORS)
@handle_errors
def read_session(session_id: str) -> HttpResponse:
    from chalicelib.web.reading import reports

    timeline = reports.timeline(read_id(session_id), reader_parameters(), context())
    return (
        responses.success(timeline) if timeline else responses.no_session(read_id(session_id))
    )


@app.route("/api/users/{user_id}/sessions", cors=CORS)
@handle_errors
def read_user_sessions(user_id: str) -> HttpResponse:
    from chalicelib.web.reading import reports

    page = reports.user_sessions(read_id(user_id), reader_parameters(), context())
    return responses.success(page)


@app.route("/api/users/{user_id}/events", cors=CORS)
@handle_errors
def read_user_events(user_id: str) -> HttpResponse:
    from chalicelib.web.reading import reports

    page = reports.user_events(read_id(user_id), reader_parameters(), context())
    return responses.success(page)


@app.route("/api/events", methods=["GET"], cors=CORS)
@handle_errors
def read_events_of_site() -> HttpResponse:
    from chalicelib.web.reading import reports

    return responses.success(reports.event_list(reader_parameters(), context()))


@app.route("/api/export", cors=CORS)
@handle_errors
def read_export() -> HttpResponse:
    from chalicelib.web.reading import reports

    return responses.export_response(reports.export(reader_parameters(), context()))


@app.route("/health", methods=FILES, cors=CORS)
@check_requests
def read_health() -> HttpResponse:
    from chalicelib.version import __version__

    healthy = tables().are_reachable()
    report = {"version": __version__, "tables": "ok" if healthy else "not answering"}
    return (
        responses.success(report)
        if healthy
        else responses.unavailable("The tables do not respond.")
    )


@app.route("/", methods=FILES, cors=CORS)
def read_dashboard() -> HttpResponse:
    from chalicelib.web import static_files

    return static_files.dashboard(request())


@app.route("/tracker.js", methods=FILES, cors=CORS)
def read_tracker() -> HttpResponse:
    from chalicelib.web import static_files

    return static_files.tracker(request())


@app.route("/static/{name}", methods=FILES, cors=CORS)
def read_static(name: str) -> HttpResponse:
    from chalicelib.web import static_files

    asset = static_files.asset(name)
    return static_files.respond(request(), asset) if asset else responses.not_found(name)


@app.lambda_function(name="collect")
def collect_from_url(event: Any, context: Any) -> dict[str, Any]:
    from chalicelib.web import function_url

    return function_url.handle(event, context)


@app.lambda_function(name="scan")
def scan_days(event: Any, _: Any) -> dict[str, Any]:
    from chalicelib.web.reading import scans

    return scans.scan(event, context())


@app.schedule(Rate(1, unit=Rate.MINUTES))
def expire_sessions(event: CloudWatchEvent) -> None:
    from chalicelib.services import health_check
    from chalicelib.services.jobs import traffic_alert
    from chalicelib.services.jobs.minute_job import run_minute_job

    invocation = cast(Any, event.context)  # Chalice calls it a dict; Lambda's has methods
    remaining_ms = invocation.get_remaining_time_in_millis
    began = now()
    failure = health_check.failure(api_function(invocation), began, remaining_ms=remaining_ms)
    request_log.log_health_check(failure, settings(), now=began)
    report = run_minute_job(context(), remaining_ms=remaining_ms)
    request_log.log_job(report, settings(), began=began, ended=now())
    changed = traffic_alert.detect_changes(context(), remaining_ms=remaining_ms)
    request_log.log_traffic_changes(changed, settings(), now=began)
