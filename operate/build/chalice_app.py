"""`chalice deploy` of a stage, and Chalice's record of what it deployed.

Without that record, Chalice creates a second API. It writes the record only when a deployment
is complete. So the record is stored in the account (operate/aws/deployment_store.py), and if it
is missing, the API is found by the function that it calls.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from devkit.project_paths import ROOT
from operate.aws import gateway_settings
from operate.aws.account import Account, error_code
from operate.aws.deployment_store import DeploymentStore
from operate.aws.stage import Stage
from operate.build.build_copy import BuildCopy
from operate.build.chalice_command import run_chalice_command
from operate.errors import CommandError

Chalice = Callable[[BuildCopy, Account], None]


def run_chalice(project: BuildCopy, account: Account) -> None:
    """Run `chalice deploy`, which prints what it does. Raise CommandError if it fails."""
    failed = run_chalice_command(
        ["--project-dir", str(project.folder), "deploy", "--stage", project.stage],
        {
            **os.environ,
            **account.credentials(),
            "AWS_REGION": account.region,
            "AWS_DEFAULT_REGION": account.region,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    if failed:
        raise CommandError(
            "chalice deploy did not finish. Its reason is above. Run the same command again to "
            "resume."
        )


@dataclass(frozen=True, slots=True)
class ChaliceApp:
    """The app of a stage. `source` is the repository."""

    stage: Stage
    account: Account
    store: DeploymentStore
    chalice: Chalice = run_chalice
    source: Path = ROOT

    def deploy(self, project: BuildCopy) -> str:
        """Run `chalice deploy` and return the id of the API."""
        self.restore_chalice_state(project)
        try:
            self.chalice(project, self.account)
        finally:
            self.save_chalice_state(project)
        api_id = self.api_id()
        if api_id is None:
            raise CommandError(
                "chalice deploy succeeded but there is no API. Run the command again."
            )
        return api_id

    def clear(self) -> None:
        """Delete the records of the deployment."""
        self.store.delete("chalice")
        self.store.delete("deployed")
        self._local_state_file.unlink(missing_ok=True)

    def api_id(self) -> str | None:
        """Return the stage's API: the recorded one if it still exists, else the one that calls
        the stage's function."""
        recorded = api_id_in(self.store.get("chalice") or self._local_state())
        if recorded and self._has_api(recorded):
            return recorded
        return self._find_api()

    def matches_deployment(self, fingerprint: str, environment: Mapping[str, str]) -> bool:
        """Whether the last deployment was made from the same files, and the functions still
        have its code and this environment."""
        last = self.store.get("deployed") or {}
        functions = self.functions()
        return (
            last.get("fingerprint") == fingerprint
            and functions.keys() == set(self.stage.functions)
            and last.get("code") == _code(functions)
            and all(_environment(one) == environment for one in functions.values())
        )

    def save_fingerprint(self, fingerprint: str) -> None:
        self.store.put(
            "deployed", {"fingerprint": fingerprint, "code": _code(self.functions())}
        )

    def functions(self) -> dict[str, dict[str, Any]]:
        """Return the configuration of each function by name. A stage of an earlier version has
        none that collects."""
        client = self.account.client("lambda")
        functions = {}
        for name in self.stage.functions:
            try:
                functions[name] = client.get_function_configuration(FunctionName=name)
            except ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise
        return functions

    def restore_chalice_state(self, project: BuildCopy) -> None:
        """Write Chalice's record to where Chalice reads it."""
        state = self.store.get("chalice") or self._local_state()
        api_id = self.api_id()
        if api_id_in(state) != api_id:
            state = _state_for(api_id) if api_id else None
        if state:
            _write(project.chalice_state_file, state)

    def save_chalice_state(self, project: BuildCopy) -> None:
        """Store Chalice's record, also in this checkout, for `chalice deploy` by hand."""
        if project.chalice_state_file.exists():
            state = json.loads(project.chalice_state_file.read_text(encoding="utf-8"))
            self.store.put("chalice", state)
            _write(self._local_state_file, state)

    @property
    def _local_state_file(self) -> Path:
        return BuildCopy(self.source, self.stage.name).chalice_state_file

    def _local_state(self) -> dict[str, Any] | None:
        """Read the record that `chalice deploy` by hand has written in this checkout."""
        if not self._local_state_file.exists():
            return None
        state: dict[str, Any] = json.loads(self._local_state_file.read_text(encoding="utf-8"))
        return state

    def _has_api(self, api_id: str) -> bool:
        try:
            self.account.client("apigateway").get_rest_api(restApiId=api_id)
        except ClientError as error:
            if error_code(error) == "NotFoundException":
                return False
            raise
        return True

    def _find_api(self) -> str | None:
        client = self.account.client("apigateway")
        ours = f":function:{self.stage.api_function}/"
        for page in client.get_paginator("get_rest_apis").paginate():
            for api in page["items"]:
                if api["name"] == gateway_settings.APP and ours in _methods(client, api["id"]):
                    return str(api["id"])
        return None


def api_id_in(chalice_record: Mapping[str, Any] | None) -> str | None:
    for resource in (chalice_record or {}).get("resources", []):
        if resource.get("resource_type") == "rest_api":
            return str(resource["rest_api_id"])
    return None


def api_url(stage: Stage, account: Account, api_id: str) -> str:
    """Return the API's address, without a slash at the end."""
    return f"https://{api_id}.execute-api.{account.region}.amazonaws.com/{stage.api_stage}"


def _code(functions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what identifies the deployed code of each function."""
    keys = ("CodeSha256", "Runtime", "Timeout", "MemorySize")
    return {name: [function[key] for key in keys] for name, function in functions.items()}


def _environment(function: Mapping[str, Any]) -> dict[str, str]:
    variables: dict[str, str] = function.get("Environment", {}).get("Variables", {})
    return variables


def _methods(client: Any, api_id: str) -> str:
    """Return the API's methods and what they call, as text."""
    pages = client.get_paginator("get_resources").paginate(
        restApiId=api_id, embed=["methods"], PaginationConfig={"PageSize": 100}
    )
    return json.dumps([page["items"] for page in pages], default=str)


def _state_for(api_id: str) -> dict[str, Any]:
    """Return the record that Chalice would have written. It finds other resources by name."""
    api = {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api_id}
    return {"resources": [api], "schema_version": "2.0", "backend": "api"}


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
