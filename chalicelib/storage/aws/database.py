"""DynamoDB with Python values as items; it follows pages, and retries what failed or was left
unprocessed.

A call returns when everything in it has been done, or raises an error of retries.py. Nothing
here knows what the items mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.storage.aws.attribute_codec import (
    Attributes,
    Item,
    from_attributes,
    to_attributes,
)
from chalicelib.storage.aws.retries import (
    Unavailable,
    attempts,
    rejections,
    with_retries,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.storage.aws.dynamodb_api import DynamoDBApi

Result = TypeVar("Result")

MAX_KEYS_PER_READ = 100  # of BatchGetItem
MAX_ITEMS_PER_WRITE = 25  # of BatchWriteItem


class Database:
    def __init__(self, client: DynamoDBClient | DynamoDBApi) -> None:
        self.client: Any = client

    def get(self, table: str, key: Item) -> Item | None:
        """One item, as it is now."""
        answer = with_retries(
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
        """Return the items that exist, by table, in no order; or `only` these of their
        attributes. At most 100 keys. Reads of the `eventually_consistent` tables may lack the
        changes of the last second, for half the price."""
        projection = {"ProjectionExpression": ", ".join(only)} if only else {}
        requests: dict[str, Any] = {
            table: {
                "Keys": [to_attributes(key) for key in some],
                "ConsistentRead": table not in eventually_consistent,
            }
            | projection
            for table, some in keys.items()
            if some
        }
        read: dict[str, list[Item]] = {table: [] for table in keys}
        if not requests:
            return read
        for _ in attempts():
            answer = with_retries(self.client.batch_get_item, RequestItems=requests)
            for table, items in answer["Responses"].items():
                read[table] += [from_attributes(item) for item in items]
            requests = dict(answer.get("UnprocessedKeys", {}))
            if not requests:
                return read
        raise Unavailable("BatchGetItem left keys unprocessed")

    def is_reachable(self, keys: Mapping[str, Item]) -> bool:
        """Whether each table can be read, by a key that need not exist."""
        try:
            self.get_many({table: [key] for table, key in keys.items()})
        except Unavailable:
            return False
        except rejections():
            return False
        return True

    def put(
        self, table: str, item: Item, *, condition: str = "", values: Item | None = None
    ) -> None:
        """Raise ConditionFailed if there is a condition and it does not hold."""
        with_retries(
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
        answer = with_retries(
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
        with_retries(
            self.client.delete_item,
            TableName=table,
            Key=to_attributes(key),
            **_conditional(condition, values),
        )

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> None:
        """Do all of the actions or none. Build them with `put_action` and its like."""
        with_retries(self.client.transact_write_items, TransactItems=actions)

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
            yield from map(from_attributes, items)

    def scan(self, table: str) -> Iterator[Item]:
        """All items of the table, as they are now."""
        for items, _ in self.scan_pages(table):
            yield from items

    def scan_pages(
        self,
        table: str,
        *,
        segment: int = 0,
        segments: int = 1,
        consistent: bool = True,
    ) -> Iterator[tuple[list[Item], bool]]:
        """Return the table, or one of several equal segments of it, in pages of 1 MB, each with
        whether it is the last. If not consistent, they may lack the changes of the last second,
        for half the price."""
        pages = self.scan_encoded(
            table, segment=segment, segments=segments, consistent=consistent
        )
        return (
            ([from_attributes(item) for item in items], is_last) for items, is_last in pages
        )

    def scan_encoded(
        self,
        table: str,
        *,
        segment: int = 0,
        segments: int = 1,
        consistent: bool = True,
        only: Sequence[str] = (),
    ) -> Iterator[tuple[list[Attributes], bool]]:
        """As `scan_pages`, for callers that decode few of the items; or `only` these of their
        attributes, for the same price."""
        request: dict[str, Any] = {"TableName": table, "ConsistentRead": consistent}
        request |= {"ProjectionExpression": ", ".join(only)} if only else {}
        if segments > 1:
            request |= {"Segment": segment, "TotalSegments": segments}
        return self._pages(self.client.scan, request)

    def _pages(
        self, call: Callable[..., Any], request: dict[str, Any]
    ) -> Iterator[tuple[list[Attributes], bool]]:
        while True:
            answer = with_retries(call, **request)
            is_last = "LastEvaluatedKey" not in answer
            yield answer["Items"], is_last
            if is_last:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _write_batch(self, requests: dict[str, Any]) -> None:
        for _ in attempts():
            answer = with_retries(self.client.batch_write_item, RequestItems=requests)
            requests = dict(answer.get("UnprocessedItems", {}))
            if not requests:
                return
        raise Unavailable("BatchWriteItem left items unprocessed")


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
    """Yield lists of at most `size` items.

    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    chunk: list[Result] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _checked(condition: str, values: Item | None) -> dict[str, Any]:
    if not condition:
        return {"ExpressionAttributeValues": to_attributes(values)} if values else {}
    return {"ConditionExpression": condition} | (
        {"ExpressionAttributeValues": to_attributes(values)} if values else {}
    )


def _conditional(condition: str, values: Item | None) -> dict[str, Any]:
    answer = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if condition else {}
    return _checked(condition, values) | answer
