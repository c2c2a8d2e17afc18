"""Least privilege: each function may do what it needs on its own tables, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from chalice.analyzer import get_client_calls_for_app
from chalice.config import Config
from chalice.local import LocalGateway
from moto import mock_aws

from chalicelib.services.context import Context
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.storage.visitor_key import VisitorKey
from chalicelib.web.reading.reports import stats
from chalicelib.web.reading.scans import scan
from devkit.project_paths import ROOT
from devkit.stage_environment import stage_environment
from devkit.url_event import url_event
from operate.aws.gateway_settings import function_name, visitor_key_parameter
from tests.privileges import Grant, granted, of_service, policy, run_minute_job, send_visits
from tests.route_walk import COLLECTED, FILES, READS, Send, walk, walk_collecting
from tests.world import TABLES, TOKEN_HASH, World, minutes, new_world, page_view

STAGES = ["dev", "prod"]
FUNCTIONS = ["api_handler", "collect", "scan", "expire_sessions"]


class NotGranted(Exception):
    """IAM's response to a call that no policy allows."""


@dataclass
class Recorder:
    """Records a client's calls to DynamoDB, and rejects those it is told to."""

    used: set[Grant] = field(default_factory=set)
    refused: set[Grant] = field(default_factory=set)

    def __call__(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        used = set(self.needed(model.name, params))
        self.used |= used
        if used & self.refused:
            raise NotGranted(used & self.refused)

    @staticmethod
    def needed(operation: str, params: Mapping[str, Any]) -> Iterator[Grant]:
        if operation == "TransactWriteItems":
            for action in params["TransactItems"]:
                ((kind, request),) = action.items()
                name = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
                yield name, request["TableName"]
        elif "RequestItems" in params:
            yield from ((operation, table) for table in params["RequestItems"])
        else:
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            yield operation, params["TableName"] + index


@pytest.fixture
def recorded() -> tuple[World, Recorder]:
    recorder = Recorder()
    world = new_world(READ_TOKEN_HASHES=TOKEN_HASH)
    client = world.tables.database.client
    client.meta.events.register("provide-client-params.dynamodb.*", recorder)
    return world, recorder


@pytest.fixture
def on_recorded_tables(
    recorded: tuple[World, Recorder], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    from chalicelib.web import dependencies

    for name, value in {**TABLES, "SITES": "*", "READ_TOKEN_HASHES": TOKEN_HASH}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(dependencies, "connect", lambda _: recorded[0].tables)
    for cached in (dependencies.settings, dependencies.tables):
        cached.cache_clear()
    yield
    for cached in (dependencies.settings, dependencies.tables):
        cached.cache_clear()


@pytest.fixture
def send(on_recorded_tables: None) -> Send:
    """Send requests to the API."""
    import app

    gateway = LocalGateway(app.app, Config())

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        answer = gateway.handle_request(method, path, dict(headers), body)
        return answer["statusCode"], answer["body"]

    return send


def test_api_policy_grants_every_call_of_the_api(recorded, send: Send):
    _, recorder = recorded

    assert {step: status for step, status in walk(send) if status != 200} == {}
    assert recorder.used == granted("dev", "api_handler")


@pytest.mark.parametrize("grant", sorted(granted("dev", "api_handler")), ids="-".join)
def test_removing_a_grant_breaks_a_route(recorded, send: Send, grant: Grant):
    recorded[1].refused.add(grant)

    assert any(status >= 500 for _, status in walk(send))


@pytest.fixture
def send_to_url(on_recorded_tables: None) -> Send:
    """Send requests to the Function URL."""
    from chalicelib.web import function_url

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        answer = function_url.handle(url_event(method, path, body, headers), None)
        return answer["statusCode"], answer["body"]

    return send


def test_collect_policy_grants_every_call_of_the_collect_function(recorded, send_to_url: Send):
    _, recorder = recorded

    steps = walk_collecting(send_to_url)
    assert {step: status for step, status in steps if status != 200} == {}
    assert recorder.used == granted("dev", "collect")


@pytest.mark.parametrize("grant", sorted(granted("dev", "collect")), ids="-".join)
def test_removing_a_grant_breaks_collecting(recorded, send_to_url: Send, grant: Grant):
    recorded[1].refused.add(grant)

    assert any(status >= 500 for _, status in walk_collecting(send_to_url))


def test_scan_policy_grants_every_call_of_the_scan_function(recorded):
    world, recorder = recorded
    day = ["2026-09-05", minutes(0), minutes(60)]
    payload = {"site": "example.com", "timezone": "UTC", "dimensions": ["page"]}
    recorder.used.clear()

    scan(payload | {"filters": [], "days": [day]}, world.context(minutes(90)))

    assert recorder.used == granted("dev", "scan")


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_api_may_invoke_the_scan_function(stage: str):
    (invoking,) = of_service(policy(stage, "api_handler"), "lambda")

    assert invoking["Action"] == ["lambda:InvokeFunction"]
    assert invoking["Resource"] == (
        f"arn:aws:lambda:*:*:function:{function_name(stage, 'scan')}"
    )
    assert of_service(policy(stage, "collect"), "lambda") == []
    assert of_service(policy(stage, "scan"), "lambda") == []


def test_policy_tests_call_every_route_of_the_collect_function():
    from chalicelib.web import function_url

    assert set(function_url._ROUTES) == set(COLLECTED)


def test_policy_tests_call_every_route():
    import app

    routes = {path for path, methods in app.app.routes.items() if "GET" in methods}

    assert routes == {*READS, *FILES}


def test_job_policy_grants_every_call_of_the_job(recorded):
    world, recorder = recorded
    send_visits(world)
    recorder.used.clear()

    run_minute_job(world)

    assert recorder.used == granted("dev", "expire_sessions")


@pytest.mark.parametrize("grant", sorted(granted("dev", "expire_sessions")), ids="-".join)
def test_removing_a_grant_breaks_the_job(recorded, grant: Grant):
    world, recorder = recorded
    send_visits(world)
    recorder.refused.add(grant)

    with pytest.raises(NotGranted):
        run_minute_job(world)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_stages_differ_only_in_their_tables(function: str):
    names = {
        stage_environment("prod")[variable]: stage_environment("dev")[variable]
        for variable in TABLES
    }

    def as_in_dev(table: str) -> str:
        name, _, index = table.partition("/")
        return names[name] + (f"/{index}" if index else "")

    in_prod = granted("prod", function)

    assert {(action, as_in_dev(table)) for action, table in in_prod} == granted("dev", function)


@pytest.mark.parametrize("function", ["api_handler", "expire_sessions"])
@pytest.mark.parametrize("stage", STAGES)
def test_functions_may_read_the_visitor_key_of_their_stage_and_nothing_else_there(
    stage: str, function: str
):
    """Parameter Store decrypts with aws/ssm, whose key policy allows everyone who may read the
    parameter, so no KMS grant is needed."""
    document = policy(stage, function)
    (key,) = of_service(document, "ssm")

    assert key["Action"] == ["ssm:GetParameter"]
    assert key["Resource"] == f"arn:aws:ssm:*:*:parameter{visitor_key_parameter(stage)}"
    assert of_service(document, "kms") == []
    name = stage_environment(stage)["VISITOR_KEY_PARAMETER"]
    assert name == visitor_key_parameter(stage)


@pytest.mark.parametrize("stage", STAGES)
def test_collect_function_may_use_nothing_but_tables_and_its_log(stage: str):
    """Collecting hashes no user ID, so it reads no visitor key."""
    services = {
        action.partition(":")[0]
        for statement in policy(stage, "collect")["Statement"]
        for action in statement["Action"]
    }

    assert services == {"dynamodb", "logs"}


@mock_aws
def test_functions_only_read_the_visitor_key_from_parameter_store(recorded):
    """The job reads it to close a user's session, the API to count an active one."""
    world, _ = recorded
    requests: list[str] = []
    client = boto3.client("ssm", region_name="us-east-1")
    client.meta.events.register(
        "before-call.ssm", lambda model, **_: requests.append(model.name)
    )
    name = visitor_key_parameter("dev")
    client.put_parameter(Name=name, Value="a key", Type="SecureString")
    chosen = replace(world.settings, visitor_key_parameter=name)

    def in_new_process(now: int) -> Context:
        key = VisitorKey(chosen, lambda: client)
        return Context(replace(world.tables, make_visitor_key=lambda: key), chosen, now)

    world.send(page_view("/", user_id="ann"))
    requests.clear()
    stats({"site": "example.com"}, in_new_process(minutes(1)))
    assert requests == ["GetParameter"]
    expire_sessions(in_new_process(minutes(60)))
    assert requests == ["GetParameter"] * 2


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_no_grant_covers_all_resources(stage: str, function: str):
    """Tracing would need one; it is off."""
    for statement in policy(stage, function)["Statement"]:
        assert "*" not in "".join(statement["Action"])
        assert statement["Resource"] != "*"
    assert of_service(policy(stage, function), "xray") == []


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_functions_may_write_their_log_but_create_none(stage: str, function: str):
    """infra/resources.yaml creates the log groups; a function that could would create one again
    during a deletion."""
    (logs,) = of_service(policy(stage, function), "logs")
    name = function_name(stage, function)

    assert set(logs["Action"]) == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert logs["Resource"] == f"arn:aws:logs:*:*:log-group:/aws/lambda/{name}:*"


@pytest.mark.parametrize("stage", STAGES)
def test_job_may_invoke_only_the_api_of_its_stage(stage: str):
    (calls,) = of_service(policy(stage, "expire_sessions"), "lambda")

    assert calls["Action"] == ["lambda:InvokeFunction"]
    name = function_name(stage, "api_handler")
    assert calls["Resource"] == f"arn:aws:lambda:*:*:function:{name}"


def test_chalice_can_analyze_the_app():
    """`chalice gen-policy` finds no AWS calls in app.py; policies are written by hand."""
    assert get_client_calls_for_app((ROOT / "app.py").read_text("utf-8")) == {}
