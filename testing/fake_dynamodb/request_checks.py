"""What requests of all kinds have in common: parameters, placeholders, refusals."""

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
    """`answer` is what the service sends back."""

    def __init__(self, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = {"Error": {"Code": code, "Message": message}, **more}


def reject_unknown(operation: str, request: Wire, known: set[str]) -> None:
    unknown = request.keys() - known
    if unknown:
        raise Unsupported(f"{', '.join(sorted(unknown))} of {operation}")


def request_condition(asked: Wire, name: str) -> Expression | None:
    if name not in asked:
        return None
    return parse_condition(asked[name], asked.get("ExpressionAttributeNames"))


def check_placeholders(asked: Wire, expressions: Iterable[Expression | None]) -> None:
    """Each that is used is defined, and each that is defined is used."""
    used = [expression for expression in expressions if expression]
    for kind, field_name in (("names", EXPRESSIONS[1]), ("values", EXPRESSIONS[2])):
        in_use = {one for expression in used for one in getattr(expression, kind)}
        if in_use != asked.get(field_name, {}).keys():
            raise InvalidRequest(f"{field_name}: one that is not used, or not defined")
    values = asked.get("ExpressionAttributeValues", {})
    bounds = [pair for expression in used for pair in expression.bounds]
    if not all(is_ordered(values[low], values[high]) for low, high in bounds):
        raise InvalidRequest(
            "The BETWEEN operator requires upper bound to be no less than lower bound"
        )
