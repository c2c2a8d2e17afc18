"""The packaged app in an emulated account, deployed there by CloudFormation as one stack. What
each function may do is what its role says."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator import Emulator
from local.environment import stage_environment
from local.keys import token_hash
from local.paths import RESOURCES
from local.stack import StackFailed, aws_client, settled, why
from operate.gateway import JOB, function_name
from operate.one_stack import Template, one_stack
from operate.template import read_template
from tests.end_to_end.product import Reply, request
from tests.packaging import packaged_app
from tests.world import TOKEN

STAGE = "prod"
STACK = f"liveinsight-{STAGE}"
BUCKET = "code"
SETTINGS = {"SITES": "*", "SESSION_TIMEOUT_SECONDS": "1"}
SECRETS = {"ReadTokenHashes": token_hash(TOKEN), "VisitorKey": "the-visitor-key-of-tests"}
ROLES = {"api_handler": "ApiHandlerRole", JOB: "ExpireSessionsRole"}

Policy = dict[str, Any]

_TICK = {
    "version": "0",
    "id": "test",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {},
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """`physical` has the name of each resource by its logical one."""

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
    ) -> Reply:
        return request(method, self.url + path, headers or {}, body or None)

    def post(self, body: object) -> Reply:
        headers = {"content-type": "application/json"}
        return self.send("POST", "/events", headers, json.dumps(body).encode())

    def read(self, path: str) -> Any:
        reply = self.send("GET", path, {"authorization": f"Bearer {TOKEN}"})
        assert reply.status == 200, reply.text
        return reply.json["data"]

    def run_job(self) -> str | None:
        """Run it now; what went wrong, if anything did."""
        answer = self.client("lambda").invoke(
            FunctionName=function_name(STAGE, JOB), Payload=json.dumps(_TICK)
        )
        said: str = answer["Payload"].read().decode()
        return said if "FunctionError" in answer else None

    def restart(self, function: str) -> None:
        """The next request meets a process that has nothing in memory."""
        name = function_name(STAGE, function)
        client = self.client("lambda")
        before = client.get_function_configuration(FunctionName=name).get("Description", "")
        client.update_function_configuration(FunctionName=name, Description=before + ".")

    def policy(self, function: str) -> Policy:
        answer = self.client("iam").get_role_policy(**self._inline_policy(function))
        document: Policy = answer["PolicyDocument"]
        return document

    def put_policy(self, function: str, document: Policy) -> None:
        """It holds from the next call on."""
        self.client("iam").put_role_policy(
            **self._inline_policy(function), PolicyDocument=json.dumps(document)
        )

    def _inline_policy(self, function: str) -> dict[str, str]:
        role = self.physical[ROLES[function]]
        (name,) = self.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
        return {"RoleName": role, "PolicyName": name}

    def logged(self, function: str) -> list[dict[str, Any]]:
        """The lines of JSON in its log."""
        group = f"/aws/lambda/{function_name(STAGE, function)}"
        events = self.client("logs").filter_log_events(logGroupName=group)["events"]
        return [json.loads(e["message"]) for e in events if e["message"].startswith("{")]


def deploy_app(emulator: Emulator, folder: Path) -> Deployed:
    """Package it, put the package into a bucket, create the stack."""
    packaged = packaged_app(folder, STAGE)
    app = json.loads((packaged / "sam.json").read_text("utf-8"))
    template = one_stack(app, read_template(RESOURCES), STAGE, stage_environment(STAGE))
    environment = emulator.environment
    s3 = aws_client("s3", environment)
    s3.create_bucket(Bucket=BUCKET)
    s3.upload_file(str(packaged / "deployment.zip"), BUCKET, "deployment.zip")
    cloudformation = aws_client("cloudformation", environment)
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=put_template(emulated(template), environment),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in SECRETS.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    stack = settled(cloudformation, STACK)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise StackFailed(why(cloudformation, STACK))
    resources = cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    physical = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources}
    return Deployed(environment, template, physical)


def put_template(template: Template, environment: Mapping[str, str]) -> str:
    """Where CloudFormation finds it: it is too long to be sent along."""
    s3 = aws_client("s3", environment)
    s3.put_object(Bucket=BUCKET, Key="stack.json", Body=json.dumps(template).encode())
    return f"{environment['AWS_ENDPOINT_URL']}/{BUCKET}/stack.json"


def emulated(template: Template) -> Template:
    """Without what ministack does not know: sampling rules, and alarms with a formula. And with
    sessions that end soon."""
    changed = copy.deepcopy(template)
    resources = changed["Resources"]
    unknown = {
        "Sampling",
        *(name for name in resources if "Metrics" in resources[name].get("Properties", {})),
    }
    for name in unknown:
        del resources[name]
    body = resources["Dashboard"]["Properties"]["DashboardBody"]
    body["Fn::Sub"] = re.sub(rf'"\${{({"|".join(unknown)})\.Arn}}",\s*', "", body["Fn::Sub"])
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            properties["CodeUri"] = f"s3://{BUCKET}/deployment.zip"
            properties["Environment"]["Variables"] |= SETTINGS
    return changed


def everything_left(environment: Mapping[str, str]) -> list[str]:
    """Whatever there is in the account, of each kind that LiveInsight makes."""

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
