"""Stages for tests: a copy of the repository with a separate stage for each test, in an
emulated account with stand-ins for API Gateway and X-Ray."""

from __future__ import annotations

import copy
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest

from devkit.emulated_aws.emulator import REGION, Emulator
from devkit.project_paths import ROOT
from operate.aws.account import Account, open_account
from operate.aws.deployment_store import DeploymentStore, open_store
from operate.aws.stage import TABLE_VARIABLES, Stage, read_stage
from operate.deploy.deploy import Deployment
from tests.operate.gateway_server import GatewayServer

_numbers = count(1)


@dataclass
class Aws:
    """`environment` makes AWS tools use the emulators."""

    source: Path
    gateway: GatewayServer
    environment: Mapping[str, str]
    stages: list[str] = field(default_factory=list)
    calls: set[tuple[str, str]] = field(default_factory=set)  # service, operation
    _account: Account | None = None

    def new_stage(self, **variables: str) -> Stage:
        """Create an unused stage; `variables` are its environment."""
        name = f"t{next(_numbers)}"
        path = self.source / ".chalice" / "config.json"
        config = json.loads(path.read_text("utf-8"))
        own = copy.deepcopy(config["stages"]["dev"])
        own["api_gateway_stage"] = name
        own["region"] = REGION
        own["environment_variables"] |= {"SITES": "shop.example"} | variables
        for variable in TABLE_VARIABLES:
            table = own["environment_variables"][variable]
            own["environment_variables"][variable] = table.replace("-dev", f"-{name}")
        for function in own["lambda_functions"].values():
            function["iam_policy_file"] = self._policy_of(name, function["iam_policy_file"])
        config["stages"][name] = own
        path.write_text(json.dumps(config), "utf-8")
        self.stages.append(name)
        return self.stage(name)

    def trace(self, stage: Stage, *, is_on: bool) -> Stage:
        """Turn X-Ray on as docs/how-to/monitor.md describes, or off again."""
        path = self.source / ".chalice" / "config.json"
        config = json.loads(path.read_text("utf-8"))
        config["stages"][stage.name]["xray"] = is_on
        path.write_text(json.dumps(config), "utf-8")
        name = config["stages"][stage.name]["lambda_functions"]["api_handler"][
            "iam_policy_file"
        ]
        policy = json.loads((path.parent / name).read_text("utf-8"))
        kept = [one for one in policy["Statement"] if one["Sid"] != "Traces"]
        policy["Statement"] = kept + ([tracing_statement()] if is_on else [])
        (path.parent / name).write_text(json.dumps(policy), "utf-8")
        return self.stage(stage.name)

    def _policy_of(self, stage: str, of_dev: str) -> str:
        """Copy dev's policy file for the stage; return its name."""
        folder, own = self.source / ".chalice", of_dev.replace("-dev-", f"-{stage}-")
        text = (folder / of_dev).read_text("utf-8")
        for part in ("-dev", "/dev/"):
            text = text.replace(part, part.replace("dev", stage))
        (folder / own).write_text(text, "utf-8")
        return own

    def stage(self, name: str) -> Stage:
        """Return the stage as config.json describes it now."""
        return read_stage(name, self.source)

    def account(self) -> Account:
        """Return the same account each time: creating its clients takes longer than using
        them."""
        if self._account is None:
            session = boto3.Session()
            session.events.register("before-call", self._note)
            self._account = open_account(REGION, session)
        return self._account

    def _note(self, model: Any, **_: Any) -> None:
        self.calls.add((model.service_model.service_name, model.name))

    def record(self, stage: Stage) -> DeploymentStore:
        return open_store(stage, self.account())

    def deployment(self, stage: Stage, **more: Any) -> Deployment:
        """Create a deployment without alarms, as the emulator does not support formulas, and
        without simulating a hundred permissions."""
        more = {"checks_permissions": False} | more
        return Deployment(
            stage, self.account(), {"Watching": "off"}, source=self.source, **more
        )


def tracing_statement() -> dict[str, Any]:
    """Return the statement in docs/how-to/monitor.md."""
    text = (ROOT / "docs" / "how-to" / "monitor.md").read_text("utf-8")
    (found,) = re.findall(r"^\{\"Sid\": \"Traces\".*?\}$", text, re.MULTILINE | re.DOTALL)
    statement: dict[str, Any] = json.loads(found)
    return statement


def copied_repository(folder: Path) -> Path:
    """Copy the repository without requirements, which would have to be downloaded."""
    ignored = shutil.ignore_patterns("__pycache__", "deployments", "deployed")
    for name in ("chalicelib", ".chalice", "infra"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy2(ROOT / "app.py", folder)
    (folder / "requirements.txt").touch()
    return folder


def aws_environment(emulator: Emulator, gateway: GatewayServer) -> dict[str, str]:
    return {
        **emulator.environment,
        "AWS_ENDPOINT_URL_API_GATEWAY": gateway.url,
        "AWS_ENDPOINT_URL_XRAY": gateway.url,
    }


@contextmanager
def in_environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Set the environment, in an account where nothing takes long, so that no test has to
    wait."""
    sleep = time.sleep
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
        yield
