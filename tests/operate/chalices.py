"""Two stand-ins for `chalice deploy`: the real one, faster and with its calls recorded, and a
quick one that creates the same resources with the same names."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from devkit.project_paths import ROOT
from operate.aws.account import Account
from operate.aws.stage import Stage, read_stage
from operate.build.build_copy import BuildCopy
from operate.build.runtime import RUNTIME
from operate.errors import CommandError

_RECORDED = """
import sys, time
time.sleep = lambda seconds, sleep=time.sleep: sleep(min(seconds, 0.01))
import botocore.client
from chalice.cli import main
from operate.build.chalice_command import adapt_chalice, use_runtime

log, is_by_hand = sys.argv.pop(1), sys.argv.pop(1) == "by hand"
use_runtime() if is_by_hand else adapt_chalice()
call = botocore.client.BaseClient._make_api_call


def recorded(client, operation, parameters):
    with open(log, "a") as file:
        print(client.meta.service_model.service_name, operation, file=file)
    return call(client, operation, parameters)


botocore.client.BaseClient._make_api_call = recorded
sys.exit(main())
"""


class RecordedChalice:
    """The real command line, as `make deploy` or a user runs it; `calls` are its calls to
    AWS."""

    def __init__(self, log: Path, python: Path, *, by_hand: bool = False) -> None:
        self._log = log
        self._python = python
        self._way = "by hand" if by_hand else "make deploy"

    def typed_by_hand(self) -> RecordedChalice:
        return RecordedChalice(self._log, self._python, by_hand=True)

    def __call__(self, project: BuildCopy, _: Account) -> None:
        done = subprocess.run(
            [
                *(str(self._python), "-B", "-c", _RECORDED, str(self._log), self._way),
                *("--project-dir", str(project.folder), "deploy", "--stage", project.stage),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandError(done.stderr)

    @property
    def calls(self) -> set[tuple[str, str]]:
        """Return service and operation of each call."""
        lines = self._log.read_text("utf-8").splitlines() if self._log.exists() else []
        return {tuple(line.split()) for line in lines}  # type: ignore[misc]


def quick_chalice(project: BuildCopy, account: Account) -> None:
    """Deploy with clients of its own, like a separate process."""
    session = _clients(account.region)
    stage = read_stage(project.stage, project.folder)
    arns = {name: _function(session, name, stage.environment) for name in stage.functions}
    for rule, function in zip(stage.rules, stage.scheduled_functions, strict=True):
        events = session.client("events")
        events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")
        events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arns[function]}])
    api_id = _api(session, project, arns[stage.api_function], stage)
    made = [{"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api_id}]
    project.chalice_state_file.parent.mkdir(parents=True, exist_ok=True)
    project.chalice_state_file.write_text(
        json.dumps({"resources": made, "schema_version": "2.0", "backend": "api"}), "utf-8"
    )


@dataclass(frozen=True)
class _Clients:
    session: boto3.Session
    made: dict[str, Any]

    def client(self, service: str) -> Any:
        if service not in self.made:
            self.made[service] = self.session.client(service)
        return self.made[service]


@lru_cache
def _clients(region: str) -> _Clients:
    return _Clients(boto3.Session(region_name=region), {})


def _function(session: Any, name: str, environment: Any) -> str:
    client, iam = session.client("lambda"), session.client("iam")
    role = name if name.count("-") > 1 else f"{name}-api_handler"
    if role not in {found["RoleName"] for found in iam.list_roles()["Roles"]}:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=_policy(Principal="*"))
        iam.put_role_policy(
            RoleName=role, PolicyName=role, PolicyDocument=_policy(Resource="*")
        )
    variables = {"Variables": dict(environment)}
    try:
        client.update_function_configuration(FunctionName=name, Environment=variables)
    except ClientError:
        return str(
            client.create_function(
                FunctionName=name,
                Role=f"arn:aws:iam::000000000000:role/{role}",
                Runtime=RUNTIME,
                Handler="app.app",
                Code={"ZipFile": code("first")},
                Environment=variables,
            )["FunctionArn"]
        )
    return str(client.get_function_configuration(FunctionName=name)["FunctionArn"])


def _policy(**more: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code(text: str) -> bytes:
    """Return a zip of an app that contains that text."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(zipfile.ZipInfo("app.py"), f"# {text}")
    return packed.getvalue()


def _api(session: Any, project: BuildCopy, arn: str, stage: Stage) -> str:
    client = session.client("apigateway")
    integration = {"uri": f"arn:aws:apigateway:x:lambda:path/functions/{arn}/invocations"}
    definition = {
        "swagger": "2.0",
        "info": {"title": "liveinsight"},
        "paths": {"/": {"get": {"x-amazon-apigateway-integration": integration}}},
    }
    body = json.dumps(definition).encode()
    known = project.chalice_state_file.exists() and json.loads(
        project.chalice_state_file.read_text("utf-8")
    )
    if known:
        api_id = str(known["resources"][0]["rest_api_id"])
        client.put_rest_api(restApiId=api_id, mode="overwrite", body=body)
    else:
        api_id = str(client.import_rest_api(body=body)["id"])
    client.create_deployment(
        restApiId=api_id, stageName=stage.api_stage, tracingEnabled=stage.is_traced()
    )
    return api_id
