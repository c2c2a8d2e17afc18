"""One write: what it would change, whether its condition holds, and the conflicting item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from testing.fake_dynamodb.expressions.updates import parse_update
from testing.fake_dynamodb.expressions.values import InvalidRequest, Unsupported, Wire
from testing.fake_dynamodb.fake_table import Key, Table
from testing.fake_dynamodb.request_checks import (
    ServiceError,
    check_placeholders,
    request_condition,
)


@dataclass
class PendingWrite:
    """A write whose condition has been evaluated; `new_item` is None for a deletion."""

    table: Table
    key: Key
    old_item: Wire | None
    new_item: Wire | None
    holds: bool
    request: Wire
    is_check: bool = False

    def apply(self) -> None:
        if self.is_check:
            return
        if self.new_item is None:
            self.table.delete(self.key)
        else:
            self.table.put(self.new_item)


def pending_write(table: Table, action: str, request: Wire) -> PendingWrite:
    """Evaluate a write request without applying it."""
    condition = request_condition(request, "ConditionExpression")
    update = (
        parse_update(request["UpdateExpression"], request.get("ExpressionAttributeNames"))
        if "UpdateExpression" in request
        else None
    )
    check_placeholders(request, [condition, update])
    values = request.get("ExpressionAttributeValues", {})
    key = table.key_of(request["Item"]) if action == "Put" else table.exact_key(request["Key"])
    before = table.get(key)
    holds = condition is None or condition.run(before or {}, values)
    item: dict[str, Any] | None = None
    if action == "Put":
        item = dict(request["Item"])
    elif action == "Update" and update and holds:
        if update.targets & set(table.key_names):
            raise InvalidRequest("Cannot update an attribute that is part of the key")
        item = dict(before or request["Key"])
        update.run(item, before or {}, values)
    if item is not None:
        table.check(item)
    return PendingWrite(table, key, before, item, holds, request, action == "ConditionCheck")


def conflicting_item(change: PendingWrite) -> dict[str, Any]:
    returned = change.request.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if returned not in ("NONE", "ALL_OLD"):
        raise Unsupported(f"ReturnValuesOnConditionCheckFailure={returned}")
    return {"Item": dict(change.old_item)} if returned == "ALL_OLD" and change.old_item else {}


def transaction_cancelled(changes: Sequence[PendingWrite]) -> ServiceError:
    reasons = [
        {"Code": "None"}
        if change.holds
        else {
            "Code": "ConditionalCheckFailed",
            "Message": "The conditional request failed",
            **conflicting_item(change),
        }
        for change in changes
    ]
    codes = ", ".join(reason["Code"] for reason in reasons)
    return ServiceError(
        "TransactionCanceledException",
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{codes}]",
        CancellationReasons=reasons,
    )
