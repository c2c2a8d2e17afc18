"""CloudFormation stacks: find one, wait until a change is complete, and say why it failed."""

from __future__ import annotations

from math import ceil
from typing import Any

from botocore.exceptions import ClientError, WaiterError


class StackFailed(Exception):
    """A stack did not reach the status that it should have; the message says why."""


def find_stack(client: Any, name: str) -> dict[str, Any] | None:
    """Return the stack's description, or None if there is no such stack."""
    try:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def parameters_of(stack: dict[str, Any] | None) -> dict[str, str]:
    parameters = (stack or {}).get("Parameters", [])
    return {one["ParameterKey"]: one["ParameterValue"] for one in parameters}


def outputs_of(stack: dict[str, Any] | None) -> dict[str, str]:
    outputs = (stack or {}).get("Outputs", [])
    return {one["OutputKey"]: one["OutputValue"] for one in outputs}


def wait_for_stack(
    client: Any, name: str, change: str, *, poll_seconds: float, max_seconds: float
) -> None:
    """Wait until a change is complete: create, update, import or delete."""
    try:
        client.get_waiter(f"stack_{change}_complete").wait(
            StackName=name,
            WaiterConfig={
                "Delay": poll_seconds,
                "MaxAttempts": ceil(max_seconds / poll_seconds),
            },
        )
    except WaiterError as error:
        stack = find_stack(client, name)
        status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
        if "Max attempts exceeded" in str(error):
            raise StackFailed(
                f"CloudFormation is still at work on {name} after {max_seconds / 60:,.0f} "
                f"minutes ({status}). Run the command again when it is done."
            ) from None
        reason = failure_reason(client, name)
        raise StackFailed(f"CloudFormation failed ({status}): {reason}") from None


def failure_reason(client: Any, name: str) -> str:
    """Name the resources that failed and AWS's reasons, in the order in which they failed."""
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
    ]
    return "; ".join(reversed(reasons)) or "no reason given"
