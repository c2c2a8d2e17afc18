"""What a check of `make doctor` is given, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.http_client import Reply, send
from operate.aws.stage import Stage
from operate.build.chalice_app import ChaliceApp


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: str  # ok, look or wrong
    subject: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The stage that is examined. `send` makes a request to its API."""

    stage: Stage
    account: Account
    today: date
    send: Callable[[str, str], Reply] = send

    @property
    def deploy(self) -> str:
        return f"make deploy STAGE={self.stage.name}"

    def app(self) -> ChaliceApp:
        return ChaliceApp(self.stage, self.account, open_store(self.stage, self.account))

    def functions(self) -> Mapping[str, Mapping[str, Any]]:
        """The configuration of each; empty where one is missing."""
        return self.app().functions()

    def stack(self) -> Mapping[str, Any] | None:
        """That of the resources, whichever way the stage was deployed."""
        return self._stack(self.stage.resources_stack) or self._stack(self.stage.single_stack)

    def _stack(self, name: str) -> Mapping[str, Any] | None:
        return stack_of(self.account, name)

    def parameters(self) -> dict[str, str]:
        stack = self.stack() or {}
        return {p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}


def ok(subject: str, sentence: str) -> Finding:
    return Finding("ok", subject, sentence)


def look(subject: str, sentence: str) -> Finding:
    return Finding("look", subject, sentence)


def wrong(subject: str, sentence: str) -> Finding:
    return Finding("wrong", subject, sentence)


def stack_of(account: Account, name: str) -> Mapping[str, Any] | None:
    try:
        found = account.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    stack: Mapping[str, Any] = found[0]
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack
