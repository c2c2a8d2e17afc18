"""Tables that change as slowly as those of AWS: the emulator's are ACTIVE at once.

As AWS documents it: UpdateTable puts a table into UPDATING, and until the table is ACTIVE
again, AWS rejects every other UpdateTable and DeleteTable with ResourceInUseException. Backups
of a restored table cannot be turned on right away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

LOOKS = 3  # how often DescribeTable says UPDATING after a change


@dataclass
class ChangingTables:
    """`calls` are the operations that changed a table, in order; `rejected` are those that came
    too early."""

    calls: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    busy: dict[str, int] = field(default_factory=dict)  # looks until it is ACTIVE, by table

    def before(self, model: Any, params: Any, **_: Any) -> Any:
        operation, name = model.name, _table(params)
        if operation in ("UpdateTable", "DeleteTable") and self.busy.get(name):
            self.rejected.append(operation)
            return _rejection("ResourceInUseException", f"Table is being updated: {name}")
        if operation == "UpdateContinuousBackups" and self.busy.get(name):
            self.rejected.append(operation)
            return _rejection(
                "ContinuousBackupsUnavailableException", "Backups are being set up"
            )
        if operation.startswith(("Update", "Delete", "Restore")):
            self.calls.append(operation)
        if operation in ("UpdateTable", "RestoreTableToPointInTime"):
            self.busy[name] = LOOKS
        return None

    def after(self, model: Any, parsed: Any, **_: Any) -> None:
        table = parsed.get("Table", {})
        left = self.busy.get(table.get("TableName"), 0)
        if model.name == "DescribeTable" and left:
            self.busy[table["TableName"]] = left - 1
            table["TableStatus"] = "UPDATING"


@contextmanager
def changing_tables(client: Any) -> Iterator[ChangingTables]:
    tables, events = ChangingTables(), client.meta.events
    hooks: list[tuple[str, Callable[..., Any]]] = [
        ("before-call.dynamodb", tables.before),
        ("after-call.dynamodb", tables.after),
    ]
    for event, hook in hooks:
        events.register(event, hook)
    try:
        yield tables
    finally:
        for event, hook in hooks:
            events.unregister(event, hook)


def _table(params: Any) -> str:
    body = json.loads(params["body"])
    return str(body.get("TargetTableName") or body.get("TableName"))


def _rejection(code: str, message: str) -> Any:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}}
    return SimpleNamespace(status_code=400, headers={}, text=message), answer
