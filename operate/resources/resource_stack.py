"""A CloudFormation stack of a stage: infra/resources.yaml or infra/budget.yaml, applied by
change sets, so that a deployment without changes changes nothing.

The tables outlive their stack. If the tables exist and the stack does not (the app was
destroyed and its data kept, or a backup was restored), the stack imports them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import ClientError, WaiterError

from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.cloudformation import (
    StackFailed,
    find_stack,
    parameters_of,
    wait_for_stack,
)
from devkit.project_paths import RESOURCES
from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.resources.table_settings import TABLE, apply_settings, table_properties

MAX_STACK_SECONDS = 20 * 60
STACK_POLL_SECONDS = 3
MAX_CHANGE_SET_SECONDS = 5 * 60
CHANGE_SET_POLL_SECONDS = 1
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_NOT_CREATED = (None, "REVIEW_IN_PROGRESS")  # no stack, or only a change set for one

ChangeSetType = Literal["CREATE", "UPDATE", "IMPORT"]


@dataclass(frozen=True, slots=True)
class ResourceStack:
    """`name` is the name of the stack, by default that of the stage's resources."""

    stage: Stage
    account: Account
    parameters: Mapping[str, str]
    template: Path = RESOURCES
    name: str = ""

    def apply(self) -> list[str]:
        """Create or update the stack. Return what changed, such as "EventsTable (added)"."""
        self._delete_failed_stack()
        imported: list[str] = []
        if self._status() in _NOT_CREATED:
            imported = self._import_tables()
        kind: ChangeSetType = "CREATE" if self._status() in _NOT_CREATED else "UPDATE"
        changed = self._change(kind, self.template.read_text(encoding="utf-8"))
        return imported + changed + self._apply_table_settings()

    def delete(self) -> bool:
        """Delete the stack and everything in it but the tables. Return whether there was
        one."""
        if self._status() is None:
            return False
        self._client.delete_stack(StackName=self._name)
        self._wait("delete")
        return True

    def current_parameters(self) -> dict[str, str]:
        """Return the current parameters of the stack; none if there is no stack."""
        return parameters_of(self._stack())

    @property
    def _name(self) -> str:
        return self.name or self.stage.resources_stack

    @property
    def _client(self) -> Any:
        return self.account.client("cloudformation")

    def _change(self, kind: ChangeSetType, body: str, **more: Any) -> list[str]:
        names = {
            "StackName": self._name,
            "ChangeSetName": f"liveinsight-{kind.lower()}",
        }
        self._delete_change_set(names)
        try:
            self._client.create_change_set(
                **names,
                ChangeSetType=kind,
                TemplateBody=body,
                Parameters=self._parameters(kind),
                Capabilities=["CAPABILITY_NAMED_IAM"],
                **more,
            )
        except ClientError as error:
            raise CommandError(_describe_error(self.stage, error)) from None
        change_set = self._wait_for_change_set(names)
        if change_set["Status"] == "FAILED":
            self._client.delete_change_set(**names)
            reason = str(change_set.get("StatusReason", "no reason given"))
            if any(words in reason for words in _NO_CHANGE):
                return []
            raise CommandError(f"CloudFormation cannot change {self._name}: {reason}")
        changes = [
            _describe_change(change["ResourceChange"])
            for change in change_set.get("Changes", [])
        ]
        self._client.execute_change_set(**names)
        self._wait({"CREATE": "create", "UPDATE": "update", "IMPORT": "import"}[kind])
        return changes

    def _delete_change_set(self, names: Mapping[str, str]) -> None:
        """Delete the change set of an interrupted run, if there is one."""
        try:
            self._client.delete_change_set(**names)
        except ClientError as error:
            is_missing = error_code(error) == "ChangeSetNotFound" or "does not exist" in str(
                error
            )
            if not is_missing:
                raise

    def _wait_for_change_set(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Return its description. Its status is FAILED also if nothing would change."""
        try:
            self._client.get_waiter("change_set_create_complete").wait(
                **names,
                WaiterConfig={
                    "Delay": CHANGE_SET_POLL_SECONDS,
                    "MaxAttempts": MAX_CHANGE_SET_SECONDS // CHANGE_SET_POLL_SECONDS,
                },
            )
        except WaiterError as error:
            if error.last_response.get("Status") != "FAILED":
                raise CommandError(
                    f"CloudFormation did not list the changes to {self._name} within "
                    f"{MAX_CHANGE_SET_SECONDS // 60} minutes. Run the command again."
                ) from None
        change_set: dict[str, Any] = self._client.describe_change_set(**names)
        return change_set

    def _parameters(self, kind: ChangeSetType) -> list[dict[str, Any]]:
        """Return the given parameters; in an update, the others keep their value."""
        accepted = read_template(self.template)["Parameters"]
        given = {"Stage": self.stage.name, **self.parameters}
        unknown = set(given) - set(accepted)
        if unknown:
            raise CommandError(
                f"infra/{self.template.name} has no parameter {sorted(unknown)[0]}; it has "
                f"{', '.join(accepted)}."
            )
        for name, value in given.items():
            allowed = accepted[name].get("AllowedValues", [value])
            if value not in allowed:
                raise CommandError(
                    f"{name} must be one of {', '.join(allowed)}, not {value!r}."
                )
        kept = self.current_parameters().keys() if kind == "UPDATE" else set()
        return [
            {"ParameterKey": name, "ParameterValue": given[name]}
            if name in given
            else {"ParameterKey": name, "UsePreviousValue": True}
            for name in accepted
            if name in given or name in kept
        ]

    def _import_tables(self) -> list[str]:
        """Import the existing tables into a new stack, which the next change set completes."""
        template = read_template(self.template)
        names = {
            logical_id: properties["TableName"]
            for logical_id, properties in table_properties(
                {"Stage": self.stage.name}, self.template
            ).items()
        }
        existing = {
            logical_id: name for logical_id, name in names.items() if self._has_table(name)
        }
        if not existing:
            return []
        template["Resources"] = {name: template["Resources"][name] for name in existing}
        template.pop("Outputs", None)
        self._change(
            "IMPORT",
            json.dumps(template),
            ResourcesToImport=[
                {
                    "ResourceType": TABLE,
                    "LogicalResourceId": logical_id,
                    "ResourceIdentifier": {"TableName": name},
                }
                for logical_id, name in existing.items()
            ],
        )
        return [f"{logical_id} (imported)" for logical_id in existing]

    def _apply_table_settings(self) -> list[str]:
        """Apply what CloudFormation does not: the settings of imported and restored tables."""
        client = self.account.client("dynamodb")
        tables = table_properties(self.current_parameters(), self.template)
        return [
            change
            for properties in tables.values()
            for change in apply_settings(client, properties)
        ]

    def _has_table(self, name: str) -> bool:
        try:
            self.account.client("dynamodb").describe_table(TableName=name)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise
        return True

    def _delete_failed_stack(self) -> None:
        """Delete a stack whose creation failed: it cannot be updated."""
        status = self._status()
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
            self.delete()
        elif status and status.endswith("_IN_PROGRESS") and status not in _NOT_CREATED:
            raise CommandError(
                f"CloudFormation is at work on {self._name} ({status}). Wait "
                "until it is done and run the command again."
            )

    def _stack(self) -> dict[str, Any] | None:
        return find_stack(self._client, self._name)

    def _status(self) -> str | None:
        stack = self._stack()
        return str(stack["StackStatus"]) if stack else None

    def _wait(self, change: str) -> None:
        try:
            wait_for_stack(
                self._client,
                self._name,
                change,
                poll_seconds=STACK_POLL_SECONDS,
                max_seconds=MAX_STACK_SECONDS,
            )
        except StackFailed as error:
            raise CommandError(str(error)) from None


def _describe_change(change: Mapping[str, Any]) -> str:
    words = {"Add": "added", "Modify": "changed", "Remove": "removed"}
    return f"{change['LogicalResourceId']} ({words.get(change['Action'], change['Action'])})"


def _describe_error(stage: Stage, error: ClientError) -> str:
    if "IN_PROGRESS" in str(error) or error_code(error) == "AlreadyExistsException":
        return (
            f"Another deployment is changing the resources of stage {stage.name}. Wait until "
            "it is done and run the command again."
        )
    return f"CloudFormation rejected the change: {error.response['Error']['Message']}"
