"""Checks of all kinds of requests: parameters and placeholders; and errors of the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from testing.fake_dynamodb.expressions.conditions import parse_condition
from testing.fake_dynamodb.expressions.parser import Expression
from testing.fake_dynamodb.expressions.values import (
    InvalidRequest,
    Unsupported,
    Wire,
    is_ordered,
)

EXPRESSIONS = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")


class ServiceError(Exception):
    """`answer` is the service's error response."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = {"Error": {"Code": code, "Message": message}, **more}


def reject_unknown(operation: str, request: Wire, accepted: set[str]) -> None:
    unknown = request.keys() - accepted
    if unknown:
        raise Unsupported(f"{', '.join(sorted(unknown))} of {operation}")


def request_condition(request: Wire, name: str) -> Expression | None:
    if name not in request:
        return None
    return parse_condition(request[name], request.get("ExpressionAttributeNames"))


def check_placeholders(request: Wire, expressions: Iterable[Expression | None]) -> None:
    """Require that placeholders are defined if and only if they are used."""
    used = [expression for expression in expressions if expression]
    for kind, field_name in (("names", EXPRESSIONS[1]), ("values", EXPRESSIONS[2])):
        in_use = {one for expression in used for one in getattr(expression, kind)}
        if in_use != request.get(field_name, {}).keys():
            raise InvalidRequest(f"{field_name}: one that is not used, or not defined")
    values = request.get("ExpressionAttributeValues", {})
    bounds = [pair for expression in used for pair in expression.bounds]
    if not all(is_ordered(values[low], values[high]) for low, high in bounds):
        raise InvalidRequest(
            "The BETWEEN operator requires upper bound to be no less than lower bound"
        )
