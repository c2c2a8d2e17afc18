"""The functions' logs, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from operate.aws.account import Account
from operate.aws.stage import Stage
from operate.console import echo
from operate.errors import CommandError

# The function that collects logs JSON: "level": "ERROR", and "status": "timeout" from Lambda.
ERRORS = '?ERROR ?Traceback ?"Task timed out" ?"\\"timeout\\"" ?"\\"status\\":5"'


def lines(
    stage: Stage, account: Account, *, since: int, pattern: str = ""
) -> Iterator[tuple[int, str, str]]:
    """Yield time in ms, function and message of all functions, in order of time. Raise
    CommandError if the API's function has no log group."""
    entries = [
        (event["timestamp"], group.rpartition("/")[2], str(event["message"]).rstrip())
        for group in existing_log_groups(stage, account)
        for event in _events(account, group, since, pattern)
    ]
    yield from sorted(entries)


def print_logs(
    stage: Stage,
    account: Account,
    *,
    since_ms: int,
    pattern: str = "",
    follow: Callable[[], bool] = lambda: False,
) -> None:
    """Print new entries until `follow` returns False; it is called after each request."""
    seen: set[tuple[int, str, str]] = set()
    while True:
        for line in lines(stage, account, since=since_ms, pattern=pattern):
            if line not in seen:
                seen.add(line)
                at, function, message = line
                echo(f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M:%S} {function}  {message}")
        if not follow():
            break
        latest = max((at for at, _, _ in seen), default=since_ms)
        since_ms = max(since_ms, latest - 10_000)  # entries can arrive out of order
        seen = {line for line in seen if line[0] >= since_ms}
    if not seen:
        echo("No log entries.")


def existing_log_groups(stage: Stage, account: Account) -> list[str]:
    """Return the functions' log groups. A stage of an earlier version has none for the function
    that collects."""
    client = account.client("logs")
    pages = client.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=stage.log_groups[0]
    )
    existing = {group["logGroupName"] for page in pages for group in page["logGroups"]}
    if stage.log_groups[0] not in existing:
        raise CommandError(
            f"There is no log group {stage.log_groups[0]}. Is the stage deployed?"
        )
    return [name for name in stage.log_groups if name in existing]


def _events(account: Account, group: str, since: int, pattern: str) -> Iterator[dict[str, Any]]:
    request: dict[str, Any] = {"logGroupName": group, "startTime": since}
    request |= {"filterPattern": pattern} if pattern else {}
    pages = account.client("logs").get_paginator("filter_log_events").paginate(**request)
    for page in pages:
        yield from page["events"]
