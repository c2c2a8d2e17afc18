"""Makes a call to DynamoDB fail, by its number, operation or table: before it is done, or
after, so that its response is lost. Works on clients of botocore and on the fake one.

    with at_call(client, 3, crash):                          the process dies before call 3
    with at_call(client, 1, fail, after=True, operation="PutItem"):    done, but not answered
    with at_call(client, 2, lambda: world.close(at=now)):    another process runs in between
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, NoReturn

from botocore.exceptions import ClientError, ReadTimeoutError

_ids = count(1)


class Crash(BaseException):
    """The process died; nothing may catch this."""


@dataclass
class CallCounter:
    """Counts the matching calls."""

    calls: int = 0

    def reached(self, number: int) -> bool:
        return self.calls >= number


def crash() -> NoReturn:
    raise Crash


def time_out() -> NoReturn:
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


def throttle() -> NoReturn:
    raise ClientError(
        {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": ""}}, "any"
    )


def fail() -> NoReturn:
    raise ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "any")


@contextmanager
def at_call(
    client: Any,
    number: int,
    do: Callable[[], object],
    *,
    after: bool = False,
    operation: str = "",
    table: str = "",
) -> Iterator[CallCounter]:
    """Run `do` at the matching call with this number, starting at 1. Calls of `do` itself are
    not counted."""
    counted = CallCounter()
    is_wanted = is_busy = False

    def before_call(model: Any, params: Any, **_: Any) -> None:
        nonlocal is_wanted
        if is_busy:
            return
        is_wanted = operation in ("", model.name) and (
            not table or f"'{table}'" in repr(params)
        )
        counted.calls += is_wanted
        if not after:
            strike()

    def after_call(**_: Any) -> None:
        if after and not is_busy:
            strike()

    def strike() -> None:
        nonlocal is_busy
        if is_wanted and counted.calls == number:
            is_busy = True
            try:
                do()
            finally:
                is_busy = False

    name = f"fault {next(_ids)}"
    handlers = {"before-call.dynamodb": before_call, "after-call.dynamodb": after_call}
    for event, handler in handlers.items():
        client.meta.events.register(event, handler, unique_id=f"{name} {event}")
    try:
        yield counted
    finally:
        for event in handlers:
            client.meta.events.unregister(event, unique_id=f"{name} {event}")
