"""Retries of calls to AWS, within a deadline. A client makes one attempt per call (client.py).

A call either returns, or raises:

    ConditionFailed         the condition did not hold; with the item as it is
    TransactionCancelled    conditions of a transaction did not hold; with their positions
    InvalidRequest          the same call will never succeed
    Unavailable             the same call may succeed later

It is attempted up to MAX_ATTEMPTS times within SECONDS_PER_CALL. `within` sets one deadline for
all calls of a request or of a run of the job: after it, no attempt starts. It can also make
calls fail at once if a table is at the maximum throughput that its owner chose: the next
attempt would meet the same limit, and Lambda bills the wait. botocore has neither, and does not
retry transactions with a conflict; see docs/decisions/one-deadline-per-request.md.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.storage.aws.attribute_codec import Item, from_attributes
from chalicelib.storage.aws.dynamodb_api import NoResponse, ServiceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Result = TypeVar("Result")

MAX_ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.025  # doubles; six attempts wait 0.8 s at most, half on average
SECONDS_PER_CALL = 10.0
SERVER_ERROR = 500  # and up: DynamoDB or what is before it failed, with or without a code

# Soon over: a transaction holds the item, or the table is throttled.
_RETRYABLE = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "LimitExceededException",
        "InternalServerError",
        "ServiceUnavailable",
        "InternalFailure",
    }
)
_RETRYABLE_REASONS = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
# In the text or the reasons of an error that MaxUsdPerDay causes, and in no other error.
_AT_MAXIMUM = "OnDemandThroughput"
# In time.monotonic(). Each thread has its own: `make run` answers several requests at once.
_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)
_waits_at_maximum: ContextVar[bool] = ContextVar("waits_at_maximum", default=True)


class Unavailable(Exception):
    """Retries are exhausted; the same call may succeed later."""


class ConditionFailed(Exception):
    """The condition did not hold for `item`, which is None if there was none."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition did not hold")
        self.item = item


class InvalidRequest(ValueError):
    """Not to be retried: an item is too large, or DynamoDB does not accept a value."""


class TransactionCancelled(Exception):
    """Nothing of the transaction was done. `failed` are the positions of the actions whose
    condition did not hold."""

    def __init__(self, failed: Sequence[int]) -> None:
        super().__init__(f"conditions {list(failed)} did not hold")
        self.failed = tuple(failed)


@contextmanager
def within(seconds: float, *, waits_at_maximum: bool = True) -> Iterator[float]:
    """Let no call of this thread start an attempt after `seconds`. Yields the deadline, which
    other threads can adopt with `stop_at`."""
    before = _deadline.set(time.monotonic() + seconds)
    waited = _waits_at_maximum.set(waits_at_maximum)
    try:
        yield _deadline.get()
    finally:
        _waits_at_maximum.reset(waited)
        _deadline.reset(before)


def stop_at(deadline: float) -> None:
    """Adopt the deadline of another thread."""
    _deadline.set(deadline)


def current_deadline() -> float:
    """Return the deadline of this thread, for `stop_at` in another one."""
    return _deadline.get()


def has_time_left() -> bool:
    """Return whether the deadline of this thread is still to come."""
    return time.monotonic() < _deadline.get()


def with_retries(call: Callable[..., Result], **request: Any) -> Result:
    """Call until it succeeds, or raise one of the errors above."""
    cause: Exception | None = None
    for _ in attempts():
        try:
            return call(**request)
        except rejections() as error:
            _raise_unless_retryable(error)
            cause = error
            if not _waits_at_maximum.get() and _is_at_maximum(error):
                break
        except _failures() as error:
            cause = error
    raise Unavailable(str(cause or "the deadline has passed")) from cause


def rejections() -> tuple[type[Any], ...]:
    """Return the exceptions of a call that the service rejected. Those of botocore can only
    arrive if it is loaded."""
    botocore: Any = sys.modules.get("botocore.exceptions")
    return (ServiceError, botocore.ClientError) if botocore else (ServiceError,)


def _failures() -> tuple[type[Any], ...]:
    """Return the exceptions of a call without a response."""
    botocore: Any = sys.modules.get("botocore.exceptions")
    if not botocore:
        return (NoResponse,)
    return NoResponse, botocore.ConnectionError, botocore.HTTPClientError


def attempts() -> Iterator[None]:
    """Yield the attempts of a call: the first at once, the others after longer and longer
    random pauses, none after the deadline."""
    now = time.monotonic()
    until = min(now + SECONDS_PER_CALL, _deadline.get())
    if now >= until:
        return
    yield
    for attempt in range(MAX_ATTEMPTS - 1):
        pause = random.uniform(0, FIRST_PAUSE_SECONDS * 2**attempt)
        if time.monotonic() + pause >= until:
            return
        time.sleep(pause)
        yield


def _is_at_maximum(error: ClientError | ServiceError) -> bool:
    """Whether the table's maximum throughput caused the error. A transaction has it in the
    messages of its reasons, any other call in its throttling reasons."""
    response: Mapping[str, Any] = error.response
    texts = [str(error)]
    texts += [str(one.get("Message")) for one in response.get("CancellationReasons", [])]
    for name in ("throttlingReasons", "ThrottlingReasons"):
        texts += [str(one.get("reason")) for one in response.get(name, [])]
    return any(_AT_MAXIMUM in text for text in texts)


def _raise_unless_retryable(error: ClientError | ServiceError) -> None:
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        item: Any = error.response.get("Item")
        raise ConditionFailed(from_attributes(item) if item else None) from None
    if code == "TransactionCanceledException":
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        failed = [at for at, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
        if failed:
            raise TransactionCancelled(failed) from None
        if "ValidationError" in reasons:
            raise InvalidRequest(str(error)) from error
        if not _RETRYABLE_REASONS & set(reasons):
            raise error
    elif code == "ValidationException":
        raise InvalidRequest(str(error)) from error
    elif code not in _RETRYABLE and status < SERVER_ERROR:
        raise error
