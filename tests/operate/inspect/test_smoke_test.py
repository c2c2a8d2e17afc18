"""A deployment is verified with an event that leaves no data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.config import Config
from chalice.local import LocalGateway

from chalicelib.web import function_url
from devkit.url_event import url_event
from operate.aws.http_client import Reply
from operate.aws.stage import ConnectedStage
from operate.inspect import smoke_test
from tests.world import CHROME, TABLES, TOKEN, TOKEN_HASH, World, new_world, page_view

URL = "https://api.example/prod"
FUNCTION_URL = "https://collect.example"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ConnectedStage, World]]:
    """Open the app with one configured site, behind `send`."""
    import app
    from chalicelib.web import dependencies

    environment = {"SITES": "shop.example", "READ_TOKEN_HASHES": TOKEN_HASH}
    for name, value in {**TABLES, **environment}.items():
        monkeypatch.setenv(name, value)
    world = new_world(**environment)
    dependencies.settings.cache_clear()
    dependencies.tables.cache_clear()
    monkeypatch.setattr(dependencies, "connect", lambda _: world.tables)
    monkeypatch.setattr(smoke_test, "send", sender(LocalGateway(app.app, Config())))
    yield ConnectedStage(world.settings, world.tables), world
    dependencies.settings.cache_clear()
    dependencies.tables.cache_clear()


def sender(gateway: LocalGateway) -> Any:
    def send(method: str, url: str, body: object = None, **headers: str) -> Reply:
        path = url.removeprefix(URL)
        named = {"user-agent": CHROME, "content-type": "application/json", **headers}
        content = b"" if body is None else json.dumps(body).encode()
        if url.startswith(FUNCTION_URL):
            event = url_event(method, url.removeprefix(FUNCTION_URL), content, named)
            answer = function_url.handle(event, None)
            return Reply(answer["statusCode"], {}, answer["body"])
        try:
            answer = gateway.handle_request(method, path, named, content)
        except Exception as error:  # an unknown path: the gateway's own refusal
            return Reply(403, {}, str(error))
        return Reply(answer["statusCode"], {}, answer["body"])

    return send


def wrong(findings: Iterator[smoke_test.Check]) -> list[str]:
    return [finding.name for finding in findings if not finding.passed]


def test_complete_deployment_passes(opened):
    result = list(smoke_test.check_deployment(URL, opened[0], TOKEN))

    assert wrong(iter(result)) == []
    assert {"It is stored", "It is counted in realtime", "The event was removed"} <= {
        finding.name for finding in result
    }


def test_event_is_also_sent_to_the_function_url(opened, monkeypatch):
    checks = [*smoke_test.check_deployment(URL, opened[0], TOKEN, FUNCTION_URL)]
    names = [check.name for check in checks]

    assert wrong(iter(checks)) == []
    assert "The tracker is available at the Function URL" in names
    assert "An event is accepted at the Function URL" in names
    assert names.count("It is stored") == names.count("The event was removed") == 2

    monkeypatch.setattr(function_url, "handle", lambda *_: {"statusCode": 502, "body": ""})
    assert wrong(smoke_test.check_deployment(URL, opened[0], TOKEN, FUNCTION_URL)) == [
        "The tracker is available at the Function URL",
        "An event is accepted at the Function URL",
        "It is stored",
        "It is counted in realtime",
    ]


def test_smoke_test_leaves_no_data_and_changes_no_metric(opened):
    stage, world = opened
    world.send(page_view("https://shop.example/"))
    before = [world.items(table) for table in ("events", "sessions", "rollups")]
    rows = world.rows()

    list(smoke_test.check_deployment(URL, stage, TOKEN))

    assert [world.items(table) for table in ("events", "sessions", "rollups")] == before
    assert world.rows() == rows


def test_without_a_token_other_checks_run_and_no_event_is_stored(opened):
    stage, world = opened

    result = list(smoke_test.check_deployment(URL, stage, ""))

    assert wrong(iter(result)) == []
    assert result[-1].name == "An event of an unknown site is dropped"
    assert world.rows() == world.items("events") == []


def test_invalid_token_fails_the_verification_and_stores_nothing(opened):
    stage, world = opened

    failed = wrong(smoke_test.check_deployment(URL, stage, "another"))

    assert {"An event is accepted", "It is counted in realtime"} <= set(failed)
    assert world.rows() == world.items("events") == []


def test_app_that_stores_a_strangers_event_fails_the_verification(opened, monkeypatch):
    monkeypatch.setattr("chalicelib.services.collect.drop_rules._may_send", lambda *_: True)

    failed = wrong(smoke_test.check_deployment(URL, opened[0], TOKEN))

    assert "An event of an unknown site is dropped" in failed


def test_rejected_event_fails_the_verification(opened, monkeypatch):
    sent: Any = getattr(smoke_test, "send")  # noqa: B009

    def refusing(method: str, url: str, body: object = None, **headers: str) -> Reply:
        if method == "POST":
            return Reply(202, {}, '{"status": "success", "data": {"dropped": "bot"}}')
        return sent(method, url, body, **headers)

    monkeypatch.setattr(smoke_test, "send", refusing)

    assert "An event is accepted" in wrong(smoke_test.check_deployment(URL, opened[0], TOKEN))


def test_unexpected_version_fails_the_verification(opened, monkeypatch):
    monkeypatch.setattr(smoke_test, "__version__", "9.9.9")

    assert wrong(smoke_test.check_deployment(URL, opened[0], TOKEN)) == ["Its version is 9.9.9"]


def test_findings_are_printed_with_the_observed_value(capsys):
    findings = [
        smoke_test.Check("One", True),
        smoke_test.Check("Two", False, "403 nothing"),
    ]

    assert smoke_test.print_checks(iter(findings)) is False
    assert capsys.readouterr().out == "ok   One\nNOT  Two\n     403 nothing\n"
