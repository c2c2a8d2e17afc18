"""A DynamoDB in the process of the test: the client that the product is handed, at some
microseconds a call where an emulator takes milliseconds.

It has the calls, parameters and expressions that the product uses, and refuses any other with
`Unknown`. Errors are botocore's. Handlers that are registered at `client.meta.events` for
`before-call` and `after-call` work as they do with botocore: see `faults`. test_conformance
compares it, answer by answer, with the emulator that the product is developed on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter

from testing.fake_dynamodb.expressions.values import Invalid, Unknown, Wire
from testing.fake_dynamodb.fake_table import Index, Table, size_of
from testing.fake_dynamodb.reads import projected, projections, query, scan
from testing.fake_dynamodb.request_checks import (
    EXPRESSIONS,
    Refused,
    check_placeholders,
    refuse_unknown,
)
from testing.fake_dynamodb.writes import Change, cancelled, change_of, stood_in_the_way

Answer = dict[str, Any]

MAX_KEYS_PER_READ = 100
MOST_ITEMS_A_WRITE = 25
MOST_ACTIONS = 100
LARGEST_TRANSACTION = 4 * 1024 * 1024

_CHOSEN = ("ProjectionExpression", "ExpressionAttributeNames")
_CONDITIONAL = {"TableName", "ReturnValuesOnConditionCheckFailure", *EXPRESSIONS}
_READING = {
    "TableName", "IndexName", "ConsistentRead", "Limit", "ExclusiveStartKey", "Select",
    "FilterExpression", "ProjectionExpression", *EXPRESSIONS[1:],
}  # fmt: skip
_PARAMETERS: Mapping[str, set[str]] = {
    "GetItem": {
        "TableName",
        "Key",
        "ConsistentRead",
        "ProjectionExpression",
        *EXPRESSIONS[1:],
    },
    "BatchGetItem": {"RequestItems"},
    "PutItem": {"Item"} | _CONDITIONAL,
    "BatchWriteItem": {"RequestItems"},
    "UpdateItem": {"Key", "UpdateExpression", "ReturnValues"} | _CONDITIONAL,
    "DeleteItem": {"Key"} | _CONDITIONAL,
    "TransactWriteItems": {"TransactItems"},
    "Query": {"KeyConditionExpression", "ScanIndexForward"} | _READING,
    "Scan": {"Segment", "TotalSegments"} | _READING,
}
_ACTIONS: Mapping[str, set[str]] = {
    "Put": {"Item"} | _CONDITIONAL,
    "Delete": {"Key"} | _CONDITIONAL,
    "Update": {"Key", "UpdateExpression"} | _CONDITIONAL,
    "ConditionCheck": {"Key"} | _CONDITIONAL,
}


@dataclass
class QuickDynamoDB:
    """Calls are atomic, in any number of threads."""

    tables: dict[str, Table] = field(default_factory=dict)
    meta: Any = field(default_factory=lambda: SimpleNamespace(events=HierarchicalEmitter()))
    _lock: RLock = field(default_factory=RLock)

    def create_table(self, **definition: Any) -> None:
        """By the definition that CreateTable takes; keys are texts."""
        keys = _key_names(definition["KeySchema"])
        self.tables[definition["TableName"]] = Table(
            hash_name=keys[0],
            range_name=keys[1] if len(keys) > 1 else None,
            indexes={
                index["IndexName"]: Index(*_key_names(index["KeySchema"]))
                for index in definition.get("GlobalSecondaryIndexes", [])
            },
        )

    def get_item(self, **request: Any) -> Answer:
        return self._call("GetItem", request, self._get)

    def batch_get_item(self, **request: Any) -> Answer:
        return self._call("BatchGetItem", request, self._batch_get)

    def put_item(self, **request: Any) -> Answer:
        return self._call("PutItem", request, lambda asked: self._write("Put", asked))

    def batch_write_item(self, **request: Any) -> Answer:
        return self._call("BatchWriteItem", request, self._batch_write)

    def update_item(self, **request: Any) -> Answer:
        return self._call("UpdateItem", request, lambda asked: self._write("Update", asked))

    def delete_item(self, **request: Any) -> Answer:
        return self._call("DeleteItem", request, lambda asked: self._write("Delete", asked))

    def transact_write_items(self, **request: Any) -> Answer:
        return self._call("TransactWriteItems", request, self._transact)

    def query(self, **request: Any) -> Answer:
        return self._call(
            "Query", request, lambda asked: query(self._table(asked["TableName"]), asked)
        )

    def scan(self, **request: Any) -> Answer:
        return self._call(
            "Scan", request, lambda asked: scan(self._table(asked["TableName"]), asked)
        )

    def _call(self, operation: str, request: Answer, do: Callable[[Wire], Answer]) -> Answer:
        refuse_unknown(operation, request, _PARAMETERS[operation])
        told = {"model": SimpleNamespace(name=operation), "context": {}}
        emit = self.meta.events.emit
        emit(f"provide-client-params.dynamodb.{operation}", params=request, **told)
        emit(f"before-call.dynamodb.{operation}", params=request, **told)
        with self._lock:
            try:
                answer = do(request)
            except Invalid as error:
                answer = Refused("ValidationException", str(error)).answer
            except Refused as refused:
                answer = refused.answer
        emit(f"after-call.dynamodb.{operation}", parsed=answer, http_response=None, **told)
        if "Error" in answer:
            raise ClientError(answer, operation)
        return answer

    def _table(self, name: str) -> Table:
        if name not in self.tables:
            raise Refused("ResourceNotFoundException", "Requested resource not found")
        return self.tables[name]

    def _get(self, asked: Wire) -> Answer:
        table = self._table(asked["TableName"])
        check_placeholders(asked, projections(asked))
        found = table.get(table.exact_key(asked["Key"]))
        return {} if found is None else {"Item": projected([found], asked)[0]}

    def _batch_get(self, asked: Wire) -> Answer:
        responses: dict[str, list[Wire]] = {}
        number = 0
        for name, wanted in asked["RequestItems"].items():
            refuse_unknown("BatchGetItem", wanted, {"Keys", "ConsistentRead", *_CHOSEN})
            check_placeholders(wanted, projections(wanted))
            table = self._table(name)
            keys = [table.exact_key(key) for key in wanted["Keys"]]
            number += len(keys)
            if not keys or number > MAX_KEYS_PER_READ or len(set(keys)) < len(keys):
                raise Invalid("1 to 100 keys, each once")
            responses[name] = projected(filter(None, map(table.get, keys)), wanted)
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _batch_write(self, asked: Wire) -> Answer:
        changes: list[Change] = []
        for name, requests in asked["RequestItems"].items():
            for request in requests:
                ((kind, one),) = request.items()
                refuse_unknown(kind, one, {"Item" if kind == "PutRequest" else "Key"})
                action = {"PutRequest": "Put", "DeleteRequest": "Delete"}[kind]
                changes.append(change_of(self._table(name), action, one))
        places = [(id(change.table), change.key) for change in changes]
        if not 1 <= len(changes) <= MOST_ITEMS_A_WRITE or len(set(places)) < len(places):
            raise Invalid("1 to 25 requests, each for another item")
        for change in changes:
            change.make()
        return {"UnprocessedItems": {}}

    def _write(self, action: str, asked: Wire) -> Answer:
        change = change_of(self._table(asked["TableName"]), action, asked)
        if not change.holds:
            raise Refused(
                "ConditionalCheckFailedException",
                "The conditional request failed",
                **stood_in_the_way(change),
            )
        change.make()
        returned = asked.get("ReturnValues", "NONE")
        if returned not in ("NONE", "ALL_NEW"):
            raise Unknown(f"ReturnValues={returned}")
        return {"Attributes": dict(change.item or {})} if returned == "ALL_NEW" else {}

    def _transact(self, asked: Wire) -> Answer:
        actions = asked["TransactItems"]
        if not 1 <= len(actions) <= MOST_ACTIONS:
            raise Invalid("Member must have length less than or equal to 100")
        changes = []
        for action in actions:
            ((kind, request),) = action.items()
            refuse_unknown(kind, request, _ACTIONS[kind])
            changes.append(change_of(self._table(request["TableName"]), kind, request))
        if sum(size_of(change.item) for change in changes if change.item) > LARGEST_TRANSACTION:
            raise Invalid("Transaction request exceeds the 4MB transaction size limit")
        if len({(id(change.table), change.key) for change in changes}) < len(changes):
            raise Invalid("Transaction request cannot include multiple operations on one item")
        if not all(change.holds for change in changes):
            raise cancelled(changes)
        for change in changes:
            change.make()
        return {}


def _key_names(schema: Sequence[Mapping[str, str]]) -> list[str]:
    kinds = {key["KeyType"]: key["AttributeName"] for key in schema}
    return [kinds[kind] for kind in ("HASH", "RANGE") if kind in kinds]
