"""The stage's resources, by CloudFormation: infra/resources.yaml, through a change set, so that
what would change is known before anything does, and nothing at all happens where nothing would.

Tables outlive their stack. Where they are there and the stack is not (the app was destroyed and
its data kept, or a backup was restored under a new stage's names), they are taken into it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import RESOURCES
from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.resources.table_settings import TABLE, apply_settings, table_properties

LONGEST_SECONDS = 20 * 60
_NO_CHANGE = ("didn't contain changes", "No updates are to be performed")
_WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE",
         "IMPORT_ROLLBACK_COMPLETE")  # fmt: skip
_BEGUN = ("REVIEW_IN_PROGRESS", None)  # a change set was made and not carried out, or nothing


@dataclass(frozen=True, slots=True)
class ResourceStack:
    """The stack of a stage."""

    stage: Stage
    account: Account
    parameters: Mapping[str, str]
    template: Path = RESOURCES
    name: str = ""  # of the stack; that of the resources if left out

    def apply(self) -> list[str]:
        """What was made or changed, such as "EventsTable (added)"; nothing when all is as it
        should be."""
        self._delete_failed_stack()
        imported: list[str] = []
        if self._status() in _BEGUN:
            imported = self._import_tables()
        kind = "CREATE" if self._status() in _BEGUN else "UPDATE"
        changed = self._change(kind, self.template.read_text(encoding="utf-8"))
        return imported + changed + self._set_tables()

    def _set_tables(self) -> list[str]:
        """What CloudFormation does not change: the settings of imported and restored tables."""
        parameters = (self._stack() or {}).get("Parameters", [])
        given = {one["ParameterKey"]: one["ParameterValue"] for one in parameters}
        client = self.account.client("dynamodb")
        return [
            change
            for properties in table_properties(given, self.template).values()
            for change in apply_settings(client, properties)
        ]

    def delete(self) -> bool:
        """The stack and all in it but the tables; whether there was one."""
        if self._status() is None:
            return False
        self._client.delete_stack(StackName=self._name)
        return self._settled() is None or True

    def outputs(self) -> dict[str, str]:
        stack = self._stack()
        return {o["OutputKey"]: o["OutputValue"] for o in (stack or {}).get("Outputs", [])}

    def current_parameters(self) -> dict[str, str]:
        """As the stack has them; empty before it is made."""
        stack = self._stack()
        return {
            p["ParameterKey"]: p["ParameterValue"] for p in (stack or {}).get("Parameters", [])
        }

    @property
    def _name(self) -> str:
        return self.name or self.stage.resources_stack

    @property
    def _client(self) -> Any:
        return self.account.client("cloudformation")

    def _change(self, kind: str, body: str, **more: Any) -> list[str]:
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
        described = self._described(names)
        if described["Status"] == "FAILED":
            self._client.delete_change_set(**names)
            reason = str(described.get("StatusReason", "no reason given"))
            if any(words in reason for words in _NO_CHANGE):
                return []
            raise CommandError(
                f"CloudFormation would not change {names['StackName']}: {reason}"
            )
        changes = [
            _describe_change(change["ResourceChange"])
            for change in described.get("Changes", [])
        ]
        self._client.execute_change_set(**names)
        status = self._settled()
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
            raise CommandError(
                f"CloudFormation did not make it, {status}: {self._failure_reason()}"
            )
        return changes

    def _delete_change_set(self, names: Mapping[str, str]) -> None:
        """One of a run that was broken off."""
        try:
            self._client.delete_change_set(**names)
        except ClientError as error:
            is_none = error_code(error) == "ChangeSetNotFound" or "does not exist" in str(error)
            if not is_none:
                raise

    def _parameters(self, kind: str) -> list[dict[str, Any]]:
        """Those that are not given keep their value from the last time."""
        known = read_template(self.template)["Parameters"]
        given = {"Stage": self.stage.name, **self.parameters}
        unknown = set(given) - set(known)
        if unknown:
            raise CommandError(
                f"infra/{self.template.name} has no parameter {sorted(unknown)[0]}; it has "
                f"{', '.join(known)}."
            )
        for name, value in given.items():
            allowed = known[name].get("AllowedValues", [value])
            if value not in allowed:
                raise CommandError(
                    f"{name} must be one of {', '.join(allowed)}, not {value!r}."
                )
        kept = self.current_parameters().keys() if kind == "UPDATE" else set()
        return [
            {"ParameterKey": name, "ParameterValue": given[name]}
            if name in given
            else {"ParameterKey": name, "UsePreviousValue": True}
            for name in known
            if name in given or name in kept
        ]

    def _import_tables(self) -> list[str]:
        """Take the tables that are there into a stack of their own; then it can grow."""
        template = read_template(self.template)
        names = {
            logical_id: properties["TableName"]
            for logical_id, properties in table_properties(
                {"Stage": self.stage.name}, self.template
            ).items()
        }
        there = {
            logical_id: name for logical_id, name in names.items() if self._has_table(name)
        }
        if not there:
            return []
        template["Resources"] = {name: template["Resources"][name] for name in there}
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
                for logical_id, name in there.items()
            ],
        )
        return [f"{logical_id} (taken over as it is)" for logical_id in there]

    def _has_table(self, name: str) -> bool:
        try:
            self.account.client("dynamodb").describe_table(TableName=name)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise
        return True

    def _delete_failed_stack(self) -> None:
        """A stack whose creation failed can only be deleted."""
        status = self._status()
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
            self.delete()
        elif status and status.endswith("_IN_PROGRESS") and status not in _BEGUN:
            raise CommandError(
                f"CloudFormation is at work on {self._name} ({status}). Wait "
                "until it is done and run the command again."
            )

    def _stack(self) -> dict[str, Any] | None:
        try:
            found = self._client.describe_stacks(StackName=self._name)
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        stack: dict[str, Any] = found["Stacks"][0]
        return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack

    def _status(self) -> str | None:
        stack = self._stack()
        return str(stack["StackStatus"]) if stack else None

    def _described(self, names: Mapping[str, str]) -> dict[str, Any]:
        for _ in self._patiently():
            found: dict[str, Any] = self._client.describe_change_set(**names)
            if found["Status"] in ("CREATE_COMPLETE", "FAILED"):
                return found
        raise CommandError("CloudFormation did not say in time what would change.")

    def _settled(self) -> str | None:
        """The stack's status when nothing goes on any more; None when it is gone."""
        for _ in self._patiently():
            status = self._status()
            if status is None or not status.endswith("_IN_PROGRESS"):
                return status
        raise CommandError(
            f"CloudFormation is still at work on {self._name} after "
            f"{LONGEST_SECONDS // 60} minutes. Run the command again when it is done."
        )

    def _patiently(self) -> Iterator[None]:
        waited = 0.0
        while waited < LONGEST_SECONDS:
            yield
            step = 0.5 if waited < 5 else 3
            time.sleep(step)
            waited += step

    def _failure_reason(self) -> str:
        events = self._client.describe_stack_events(StackName=self._name)
        reasons = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
        ]
        return "; ".join(reversed(reasons)) or "no reason given"


def _describe_change(change: Mapping[str, Any]) -> str:
    words = {"Add": "added", "Modify": "changed", "Remove": "removed"}
    return f"{change['LogicalResourceId']} ({words.get(change['Action'], change['Action'])})"


def _describe_error(stage: Stage, error: ClientError) -> str:
    if "IN_PROGRESS" in str(error) or error_code(error) == "AlreadyExistsException":
        return (
            f"Somebody else is making the resources of stage {stage.name} right now. Wait "
            "until that is done and run the command again."
        )
    return f"CloudFormation refused: {error.response['Error']['Message']}"
