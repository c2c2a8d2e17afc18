"""DynamoDB with what its client leaves out: it retries unprocessed items and conflicts.

A call returns when everything in it has been done, or it raises:

    ConditionFailed         the condition did not hold; with the item as it is
    TransactionCancelled    conditions of a transaction did not hold; with their positions
    InvalidRequest          the same call will never succeed
    Unavailable             the same call may succeed later

Nothing here knows what the items mean.

A call is attempted up to MAX_ATTEMPTS times within SECONDS_PER_CALL. `within` sets one deadline
for all calls of a request or of a run of the job: after it, no attempt starts. It can also make
calls fail at once if a table is at the maximum throughput that its owner chose: the next
attempt would meet the same limit, and Lambda bills the wait.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from chalicelib.storage.aws.attribute_codec import Item, from_attributes, to_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Result = TypeVar("Result")

MAX_ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 0.025  # doubles; six attempts wait 0.8 s at most, half on average
SECONDS_PER_CALL = 10.0
SERVER_ERROR = 500  # and up: DynamoDB or what is before it failed, with or without a code
MAX_KEYS_PER_READ = 100  # of BatchGetItem
MAX_ITEMS_PER_WRITE = 25  # of BatchWriteItem

# Soon over: a transaction holds the item, or the table is throttled.
_RETRYABLE = frozenset(
    {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
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


class Database:
    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client

    def get(self, table: str, key: Item) -> Item | None:
        """One item, as it is now."""
        answer = self._call(
            self.client.get_item, TableName=table, Key=to_attributes(key), ConsistentRead=True
        )
        return from_attributes(answer["Item"]) if "Item" in answer else None

    def get_many(
        self,
        keys: Mapping[str, Sequence[Item]],
        *,
        only: Sequence[str] = (),
        eventually_consistent: Sequence[str] = (),
    ) -> dict[str, list[Item]]:
        """The items that exist, by table, in no order; or `only` these of their attributes. At
        most 100 keys. Reads of the `eventually_consistent` tables may lack the changes of the
        last second, for half the price."""
        chosen = {"ProjectionExpression": ", ".join(only)} if only else {}
        wanted: dict[str, Any] = {
            table: {
                "Keys": [to_attributes(key) for key in some],
                "ConsistentRead": table not in eventually_consistent,
            }
            | chosen
            for table, some in keys.items()
            if some
        }
        found: dict[str, list[Item]] = {table: [] for table in keys}
        if not wanted:
            return found
        for _ in attempts():
            answer = self._call(self.client.batch_get_item, RequestItems=wanted)
            for table, items in answer["Responses"].items():
                found[table] += [from_attributes(item) for item in items]
            wanted = dict(answer.get("UnprocessedKeys", {}))
            if not wanted:
                return found
        raise Unavailable("BatchGetItem left keys unprocessed")

    def is_reachable(self, keys: Mapping[str, Item]) -> bool:
        """Whether each table can be read, by a key that need not exist."""
        try:
            self.get_many({table: [key] for table, key in keys.items()})
        except (Unavailable, ClientError):
            return False
        return True

    def put(
        self, table: str, item: Item, *, condition: str = "", values: Item | None = None
    ) -> None:
        """Raise ConditionFailed if there is a condition and it does not hold."""
        self._call(
            self.client.put_item,
            TableName=table,
            Item=to_attributes(item),
            **_conditional(condition, values),
        )

    def put_many(self, table: str, items: Sequence[Item]) -> None:
        """Put the items in this order, without conditions; each overwrites what had its key."""
        for some in chunks(items, MAX_ITEMS_PER_WRITE):
            self._write_batch(
                {table: [{"PutRequest": {"Item": to_attributes(i)}} for i in some]}
            )

    def delete_many(self, table: str, keys: Sequence[Item]) -> None:
        for some in chunks(keys, MAX_ITEMS_PER_WRITE):
            self._write_batch(
                {table: [{"DeleteRequest": {"Key": to_attributes(k)}} for k in some]}
            )

    def update(
        self,
        table: str,
        key: Item,
        expression: str,
        *,
        values: Item,
        condition: str = "",
        names: Mapping[str, str] | None = None,
    ) -> Item:
        """Return the item as it is afterwards, or raise ConditionFailed. `names` are the
        placeholders of attributes."""
        answer = self._call(
            self.client.update_item,
            TableName=table,
            Key=to_attributes(key),
            UpdateExpression=expression,
            ReturnValues="ALL_NEW",
            **({"ExpressionAttributeNames": names} if names else {}),
            **_conditional(condition, values),
        )
        return from_attributes(answer["Attributes"])

    def delete(
        self, table: str, key: Item, *, condition: str = "", values: Item | None = None
    ) -> None:
        self._call(
            self.client.delete_item,
            TableName=table,
            Key=to_attributes(key),
            **_conditional(condition, values),
        )

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """Do all of the actions or none. Build them with `put_action` and its like."""
        self._call(self.client.transact_write_items, TransactItems=actions)

    def query(
        self,
        table: str,
        condition: str,
        values: Item,
        *,
        index: str = "",
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """Items of one partition, page by page; consistent unless read from an index. `limit`
        is the length of a page."""
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_attributes(values),
            "ScanIndexForward": not newest_first,
        }
        request |= {"IndexName": index} if index else {"ConsistentRead": True}
        request |= {"Limit": limit} if limit else {}
        for items, _ in self._pages(self.client.query, request):
            yield from items

    def scan(self, table: str) -> Iterator[Item]:
        """All items of the table, as they are now."""
        for items, _ in self.scan_pages(table):
            yield from items

    def scan_pages(
        self, table: str, *, segment: int = 0, segments: int = 1, consistent: bool = True
    ) -> Iterator[tuple[list[Item], bool]]:
        """The table, or one of several equal segments of it, in pages of 1 MB, each with
        whether it is the last. If not consistent, they may lack the changes of the last second,
        for half the price."""
        request: dict[str, Any] = {"TableName": table, "ConsistentRead": consistent}
        if segments > 1:
            request |= {"Segment": segment, "TotalSegments": segments}
        return self._pages(self.client.scan, request)

    def _pages(
        self, call: Callable[..., Any], request: dict[str, Any]
    ) -> Iterator[tuple[list[Item], bool]]:
        while True:
            answer = self._call(call, **request)
            is_last = "LastEvaluatedKey" not in answer
            yield [from_attributes(item) for item in answer["Items"]], is_last
            if is_last:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _write_batch(self, requests: dict[str, Any]) -> None:
        for _ in attempts():
            answer = self._call(self.client.batch_write_item, RequestItems=requests)
            requests = dict(answer.get("UnprocessedItems", {}))
            if not requests:
                return
        raise Unavailable("BatchWriteItem left items unprocessed")

    @staticmethod
    def _call(call: Callable[..., Result], **request: Any) -> Result:
        cause: Exception | None = None
        for _ in attempts():
            try:
                return call(**request)
            except ClientError as error:
                _raise_unless_retryable(error)
                cause = error
                if not _waits_at_maximum.get() and _is_at_maximum(error):
                    break
            except (NoConnection, HTTPClientError) as error:
                cause = error
        raise Unavailable(str(cause or "the deadline has passed")) from cause


def put_action(
    table: str, item: Item, *, condition: str = "", values: Item | None = None
) -> Any:
    return {
        "Put": {"TableName": table, "Item": to_attributes(item)} | _checked(condition, values)
    }


def update_action(table: str, key: Item, expression: str, *, values: Item) -> Any:
    return {
        "Update": {
            "TableName": table,
            "Key": to_attributes(key),
            "UpdateExpression": expression,
            "ExpressionAttributeValues": to_attributes(values),
        }
    }


def delete_action(
    table: str, key: Item, *, condition: str = "", values: Item | None = None
) -> Any:
    return {
        "Delete": {"TableName": table, "Key": to_attributes(key)} | _checked(condition, values)
    }


def check_action(table: str, key: Item, *, condition: str, values: Item) -> Any:
    checked = {"TableName": table, "Key": to_attributes(key)} | _checked(condition, values)
    return {"ConditionCheck": checked}


def chunks(items: Iterable[Result], size: int) -> Iterator[list[Result]]:
    """In lists of at most `size`."""
    chunk: list[Result] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def attempts() -> Iterator[None]:
    """Attempts of a call: the first at once, the others after longer and longer random pauses,
    none after the deadline."""
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


def _checked(condition: str, values: Item | None) -> dict[str, Any]:
    if not condition:
        return {"ExpressionAttributeValues": to_attributes(values)} if values else {}
    return {"ConditionExpression": condition} | (
        {"ExpressionAttributeValues": to_attributes(values)} if values else {}
    )


def _conditional(condition: str, values: Item | None) -> dict[str, Any]:
    answer = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if condition else {}
    return _checked(condition, values) | answer


def _is_at_maximum(error: ClientError) -> bool:
    """Whether the table's maximum throughput caused the error. A transaction has it in the
    messages of its reasons, any other call in its throttling reasons."""
    response: Mapping[str, Any] = error.response
    texts = [str(error)]
    texts += [str(one.get("Message")) for one in response.get("CancellationReasons", [])]
    for name in ("throttlingReasons", "ThrottlingReasons"):
        texts += [str(one.get("reason")) for one in response.get(name, [])]
    return any(_AT_MAXIMUM in text for text in texts)


def _raise_unless_retryable(error: ClientError) -> None:
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
