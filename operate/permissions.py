"""Whether whoever deploys may do what infra/deployer-policy.json lists, asked of IAM before
anything is touched: a deployment that ends in the middle for want of a right is no fun."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.paths import ROOT
from operate.account import Account, code_of

DEPLOYER_POLICY = ROOT / "infra" / "deployer-policy.json"
MOST_ACTIONS = 50  # of one question
_ASSUMED = re.compile(r"arn:[\w-]+:sts::\d+:assumed-role/([^/]+)/.+")


def missing_actions(account: Account, policy: Path = DEPLOYER_POLICY) -> list[str] | None:
    """The actions that are not allowed; None where IAM does not let us ask."""
    if account.caller.endswith(":root"):
        return []
    missing: set[str] = set()
    try:
        principal = _principal(account)
        for statement in json.loads(policy.read_text(encoding="utf-8"))["Statement"]:
            for actions in _some(statement["Action"]):
                missing |= set(_denied(account, principal, actions, statement))
    except ClientError as error:
        if _is_denied(error):
            return None
        raise
    return sorted(missing)


def _denied(
    account: Account, principal: str, actions: list[str], statement: dict[str, Any]
) -> Iterator[str]:
    resources = statement["Resource"]
    named = [resources] if isinstance(resources, str) else resources
    pages = (
        account.client("iam")
        .get_paginator("simulate_principal_policy")
        .paginate(
            PolicySourceArn=principal,
            ActionNames=actions,
            ResourceArns=[_here(resource, account) for resource in named],
            ContextEntries=list(_context(statement)),
        )
    )
    for page in pages:
        for result in page["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                yield result["EvalActionName"]


def _principal(account: Account) -> str:
    """Of a session, the role behind it, with its path, which the session's name lacks."""
    session = _ASSUMED.fullmatch(account.caller)
    if not session:
        return account.caller
    name = session.group(1)
    try:
        return str(account.client("iam").get_role(RoleName=name)["Role"]["Arn"])
    except ClientError as error:
        if not _is_denied(error):
            raise
        return f"arn:{account.partition}:iam::{account.id}:role/{name}"


def _here(resource: str, account: Account) -> str:
    """The policy's resource in this account and region."""
    if resource == "*":
        return resource
    parts = resource.split(":", 5)
    parts[1] = account.partition
    parts[3] = account.region if parts[3] == "*" else parts[3]
    parts[4] = account.id if parts[4] == "*" else parts[4]
    return ":".join(parts)


def _context(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the statement's conditions ask for, as it is when we deploy."""
    for conditions in statement.get("Condition", {}).values():
        for name, value in conditions.items():
            values = [value] if isinstance(value, str) else value
            yield {
                "ContextKeyName": name,
                "ContextKeyValues": values,
                "ContextKeyType": "string",
            }


def _some(actions: str | list[str]) -> Iterator[list[str]]:
    named = [actions] if isinstance(actions, str) else actions
    for start in range(0, len(named), MOST_ACTIONS):
        yield named[start : start + MOST_ACTIONS]


def _is_denied(error: ClientError) -> bool:
    return code_of(error) in ("AccessDenied", "AccessDeniedException")
