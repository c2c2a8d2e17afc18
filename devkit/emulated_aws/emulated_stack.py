"""The tables of a stage, made from infra/resources.yaml by CloudFormation as in an account."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

LONGEST_DEPLOYMENT_SECONDS = 60
POLL_SECONDS = 0.05

_BROKEN = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


class StackFailed(Exception):
    """CloudFormation did not do it; the message says why."""


def deploy_stack(template: Path, stage: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Create the stage's resources, or bring them up to date. The stack's outputs."""
    name = f"liveinsight-{stage}-resources"
    client = aws_client("cloudformation", environment)
    request = {
        "StackName": name,
        "TemplateBody": template.read_text(encoding="utf-8"),
        "Parameters": [
            {"ParameterKey": "Stage", "ParameterValue": stage},
            # The emulator knows no alarms with a formula, and nobody watches it.
            {"ParameterKey": "Watching", "ParameterValue": "off"},
        ],
    }
    stack = _stack(client, name)
    if stack and stack["StackStatus"] in _BROKEN:
        client.delete_stack(StackName=name)
        stack = settled(client, name)
    try:
        if stack is None:
            client.create_stack(**request)
        else:
            client.update_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise StackFailed(str(error)) from None
    stack = settled(client, name)
    if stack is None or not _is_well(stack):
        raise StackFailed(why(client, name))
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def aws_client(
    service: str, environment: Mapping[str, str], config: Config | None = None
) -> Any:
    """A client for the emulator that `environment` names, whatever the process's own says."""
    return boto3.client(
        service,
        config=config,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def settled(client: Any, name: str) -> Any:
    """The stack when nothing is going on any more; None when it is gone."""
    deadline = time.monotonic() + LONGEST_DEPLOYMENT_SECONDS
    while time.monotonic() < deadline:
        stack = _stack(client, name)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(POLL_SECONDS)
    raise StackFailed(f"{name} did not settle within {LONGEST_DEPLOYMENT_SECONDS} seconds")


def why(client: Any, name: str) -> str:
    """What failed, in the order in which it did."""
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
    ]
    return "; ".join(reversed(reasons)) or "no reason given"


def _stack(client: Any, name: str) -> Any:
    try:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _is_well(stack: Any) -> bool:
    return stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
