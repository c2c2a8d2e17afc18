"""Once an hour, the job checks the API and reports when it is down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from chalice.config import Config
from chalice.local import LocalGateway

from chalicelib.services import health_check
from chalicelib.storage.aws.api_function import ApiFunction
from chalicelib.web import request_log
from tests.world import TABLES, World, new_world

DUE = health_check.CHECKED_AT_MINUTE * 60_000
ARN = "arn:aws:lambda:us-east-1:123456789012:function:liveinsight-dev"


class Lambda:
    """Responds to each call with the next of its answers: a payload, or the code of an
    error."""

    def __init__(self, *answers: dict[str, Any] | str) -> None:
        self.answers = list(answers)
        self.calls = 0

    def invoke(self, **_: Any) -> dict[str, Any]:
        self.calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            raise ClientError({"Error": {"Code": answer, "Message": ""}}, "Invoke")
        payload = SimpleNamespace(read=lambda: json.dumps(answer).encode())
        return {"Payload": payload} | (
            {"FunctionError": "Unhandled"} if "errorType" in answer else {}
        )


def failure(client: Any, now: int = DUE, remaining: int = 55_000) -> str | None:
    return health_check.failure(
        ApiFunction(ARN, client), now, remaining_ms=lambda: remaining, pause=lambda _: None
    )


HEALTHY, BROKEN = {"statusCode": 200}, {"statusCode": 503}
CRASHED = {"errorType": "Runtime.ImportModuleError"}


def test_healthy_api_is_called_once():
    client = Lambda(HEALTHY)

    assert failure(client) is None
    assert client.calls == 1


def test_one_failed_attempt_is_tolerated():
    assert failure(Lambda("TooManyRequestsException", CRASHED, HEALTHY)) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (BROKEN, "status 503"),
        (CRASHED, "Runtime.ImportModuleError"),
        ("TooManyRequestsException", "TooManyRequestsException"),
    ],
)
def test_api_that_fails_three_times_is_down(answer: Any, reason: str):
    client = Lambda(answer, answer, answer)

    assert failure(client) == reason
    assert client.calls == 3


def test_api_is_checked_once_an_hour():
    client = Lambda(*[HEALTHY] * 24)
    for minute in range(24 * 60):
        failure(client, now=minute * 60_000)

    assert client.calls == 24


def test_job_without_time_for_three_attempts_skips_the_check():
    client = Lambda()

    assert failure(client, remaining=health_check.MS_TO_CHECK - 1) is None
    assert client.calls == 0


def test_attempts_that_time_out_leave_the_job_time_for_sessions():
    from chalicelib.services.jobs.minute_job import MS_TO_CLOSE
    from chalicelib.storage.aws.api_function import ANSWER_SECONDS

    longest = health_check.ATTEMPTS * (ANSWER_SECONDS + 2 + health_check.PAUSE_SECONDS)

    assert longest * 1000 + MS_TO_CLOSE / 2 <= health_check.MS_TO_CHECK


def test_check_is_skipped_outside_lambda():
    assert health_check.failure(None, DUE, remaining_ms=lambda: 55_000) is None


def test_failure_emits_a_metric_with_its_reason_and_success_emits_none(
    capsys: pytest.CaptureFixture[str],
):
    world = new_world()
    request_log.log_health_check(None, world.settings, now=DUE)
    request_log.log_health_check("status 503", world.settings, now=DUE)

    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    (metrics,) = line["_aws"]["CloudWatchMetrics"]
    assert metrics["Metrics"] == [{"Name": "HealthChecksFailed"}]
    assert metrics["Dimensions"] == [["Stage"]]
    assert (line["HealthChecksFailed"], line["reason"]) == (1, "status 503")


@pytest.fixture
def app_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    from chalicelib.web import dependencies

    for name, value in {**TABLES, "SITES": "*"}.items():
        monkeypatch.setenv(name, value)
    world = new_world()
    dependencies.settings.cache_clear()
    dependencies.tables.cache_clear()
    monkeypatch.setattr(dependencies, "connect", lambda _: world.tables)
    yield world
    dependencies.settings.cache_clear()
    dependencies.tables.cache_clear()


class App:
    """Lambda that runs the app itself."""

    def invoke(self, *, Payload: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        import app

        answer = app.app(json.loads(Payload), None)
        return {"Payload": SimpleNamespace(read=lambda: json.dumps(answer).encode())}


def test_app_handles_the_check_like_a_request(app_world: World):
    import app

    status = LocalGateway(app.app, Config()).handle_request("GET", "/health", {}, b"")

    assert status["statusCode"] == 200
    assert failure(App()) is None


@pytest.mark.parametrize("table", list(TABLES.values()))
def test_table_that_the_api_cannot_read_fails_the_check(app_world: World, table: str):
    def deny(params: dict[str, Any], **_: Any) -> None:
        if table in params["RequestItems"]:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "BatchGetItem")

    events = app_world.tables.database.client.meta.events
    events.register("provide-client-params.dynamodb.BatchGetItem", deny)

    assert failure(App()) == "status 503"
