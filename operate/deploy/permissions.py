"""Check by IAM's simulation that the caller has all permissions in infra/deployer-policy.json,
before anything is changed.

IAM rejects some actions in one request ("require different authorization information"), so each
request simulates one action. An action that cannot be simulated does not stop a deployment: the
caller may have the permission.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from devkit.project_paths import ROOT
from operate.aws.account import Account, error_code
from operate.console import join_words, pluralize

DEPLOYER_POLICY = ROOT / "infra" / "deployer-policy.json"
CONCURRENT_CALLS = 8
MAX_NAMED = 5  # actions in a note
_ASSUMED = re.compile(r"arn:[\w-]+:sts::\d+:assumed-role/([^/]+)/.+")
_SINGLE_SIGN_ON = "AWSReservedSSO_"
# Statements that are not required: only this check reads the role, and without permission for a
# budget there is no budget.
_OPTIONAL = ("OwnRole", "Budget")
# Errors that every other simulation for this caller would return too.
_FOR_ALL = ("AccessDenied", "AccessDeniedException", "NoSuchEntity", "NoSuchEntityException")


@dataclass(frozen=True, slots=True)
class Permissions:
    """`unchecked` maps each action that could not be simulated to the reason."""

    denied: tuple[str, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """Yield one sentence for each reason."""
        for reason in dict.fromkeys(self.unchecked.values()):
            actions = [action for action, why in self.unchecked.items() if why == reason]
            named = f" ({join_words(actions)})" if len(actions) <= MAX_NAMED else ""
            counted = pluralize(len(actions), "permission")
            yield f"{counted} could not be checked{named}: {reason}"


@dataclass(frozen=True, slots=True)
class _Question:
    """An action on these resources; on all resources if there are none."""

    action: str
    resources: tuple[str, ...]
    context: tuple[Mapping[str, Any], ...]


class _Unknown(Exception):
    """IAM did not answer. `for_all` if it would not answer about other actions either."""

    def __init__(self, reason: str, *, for_all: bool = False) -> None:
        super().__init__(reason)
        self.for_all = for_all


def check_permissions(
    account: Account,
    policy: Path = DEPLOYER_POLICY,
    announce: Callable[[str], None] = lambda _: None,
) -> Permissions:
    """Simulate each action of the policy for the caller."""
    if account.caller.endswith(":root"):
        return Permissions()
    first, *others = _questions(account, policy)
    try:
        principal = _principal(account)
        answers: list[bool | str] = [_answer(account, principal, first)]
    except _Unknown as unknown:
        if unknown.for_all:
            return Permissions(unchecked={one.action: str(unknown) for one in (first, *others)})
        answers = [str(unknown)]
    announce(f"Checking {pluralize(len(others) + 1, 'permission')} with IAM ...")

    def ask(question: _Question) -> bool | str:
        try:
            return _answer(account, principal, question)
        except _Unknown as unknown:
            return str(unknown)

    with ThreadPoolExecutor(CONCURRENT_CALLS) as pool:
        answers += pool.map(ask, others)
    answered = list(zip([one.action for one in (first, *others)], answers, strict=True))
    return Permissions(
        denied=tuple(sorted({action for action, answer in answered if answer is False})),
        unchecked={action: answer for action, answer in answered if isinstance(answer, str)},
    )


def _questions(account: Account, policy: Path) -> Iterator[_Question]:
    for statement in json.loads(policy.read_text(encoding="utf-8"))["Statement"]:
        if statement["Sid"] in _OPTIONAL:
            continue
        for action in _as_list(statement["Action"]):
            yield _Question(
                action,
                tuple(
                    _in_account(resource, account)
                    for resource in _as_list(statement["Resource"])
                    if resource != "*"
                ),
                tuple(_context(statement)),
            )


def _answer(account: Account, principal: str, question: _Question) -> bool:
    """Return whether the action is allowed. Raise _Unknown if IAM does not answer."""
    request: dict[str, Any] = {
        "PolicySourceArn": principal,
        "ActionNames": [question.action],
    }
    if question.resources:
        request["ResourceArns"] = list(question.resources)
    if question.context:
        request["ContextEntries"] = list(question.context)
    try:
        results = account.client("iam").simulate_principal_policy(**request)[
            "EvaluationResults"
        ]
    except ClientError as error:
        message = error.response.get("Error", {}).get("Message", "")
        reason = f"{error_code(error)}: {message}".rstrip(": .")
        raise _Unknown(f"{reason}.", for_all=error_code(error) in _FOR_ALL) from None
    except BotoCoreError as error:
        raise _Unknown(f"{error}.", for_all=True) from None
    denied = [result for result in results if not _is_allowed(result)]
    missing = sorted({name for one in denied for name in one.get("MissingContextValues", ())})
    if denied and missing:
        raise _Unknown(f"a policy decides by {join_words(missing)}, which a simulation lacks.")
    return not denied


def _is_allowed(result: Mapping[str, Any]) -> bool:
    decisions = [
        result["EvalDecision"],
        *(one["EvalResourceDecision"] for one in result.get("ResourceSpecificResults", ())),
    ]
    return all(decision == "allowed" for decision in decisions)


def _principal(account: Account) -> str:
    """Return the ARN whose policies apply: for a session, the ARN of its role. A session's ARN
    lacks the role's path, which single sign-on has: /aws-reserved/sso.amazonaws.com/REGION/."""
    if ":federated-user/" in account.caller:
        raise _Unknown("IAM does not simulate federated users.", for_all=True)
    session = _ASSUMED.fullmatch(account.caller)
    if not session:
        return account.caller
    name = session.group(1)
    try:
        return str(account.client("iam").get_role(RoleName=name)["Role"]["Arn"])
    except (ClientError, BotoCoreError) as error:
        if name.startswith(_SINGLE_SIGN_ON):
            raise _Unknown(f"iam:GetRole on {name} failed: {error}", for_all=True) from None
        return f"arn:aws:iam::{account.id}:role/{name}"


def _in_account(resource: str, account: Account) -> str:
    """Return the policy's resource for this account and region."""
    parts = resource.split(":", 5)
    parts[3] = account.region if parts[3] == "*" else parts[3]
    parts[4] = account.id if parts[4] == "*" else parts[4]
    return ":".join(parts)


def _context(statement: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the values that satisfy the statement's conditions, as during a deployment."""
    for conditions in statement.get("Condition", {}).values():
        for name, value in conditions.items():
            yield {
                "ContextKeyName": name,
                "ContextKeyValues": list(_as_list(value)),
                "ContextKeyType": "string",
            }


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
