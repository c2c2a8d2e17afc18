"""The tables of a stage, created from infra/resources.yaml by the emulator's CloudFormation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from devkit.infrastructure.cloudformation import (
    StackFailed,
    find_stack,
    outputs_of,
    wait_for_stack,
)

MAX_DEPLOYMENT_SECONDS = 60
POLL_SECONDS = 0.05

_FAILED = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")


def deploy_stack(template: Path, stage: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Create or update the stage's resources. Return the stack's outputs."""
    name = f"liveinsight-{stage}-resources"
    client = aws_client("cloudformation", environment)
    request = {
        "StackName": name,
        "TemplateBody": template.read_text(encoding="utf-8"),
        "Parameters": [
            {"ParameterKey": "Stage", "ParameterValue": stage},
            # The emulator has no alarms with a formula.
            {"ParameterKey": "Watching", "ParameterValue": "off"},
        ],
    }
    stack = find_stack(client, name)
    if stack and stack["StackStatus"] in _FAILED:
        client.delete_stack(StackName=name)
        wait_until_done(client, name, "delete")
        stack = None
    try:
        if stack is None:
            client.create_stack(**request)
            wait_until_done(client, name, "create")
        else:
            client.update_stack(**request)
            wait_until_done(client, name, "update")
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise StackFailed(str(error)) from None
    return outputs_of(find_stack(client, name))


def wait_until_done(client: Any, name: str, change: str) -> None:
    wait_for_stack(
        client,
        name,
        change,
        poll_seconds=POLL_SECONDS,
        max_seconds=MAX_DEPLOYMENT_SECONDS,
    )


def aws_client(
    service: str, environment: Mapping[str, str], config: Config | None = None
) -> Any:
    """Create a client for the emulator that `environment` names, regardless of the process's
    own environment."""
    return boto3.client(
        service,
        config=config,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
