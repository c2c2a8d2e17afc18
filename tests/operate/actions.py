"""Calls as clients make them, and the actions with which IAM grants them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from botocore.loaders import Loader

from operate.deploy.permissions import DEPLOYER_POLICY

NEEDS_NO_GRANT = {("sts", "GetCallerIdentity")}


def statements() -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = json.loads(DEPLOYER_POLICY.read_text("utf-8"))["Statement"]
    return result


def granted() -> set[str]:
    actions: set[str] = set()
    for statement in statements():
        named = statement["Action"]
        actions |= {named} if isinstance(named, str) else set(named)
    return actions


def of_calls(calls: Iterable[tuple[str, str]]) -> set[str]:
    """Return the actions of calls: API Gateway is granted by HTTP method, everything else by
    the name of the call."""
    verbs = Loader().load_service_model("apigateway", "service-2")["operations"]
    return {
        f"apigateway:{verbs[operation]['http']['method']}"
        if service == "apigateway"
        else f"{service}:{operation}"
        for service, operation in set(calls) - NEEDS_NO_GRANT
    }
