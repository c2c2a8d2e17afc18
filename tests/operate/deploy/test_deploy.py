"""A deployment with the real `chalice deploy`. CloudFormation, Lambda, IAM, EventBridge,
Parameter Store and DynamoDB are the emulator's; API Gateway and X-Ray are stand-ins."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from devkit.infrastructure.concurrency import collect_concurrency
from devkit.infrastructure.throttles import method_throttles, parse_throttle, setting_key
from devkit.local_secrets import token_hash
from operate.access.tokens import load_tokens
from operate.access.visitor_key_parameter import read_visitor_key
from operate.aws import gateway_settings
from operate.aws.stage import Stage
from operate.build.build_copy import BuildCopy
from operate.build.chalice_app import ChaliceApp
from operate.build.runtime import RUNTIME
from operate.deploy.prepare import prepare_checkout
from operate.deploy.steps import Step
from operate.errors import CommandError
from operate.resources.inventory import app_resources, data_resources, stack_resources
from operate.versions.releases import Releases
from tests.operate.actions import granted, of_calls
from tests.operate.chalices import RecordedChalice
from tests.operate.gateway_server import Api
from tests.operate.stages import Aws, in_environment

pytestmark = pytest.mark.slow


@dataclass
class Deployed:
    """`said` is what the first deployment printed, `changes` its changes to API Gateway."""

    aws: Aws
    name: str
    chalice: RecordedChalice
    said: str
    changes: list[str]

    @property
    def stage(self) -> Stage:
        return self.aws.stage(self.name)

    @property
    def api(self) -> Api:
        (api,) = self.aws.gateway.of_stage(self.name)
        return api

    def deploy_again(self) -> list[str]:
        """Deploy again; return the changes to API Gateway and X-Ray."""
        self.aws.gateway.calls.clear()
        self.aws.deployment(self.stage, chalice=self.chalice).run()
        return self.aws.gateway.changes()

    def releases(self) -> Releases:
        return Releases(self.stage, self.aws.account(), self.aws.record(self.stage))

    def function_url(self) -> dict[str, Any]:
        client = self.aws.account().client("lambda")
        url: dict[str, Any] = client.get_function_url_config(
            FunctionName=self.stage.collect_function
        )
        return url

    def environment(self) -> dict[str, dict[str, str]]:
        client = self.aws.account().client("lambda")
        return {
            name: client.get_function_configuration(FunctionName=name)["Environment"][
                "Variables"
            ]
            for name in self.stage.functions
        }


@pytest.fixture(scope="module")
def first(
    made_aws: Aws, python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Deploy once for the tests here, each of which leaves the stage intact."""
    chalice = RecordedChalice(tmp_path_factory.mktemp("chalice") / "calls", python)
    with in_environment(made_aws.environment):
        stage = made_aws.new_stage()
        made_aws.gateway.calls.clear()
        made_aws.calls.clear()
        with pytest.MonkeyPatch.context() as patch:
            output: list[str] = []
            patch.setattr("operate.deploy.deploy.echo", output.append)
            made_aws.deployment(stage, checks_permissions=True).run()
        changes = made_aws.gateway.changes()
        yield Deployed(made_aws, stage.name, chalice, "\n".join(output), changes)


@pytest.fixture
def deployed(first: Deployed, aws: Aws) -> Deployed:
    return first


def token_in(said: str) -> str:
    (token,) = re.findall(r"Read token, shown this once: (\S+)", said)
    return str(token)


def test_deployment_creates_every_resource(deployed: Deployed):
    account, stage = deployed.aws.account(), deployed.stage
    kinds = [part.kind for part in app_resources(stage, account)]

    assert kinds == ["rule", "API", *["function"] * 4, *["role"] * 4]
    assert [part.name for part in stack_resources(stage, account)] == [stage.resources_stack]
    assert [part.kind for part in data_resources(stage, account)] == ["table"] * 4 + [
        "parameter"
    ]


def test_steps_are_printed_in_order(deployed: Deployed):
    announced = [line for line in deployed.said.splitlines() if line.startswith("Step ")]

    assert announced == [str(step) for step in Step]


def test_deployment_prints_the_address_and_the_script_tag(deployed: Deployed):
    url = f"https://{deployed.api.id}.execute-api.us-east-1.amazonaws.com/{deployed.name}"

    assert f"{url}/\n" in deployed.said
    collecting = deployed.function_url()["FunctionUrl"]
    assert f'<script defer src="{collecting}tracker.js"></script>' in deployed.said
    assert "account 000000000000, region us-east-1, python3.13 on" in deployed.said


def test_first_token_works_and_is_not_stored(deployed: Deployed):
    token = token_in(deployed.said)

    for variables in deployed.environment().values():
        assert variables["READ_TOKEN_HASHES"] == token_hash(token)
    (kept,) = load_tokens(deployed.aws.record(deployed.stage))
    assert (kept.name, kept.hash) == ("first", token_hash(token))
    items = deployed.aws.account().client("dynamodb").scan(TableName=deployed.stage.tables[3])
    assert token not in json.dumps(items["Items"], default=str)


def test_runtime_does_not_depend_on_the_python_that_deploys(deployed: Deployed):
    functions = deployed.releases().account.client("lambda")

    for name in deployed.stage.functions:
        result = functions.get_function_configuration(FunctionName=name)
        assert result["Runtime"] == RUNTIME


def test_visitor_key_is_created_once_and_never_printed(deployed: Deployed):
    key = read_visitor_key(deployed.stage, deployed.aws.account())

    assert key
    assert len(key) >= 40
    assert key not in deployed.said
    left = [path for path in deployed.aws.source.rglob("*") if path.is_file()]
    assert not [path for path in left if key.encode() in path.read_bytes()]


def test_visitor_key_is_in_no_function_and_no_release(deployed: Deployed):
    """They have the name of its parameter, and those that hash user IDs may read it."""
    client, iam = boto3.client("lambda"), boto3.client("iam")
    key = read_visitor_key(deployed.stage, deployed.aws.account())
    assert key

    for name, variables in deployed.environment().items():
        assert variables["VISITOR_KEY_PARAMETER"] == deployed.stage.visitor_key_parameter
        for version in client.list_versions_by_function(FunctionName=name)["Versions"]:
            assert key not in json.dumps(version, default=str)
            assert "VISITOR_KEY" not in version["Environment"]["Variables"]
    without_key = {deployed.stage.collect_function, deployed.stage.scan_function}
    for role in set(deployed.stage.roles) - without_key:
        (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        result = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        (grant,) = [s for s in result["Statement"] if "ssm:GetParameter" in s["Action"]]
        assert grant["Resource"].endswith(f":parameter{deployed.stage.visitor_key_parameter}")


def test_gateway_errors_have_the_error_format(deployed: Deployed):
    in_force = deployed.api.deployments[-1]["answers"]

    assert in_force == gateway_settings.gateway_responses("*")
    assert (
        deployed.api.stages[deployed.name]["deploymentId"] == deployed.api.deployments[-1]["id"]
    )


def test_one_api_deployment_publishes_routes_and_gateway_responses(deployed: Deployed):
    """API Gateway allows one deployment in five seconds, and errors need their CORS headers
    immediately."""
    assert deployed.changes.count("CreateDeployment") == 1
    assert "PutGatewayResponse" not in deployed.changes


def test_stage_is_throttled_and_not_traced(deployed: Deployed):
    stage = deployed.api.stages[deployed.name]

    assert {key: parse_throttle(given) for key, given in stage["methodSettings"].items()} == {
        setting_key(method): throttle for method, throttle in method_throttles(1000).items()
    }
    assert stage["tracingEnabled"] is False
    assert f"liveinsight-{deployed.name}" not in deployed.aws.gateway.rules
    client = boto3.client("lambda")
    for name in deployed.stage.functions:
        result = client.get_function_configuration(FunctionName=name)
        assert result.get("TracingConfig", {}).get("Mode") != "Active"


def test_api_is_compressed(deployed: Deployed):
    assert deployed.api.compression == 1024


def test_job_is_not_retried(deployed: Deployed):
    config = (
        deployed.aws.account()
        .client("lambda")
        .get_function_event_invoke_config(FunctionName=deployed.stage.scheduled_functions[0])
    )

    assert config["MaximumRetryAttempts"] == 0
    assert config["MaximumEventAgeInSeconds"] == 60


def test_collect_function_has_a_public_url(deployed: Deployed):
    url = deployed.function_url()
    client = deployed.aws.account().client("lambda")
    policy = client.get_policy(FunctionName=deployed.stage.collect_function)["Policy"]

    assert (url["AuthType"], url["InvokeMode"]) == ("NONE", "BUFFERED")
    assert url["Cors"]["AllowOrigins"] == ["*"]
    assert url["Cors"]["AllowMethods"] == ["GET", "HEAD", "POST"]
    assert {s["Action"]: s["Condition"] for s in json.loads(policy)["Statement"]} == {
        "lambda:InvokeFunctionUrl": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
        "lambda:InvokeFunction": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}},
    }


def test_collect_function_starts_without_chalice_and_has_limited_concurrency(
    deployed: Deployed,
):
    client, name = deployed.aws.account().client("lambda"), deployed.stage.collect_function
    function = client.get_function_configuration(FunctionName=name)
    concurrency = client.get_function_concurrency(FunctionName=name)

    assert function["Handler"] == "chalicelib.web.function_url.handle"
    assert concurrency["ReservedConcurrentExecutions"] == collect_concurrency(1000) == 10


def test_second_deployment_changes_nothing(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
):
    before = deployed.releases().all()

    assert deployed.deploy_again() == []
    assert deployed.releases().all() == before
    output = capsys.readouterr().out
    assert output.count("up to date") == 3
    assert "App: up to date." in output
    assert "shown this once" not in output


def test_manual_changes_are_reset(deployed: Deployed):
    throttled = deployed.api.stages[deployed.name]["methodSettings"]["~1events/POST"]
    throttled["throttlingRateLimit"] = 10_000.0

    assert deployed.deploy_again() == ["UpdateStage"]
    assert throttled["throttlingRateLimit"] == 13.33


def test_manual_changes_of_the_function_url_are_reset(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
):
    client, name = deployed.aws.account().client("lambda"), deployed.stage.collect_function
    before = deployed.function_url()
    client.update_function_url_config(FunctionName=name, Cors={"AllowOrigins": ["https://a.b"]})
    client.update_function_configuration(FunctionName=name, Handler="app.collect_from_url")
    client.delete_function_concurrency(FunctionName=name)
    client.remove_permission(FunctionName=name, StatementId="FunctionURLAllowInvokeAction")
    client.remove_permission(FunctionName=name, StatementId="FunctionURLAllowPublicAccess")
    client.add_permission(
        FunctionName=name,
        StatementId="FunctionURLAllowPublicAccess",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="AWS_IAM",
    )

    deployed.deploy_again()

    output = capsys.readouterr().out
    assert f"Set: the handler of {name}, at most 10 executions of {name} at once" in output
    after = deployed.function_url()
    assert (after["Cors"], after["FunctionUrl"]) == (before["Cors"], before["FunctionUrl"])
    test_collect_function_has_a_public_url(deployed)
    test_collect_function_starts_without_chalice_and_has_limited_concurrency(deployed)


def test_changed_code_is_deployed_and_can_be_rolled_back(deployed: Deployed):
    releases = deployed.releases()
    earlier = releases.record_release("0.1.0", deployed.api.id)
    code = deployed.aws.source / "chalicelib" / "version.py"
    was = code.read_text("utf-8")
    code.write_text(was.replace("0.1.0", "0.1.1"), "utf-8")
    try:
        changes = deployed.deploy_again()
    finally:
        code.write_text(was, "utf-8")

    assert "PutRestApi" in changes
    assert "ImportRestApi" not in changes  # it is the same API
    newer = releases.current()
    assert newer
    assert newer.number == earlier.number + 1
    assert newer.api_deployment == deployed.api.stages[deployed.name]["deploymentId"]
    assert set(newer.functions.values()).isdisjoint(earlier.functions.values())


def test_plain_chalice_deploy_works_on_a_prepared_stage(deployed: Deployed, tmp_path: Path):
    aws = deployed.aws
    before = deployed.environment()
    source = tmp_path / "clone"
    shutil.copytree(aws.source, source, ignore=shutil.ignore_patterns(".build", "deployed"))

    prepare_checkout(deployed.stage, aws.account(), source)
    by_hand = deployed.chalice.typed_by_hand()
    by_hand(BuildCopy(source, deployed.name), aws.account())

    assert deployed.environment() == before
    assert deployed.api  # still one
    assert "ImportRestApi" not in aws.gateway.calls
    assert "CreateDeployment" in deployed.deploy_again()  # the gateway's own answers are back
    assert deployed.api.deployments[-1]["answers"]


def test_api_is_found_again_without_its_record(deployed: Deployed):
    account, record = deployed.aws.account(), deployed.aws.record(deployed.stage)
    ChaliceApp(deployed.stage, account, record, source=deployed.aws.source).clear()

    deployed.deploy_again()

    assert deployed.api.id in json.dumps(record.get("chalice"))


def test_interrupted_chalice_deployment_is_completed_without_a_second_api(
    aws: Aws, deployed: Deployed
):
    stage, chalice = aws.new_stage(), deployed.chalice
    aws.gateway.failing = "CreateDeployment"
    with pytest.raises(CommandError, match="refused for the test"):
        aws.deployment(stage, chalice=chalice).run()
    assert aws.record(stage).get("chalice") is None

    aws.deployment(stage, chalice=chalice).run()

    (api,) = aws.gateway.of_stage(stage.name)
    assert api.stages[stage.name]["deploymentId"] == api.deployments[-1]["id"]
    assert len(app_resources(stage, aws.account())) == 10


def test_deployer_policy_grants_every_call_of_these_tests(deployed: Deployed):
    """It runs last, after a first deployment, an interrupted one, and changes."""
    calls = of_calls(deployed.chalice.calls | deployed.aws.calls)

    assert calls - granted() == set()
    assert calls
