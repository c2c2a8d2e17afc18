"""What the functions of a stage have said, oldest first.

python -m operate.inspect.logs --stage prod [--since 15m] [--filter TEXT] [--errors] [--follow]
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from operate.aws.account import Account, code_of
from operate.aws.region import account_of
from operate.aws.stage import Stage, read_stage
from operate.console import parser, run, say
from operate.errors import Refused

ERRORS = '?"[ERROR]" ?Traceback ?"Task timed out" ?"\\"status\\":5"'
FOLLOW_SECONDS = 3
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def lines(
    stage: Stage, account: Account, *, since: int, pattern: str = ""
) -> Iterator[tuple[int, str, str]]:
    """Time in ms, function, what it said; of both functions together in order of time."""
    found = [
        (event["timestamp"], group.rpartition("/")[2], str(event["message"]).rstrip())
        for group in stage.log_groups
        for event in _events(account, group, since, pattern)
    ]
    yield from sorted(found)


def parse_since(text: str) -> int:
    """`15m` in seconds."""
    match = re.fullmatch(r"(\d{1,5})([smhd])", text)
    if not match:
        raise Refused("SINCE takes a number and s, m, h or d, such as 15m or 2d.")
    return int(match.group(1)) * _UNITS[match.group(2)]


def show(
    stage: Stage,
    account: Account,
    *,
    since_ms: int,
    pattern: str = "",
    follow: Callable[[], bool] = lambda: False,
) -> None:
    """`follow` says, after each look, whether there is to be another."""
    seen: set[tuple[int, str, str]] = set()
    while True:
        for line in lines(stage, account, since=since_ms, pattern=pattern):
            if line not in seen:
                seen.add(line)
                at, function, message = line
                say(f"{datetime.fromtimestamp(at / 1000, UTC):%H:%M:%S} {function}  {message}")
        if not follow():
            break
        latest = max((at for at, _, _ in seen), default=since_ms)
        since_ms = max(since_ms, latest - 10_000)  # they may arrive a little out of order
        seen = {line for line in seen if line[0] >= since_ms}
    if not seen:
        say("Nothing was said in that time.")


def _events(account: Account, group: str, since: int, pattern: str) -> Iterator[dict[str, Any]]:
    request: dict[str, Any] = {"logGroupName": group, "startTime": since}
    request |= {"filterPattern": pattern} if pattern else {}
    pages = account.client("logs").get_paginator("filter_log_events").paginate(**request)
    try:
        for page in pages:
            yield from page["events"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        raise Refused(f"There is no log group {group}. Is the stage deployed?") from None


def main(arguments: Sequence[str]) -> None:
    options = parser("inspect.logs", __doc__)
    options.add_argument("--since", default="15m")
    options.add_argument("--filter", default="", help="a pattern of CloudWatch Logs")
    options.add_argument("--errors", action="store_true", help="only what went wrong")
    options.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    chosen = options.parse_args(arguments)

    def again() -> bool:
        time.sleep(FOLLOW_SECONDS if chosen.follow else 0)
        return bool(chosen.follow)

    stage = read_stage(chosen.stage)
    show(
        stage,
        account_of(stage, chosen.region),
        since_ms=round((time.time() - parse_since(chosen.since)) * 1000),
        pattern=ERRORS if chosen.errors else chosen.filter,
        follow=again,
    )


if __name__ == "__main__":
    run(main)
