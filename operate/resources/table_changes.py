"""Change and delete DynamoDB tables as DynamoDB allows it: one change at a time.

A change puts the table into UPDATING, for seconds or minutes. Until the table is ACTIVE again,
DynamoDB rejects every other change and DeleteTable with ResourceInUseException.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from operate.aws.account import error_code
from operate.errors import CommandError

POLL_SECONDS = 2
MAX_WAIT_SECONDS = 30 * 60
# The last one comes from a table that was just restored: its backups are still being set up.
BUSY = frozenset(
    {
        "ResourceInUseException", "LimitExceededException",
        "ContinuousBackupsUnavailableException",
    }
)  # fmt: skip


def change_when_active(client: Any, name: str, change: Callable[[], object]) -> None:
    """Make the change once the table is ACTIVE, and wait until it is ACTIVE again."""
    _retry_while_busy(client, name, change)
    wait_until_active(client, name)


def wait_until_active(client: Any, name: str, *, max_seconds: float | None = None) -> None:
    _wait(client, "table_exists", name, max_seconds or MAX_WAIT_SECONDS)


def delete_table(client: Any, name: str) -> None:
    """Turn deletion protection off if it is on, delete the table, and wait until it is gone."""
    table = _describe(client, name)
    if table is None:
        return
    if table["TableStatus"] != "DELETING":
        if table.get("DeletionProtectionEnabled"):
            unprotect = {"TableName": name, "DeletionProtectionEnabled": False}
            change_when_active(client, name, lambda: client.update_table(**unprotect))
        _retry_while_busy(client, name, lambda: client.delete_table(TableName=name))
    _wait(client, "table_not_exists", name, MAX_WAIT_SECONDS)


def _describe(client: Any, name: str) -> dict[str, Any] | None:
    """Return the table's description, or None if there is no such table."""
    try:
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    return table


def _retry_while_busy(client: Any, name: str, change: Callable[[], object]) -> None:
    """Retry, because another change can begin between the wait and ours."""
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while True:
        wait_until_active(client, name)
        try:
            change()
        except ClientError as error:
            if error_code(error) not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def _wait(client: Any, waiter: str, name: str, max_seconds: float) -> None:
    try:
        client.get_waiter(waiter).wait(
            TableName=name,
            WaiterConfig={
                "Delay": POLL_SECONDS,
                "MaxAttempts": ceil(max_seconds / POLL_SECONDS),
            },
        )
    except WaiterError:
        raise CommandError(
            f"Table {name} is still being changed after {max_seconds / 60:,.0f} minutes. Run "
            "the command again when it is ACTIVE."
        ) from None
