"""The findings of `make doctor`, and what its checks work on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from devkit.infrastructure.cloudformation import find_stack, parameters_of
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
    """The stage to check. `send` sends a request to its API."""

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
        """Return the configuration of each function that exists."""
        return self.app().functions()

    def stack(self) -> dict[str, Any] | None:
        """Return the stack with the resources, whichever way the stage was deployed."""
        client = self.account.client("cloudformation")
        return find_stack(client, self.stage.resources_stack) or find_stack(
            client, self.stage.single_stack
        )

    def parameters(self) -> dict[str, str]:
        return parameters_of(self.stack())


def ok(subject: str, sentence: str) -> Finding:
    return Finding("ok", subject, sentence)


def look(subject: str, sentence: str) -> Finding:
    return Finding("look", subject, sentence)


def wrong(subject: str, sentence: str) -> Finding:
    return Finding("wrong", subject, sentence)
