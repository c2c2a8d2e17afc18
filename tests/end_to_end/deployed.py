"""The packaged app, deployed to an emulated account by CloudFormation as one stack. Each
function may only do what its role allows."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables, connect
from devkit.emulated_aws.emulated_stack import aws_client, wait_until_done
from devkit.emulated_aws.emulator import Emulator
from devkit.emulated_aws.scheduler import scheduled_event
from devkit.infrastructure.cfn_template import read_template
from devkit.local_secrets import token_hash
from devkit.project_paths import RESOURCES
from devkit.stage_environment import stage_environment
from operate.aws.gateway_settings import COLLECT, JOB, function_name, visitor_key_parameter
from operate.build.single_stack import Template, single_stack_template
from tests.end_to_end.product import Reply, request
from tests.packaging import packaged_app
from tests.privileges import Policy
from tests.world import TOKEN

STAGE = "prod"
STACK = f"liveinsight-{STAGE}"
BUCKET = "code"
SETTINGS = {"SITES": "*", "SESSION_TIMEOUT_SECONDS": "1"}
SECRETS = {"ReadTokenHashes": token_hash(TOKEN)}
VISITOR_KEY = "the-visitor-key-of-tests"
ROLES = {"api_handler": "ApiHandlerRole", COLLECT: "CollectRole", JOB: "ExpireSessionsRole"}


@dataclass(frozen=True, slots=True)
class Deployed:
    """`physical` maps logical resource ids to names."""

    environment: Mapping[str, str]
    template: Template
    physical: Mapping[str, str]

    def client(self, service: str) -> Any:
        return aws_client(service, self.environment)

    @property
    def url(self) -> str:
        api = f"{self.environment['AWS_ENDPOINT_URL']}/restapis/{self.physical['RestAPI']}"
        return f"{api}/{STAGE}/_user_request_"

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        to: str = "",
    ) -> Reply:
        """Send a request to the API, or to the URL `to`."""
        return request(method, (to or self.url) + path, headers or {}, body or None)

    @property
    def function_url(self) -> str:
        """The address of the collect function, which the emulator serves under a path."""
        config = self.client("lambda").get_function_url_config(
            FunctionName=function_name(STAGE, COLLECT)
        )
        (url_id,) = re.findall(r"https://(\w+)\.lambda-url\.", config["FunctionUrl"])
        return f"{self.environment['AWS_ENDPOINT_URL']}/_aws/lambda-url/{url_id}"

    @property
    def send_to_url(self) -> Callable[..., Reply]:
        """Like `send`, to the Function URL."""
        return partial(self.send, to=self.function_url)

    def post(self, body: object) -> Reply:
        headers = {"content-type": "application/json"}
        return self.send("POST", "/events", headers, json.dumps(body).encode())

    def read(self, path: str) -> Any:
        reply = self.send("GET", path, {"authorization": f"Bearer {TOKEN}"})
        assert reply.status == 200, reply.text
        return reply.json["data"]

    @property
    def settings(self) -> Settings:
        return Settings.from_environment({**stage_environment(STAGE), **SETTINGS})

    @property
    def tables(self) -> Tables:
        """The tables as the account's owner sees them."""
        return connect(self.settings, self.client("dynamodb"))

    def run_minute_job(self) -> None:
        """Invoke the job now."""
        event = scheduled_event(JOB, datetime.now(UTC))
        answer = self.client("lambda").invoke(
            FunctionName=function_name(STAGE, JOB), Payload=json.dumps(event)
        )
        assert "FunctionError" not in answer, answer["Payload"].read()

    def configure(self, function: str, **variables: str) -> None:
        client, name = self.client("lambda"), function_name(STAGE, function)
        before = client.get_function_configuration(FunctionName=name)["Environment"]
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": before["Variables"] | variables}
        )

    def restart(self, function: str) -> None:
        """Give the next request a new process."""
        self.configure(function, RESTARTED=str(time.time_ns()))

    def delete_stack(self, name: str) -> None:
        client = self.client("cloudformation")
        client.delete_stack(StackName=name)
        wait_until_done(client, name, "delete")

    def remove_bucket(self, name: str) -> None:
        s3 = self.client("s3")
        for found in s3.list_objects_v2(Bucket=name).get("Contents", []):
            s3.delete_object(Bucket=name, Key=found["Key"])
        s3.delete_bucket(Bucket=name)

    @contextmanager
    def policy(self, function: str, document: Policy) -> Iterator[None]:
        """Replace the function's policy; it applies to the next call."""
        iam, inline = self.client("iam"), self._inline_policy(function)
        before = iam.get_role_policy(**inline)["PolicyDocument"]
        iam.put_role_policy(**inline, PolicyDocument=json.dumps(document))
        try:
            yield
        finally:
            iam.put_role_policy(**inline, PolicyDocument=json.dumps(before))

    def _inline_policy(self, function: str) -> dict[str, str]:
        role = self.physical[ROLES[function]]
        (name,) = self.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
        return {"RoleName": role, "PolicyName": name}

    def logged(self, function: str) -> list[dict[str, Any]]:
        """Return the JSON lines of the function's log."""
        group = f"/aws/lambda/{function_name(STAGE, function)}"
        events = self.client("logs").filter_log_events(logGroupName=group)["events"]
        return [json.loads(e["message"]) for e in events if e["message"].startswith("{")]


def deploy_app(emulator: Emulator, folder: Path) -> Deployed:
    """Package the app, upload the package to a bucket, and create the stack."""
    packaged = packaged_app(folder, STAGE)
    app = json.loads((packaged / "sam.json").read_text("utf-8"))
    template = single_stack_template(
        app, read_template(RESOURCES), STAGE, stage_environment(STAGE)
    )
    environment = emulator.environment
    s3 = aws_client("s3", environment)
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(packaged / "deployment.zip"), BUCKET, "deployment.zip")
    aws_client("ssm", environment).put_parameter(
        Name=visitor_key_parameter(STAGE), Value=VISITOR_KEY, Type="SecureString"
    )
    physical = _create(
        environment, STACK, SECRETS, TemplateURL=put_template(emulated(template), environment)
    )
    return Deployed(environment, template, physical)


def create_stack(
    environment: Mapping[str, str], template: Template, name: str, **parameters: str
) -> Mapping[str, str]:
    """Create the stack; return the resources' names by logical id."""
    return _create(environment, name, parameters, TemplateBody=json.dumps(template))


def _create(
    environment: Mapping[str, str], name: str, parameters: Mapping[str, str], **template: str
) -> Mapping[str, str]:
    client = aws_client("cloudformation", environment)
    client.create_stack(
        StackName=name,
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        **template,
    )
    wait_until_done(client, name, "create")
    resources = client.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources}


def put_template(template: Template, environment: Mapping[str, str]) -> str:
    """Upload the template, which is too long for the request."""
    s3 = aws_client("s3", environment)
    s3.put_object(Bucket=BUCKET, Key="stack.json", Body=json.dumps(template).encode())
    return f"{environment['AWS_ENDPOINT_URL']}/{BUCKET}/stack.json"


def emulated(template: Template) -> Template:
    """Adapt the template to ministack: no alarms with formulas, unescaped paths in method
    settings, and short sessions."""
    changed = copy.deepcopy(template)
    resources = changed["Resources"]
    unknown = {
        *(name for name in resources if "Metrics" in resources[name].get("Properties", {})),
    }
    for name in unknown:
        del resources[name]
    for given in resources["RestAPI"]["Properties"]["MethodSettings"]:
        path = given["ResourcePath"]
        given["ResourcePath"] = (
            path.removeprefix("/").replace("~1", "/") if "~1" in path else path
        )
    body = resources["Dashboard"]["Properties"]["DashboardBody"]
    body["Fn::Sub"] = re.sub(rf'"\${{({"|".join(unknown)})\.Arn}}",\s*', "", body["Fn::Sub"])
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            properties["CodeUri"] = f"s3://{BUCKET}/deployment.zip"
            properties["Environment"]["Variables"] |= SETTINGS
    return changed


def everything_left(environment: Mapping[str, str]) -> list[str]:
    """Return every resource in the account of the kinds that LiveInsight creates."""

    def of(service: str) -> Any:
        return aws_client(service, environment)

    stacks = of("cloudformation").list_stacks()["StackSummaries"]
    return [
        *(s["StackName"] for s in stacks if s["StackStatus"] != "DELETE_COMPLETE"),
        *of("dynamodb").list_tables()["TableNames"],
        *(f["FunctionName"] for f in of("lambda").list_functions()["Functions"]),
        *(r["RoleName"] for r in of("iam").list_roles()["Roles"]),
        *(a["name"] for a in of("apigateway").get_rest_apis()["items"]),
        *(r["Name"] for r in of("events").list_rules()["Rules"]),
        *(g["logGroupName"] for g in of("logs").describe_log_groups()["logGroups"]),
        *(a["AlarmName"] for a in of("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(d["DashboardName"] for d in of("cloudwatch").list_dashboards()["DashboardEntries"]),
        *(t["TopicArn"] for t in of("sns").list_topics()["Topics"]),
        *(b["Name"] for b in of("s3").list_buckets()["Buckets"]),
    ]
