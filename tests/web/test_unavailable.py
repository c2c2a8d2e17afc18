"""If the database throttles, is slow or does not respond, requests end in time with a 503 that
says what to do."""

from __future__ import annotations

import json
import socket
import time

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.storage.aws.client import dynamodb_client
from chalicelib.storage.aws.dynamodb_api import CONNECT_SECONDS, READ_SECONDS
from chalicelib.web import dependencies
from devkit.project_paths import ROOT
from tests.clock import Clock, stop_clock
from tests.world import TOKEN, page_view

ATTEMPT_SECONDS = CONNECT_SECONDS + READ_SECONDS
CONFIG = ROOT / ".chalice" / "config.json"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stop_clock(monkeypatch)


@pytest.mark.parametrize(
    ("route", "path", "verb"),
    [("collect", "/events", "writes"), ("read", "/api/sites", "reads")],
)
def test_unavailable_database_returns_503_in_the_format_of_the_route(
    api, monkeypatch, route, path, verb
):
    client = api.world.tables.database.client
    failure = {"Error": {"Code": "ThrottlingException", "Message": ""}}

    def throttle(**_: object) -> None:
        raise ClientError(failure, "any")

    client.meta.events.register("before-call.dynamodb", throttle)
    monkeypatch.setattr("chalicelib.storage.aws.retries.FIRST_PAUSE_SECONDS", 0)
    method, body = ("POST", page_view("/")) if route == "collect" else ("GET", b"")
    token = {"authorization": f"Bearer {TOKEN}"}
    status, headers, reply = api.send(method, path, body, token)

    assert (status, reply["status"], headers["retry-after"]) == (503, "error", "2")
    assert f"throttling {verb}" in reply["message"]
    assert ("event" in reply["message"]) == (route == "collect")


@pytest.mark.parametrize(
    ("method", "path", "most_seconds"),
    [
        ("POST", "/events", dependencies.COLLECT_SECONDS),
        ("GET", "/pixel.gif?page_url=https://example.com/", dependencies.COLLECT_SECONDS),
        ("GET", "/api/stats?site=example.com", dependencies.READ_SECONDS),
        ("GET", "/api/sessions?site=example.com", dependencies.READ_SECONDS),
    ],
)
def test_request_stops_at_its_deadline(api, clock, method, path, most_seconds):
    """Each call times out; an attempt that has started is not interrupted."""

    def time_out(**_: object) -> None:
        clock.now += ATTEMPT_SECONDS
        raise ReadTimeoutError(endpoint_url="http://x")

    api.world.tables.database.client.meta.events.register("before-call.dynamodb", time_out)
    token = {"authorization": f"Bearer {TOKEN}"}
    status, headers, _ = api.send(method, path, page_view("/"), token)

    assert (status, headers["retry-after"]) == (503, "2")
    assert 0 < clock.now <= most_seconds + ATTEMPT_SECONDS


def test_slow_successful_calls_count_against_the_deadline(api, clock):
    """One deadline applies to all calls of a request together."""
    client = api.world.tables.database.client
    started = []

    def answer_late(**_: object) -> None:
        clock.now += 3
        started.append(clock.now)

    client.meta.events.register("before-call.dynamodb", answer_late)
    status, _, _ = api.post(page_view("/"))

    assert status == 503
    assert started == [3, 6]


def test_reads_stop_before_the_function_times_out():
    function = json.loads(CONFIG.read_text())["stages"]["prod"]["lambda_functions"]
    seconds = function["api_handler"]["lambda_timeout"]

    assert dependencies.COLLECT_SECONDS < dependencies.READ_SECONDS
    assert seconds > dependencies.READ_SECONDS + ATTEMPT_SECONDS


@pytest.mark.slow
def test_collecting_stops_after_one_attempt_without_a_response(api, monkeypatch):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", address)
        monkeypatch.setattr(api.world.tables.database, "client", dynamodb_client())
        began = time.monotonic()
        status, headers, _ = api.post(page_view("/"))
        seconds = time.monotonic() - began

    assert (status, headers["retry-after"]) == (503, "2")
    assert READ_SECONDS <= seconds < READ_SECONDS + CONNECT_SECONDS


BATCH = [page_view(f"/{number}") for number in range(50)]
THROTTLED = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
AT_MAXIMUM = {"throttlingReasons": [{"reason": "TableWriteMaxOnDemandThroughputExceeded"}]}
IN_TRANSACTION = {
    "Error": {"Code": "TransactionCanceledException", "Message": "[None, ThrottlingError]"},
    "CancellationReasons": [
        {"Code": "None"},
        {
            "Code": "ThrottlingError",
            "Message": "Throughput exceeds the maximum OnDemandThroughput of the table",
        },
    ],
}


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        pytest.param({"Error": THROTTLED}, 6, id="throttled, soon over"),
        pytest.param({"Error": THROTTLED, **AT_MAXIMUM}, 1, id="at MaxUsdPerDay"),
        pytest.param(IN_TRANSACTION, 1, id="at MaxUsdPerDay in a transaction"),
    ],
)
@pytest.mark.parametrize("body", [page_view("/"), BATCH], ids=["one event", "50 events"])
def test_throttled_table_returns_503_immediately(api, clock, failure, attempts, body):
    """A tracker resends the event after Retry-After, and a flood is not billed for waiting."""
    made: list[str] = []

    def throttle(model, **_: object) -> None:
        made.append(model.name)
        raise ClientError(failure, model.name)

    api.world.tables.database.client.meta.events.register("before-call.dynamodb", throttle)
    began = clock.now
    status, headers, _ = api.post(body)

    assert (status, headers["retry-after"]) == (503, "2")
    assert len(made) == attempts
    assert (clock.now == began) == (attempts == 1)


@pytest.mark.parametrize(
    ("path", "attempts"),
    [
        pytest.param("/api/realtime?site=example.com", 6, id="a reader, who has a token"),
        pytest.param("/health", 1, id="anybody"),
    ],
)
def test_only_reads_retry_a_throttled_table(api, clock, path, attempts):
    made: list[str] = []

    def throttle(model, **_: object) -> None:
        made.append(model.name)
        raise ClientError({"Error": THROTTLED, **AT_MAXIMUM}, model.name)

    api.world.tables.database.client.meta.events.register("before-call.dynamodb", throttle)
    status, _ = api.read(path)

    assert status == 503
    assert len(made) == attempts


def test_throttled_event_is_stored_when_it_is_resent(api, clock):
    client, refused = api.world.tables.database.client, iter([True])

    def throttle(model, **_: object) -> None:
        if model.name == "PutItem" and next(refused, False):
            raise ClientError({"Error": THROTTLED, **AT_MAXIMUM}, model.name)

    client.meta.events.register("before-call.dynamodb", throttle)
    event = page_view("/", event_id="e1")

    assert [api.post(event)[0] for _ in range(2)] == [503, 200]
    assert len([e for e in api.world.items("events") if e.get("event_type")]) == 1
