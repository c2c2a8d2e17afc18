"""Change and delete DynamoDB tables as DynamoDB allows it: one change at a time.

A change puts the table into UPDATING, for seconds or minutes. Until the table is ACTIVE again,
DynamoDB rejects every other change and DeleteTable with ResourceInUseException.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from operate.aws.account import error_code
from operate.errors import CommandError

POLL_SECONDS = 2
LONGEST_SECONDS = 30 * 60
# The last one comes from a table that was just restored: its backups are still being set up.
BUSY = frozenset(
    {
        "ResourceInUseException", "LimitExceededException",
        "ContinuousBackupsUnavailableException",
    }
)  # fmt: skip


def when_active(client: Any, name: str, change: Callable[[], object]) -> None:
    """Make the change once the table is ACTIVE, and wait until it is ACTIVE again."""
    for _ in _polls(name):
        if _status(client, name) != "ACTIVE":
            continue
        try:
            change()
        except ClientError as error:
            if error_code(error) not in BUSY:
                raise
        else:
            break
    wait_until_active(client, name)


def wait_until_active(client: Any, name: str, *, seconds: float | None = None) -> None:
    for _ in _polls(name, seconds):
        if _status(client, name) == "ACTIVE":
            return


def delete_table(client: Any, name: str) -> None:
    """Turn deletion protection off if it is on, delete the table, and wait until it is gone."""
    for _ in _polls(name):
        table = _description(client, name)
        if table is None:
            return
        if table["TableStatus"] != "ACTIVE":
            continue
        try:
            if table.get("DeletionProtectionEnabled"):
                client.update_table(TableName=name, DeletionProtectionEnabled=False)
            else:
                client.delete_table(TableName=name)
        except ClientError as error:
            if error_code(error) not in BUSY:
                raise


def _description(client: Any, name: str) -> dict[str, Any] | None:
    """None if there is no such table."""
    try:
        table: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
    return table


def _status(client: Any, name: str) -> str:
    return str(client.describe_table(TableName=name)["Table"]["TableStatus"])


def _polls(name: str, seconds: float | None = None) -> Iterator[None]:
    """One for each time to look; raise Refused when the time is over."""
    longest = LONGEST_SECONDS if seconds is None else seconds
    deadline = time.monotonic() + longest
    while time.monotonic() < deadline:
        yield
        time.sleep(POLL_SECONDS)
    raise CommandError(
        f"Table {name} is still being changed after {longest / 60:,.0f} minutes. Run the "
        "command again when it is ACTIVE."
    )
