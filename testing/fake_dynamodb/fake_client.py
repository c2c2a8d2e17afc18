"""A fake DynamoDB client in the test's process: a call takes microseconds, where an emulator
takes milliseconds.

It supports the calls, parameters and expressions that the product uses, and raises
`Unsupported` for others. Errors are those of botocore. Handlers at `client.meta.events` for
`before-call` and `after-call` work as with botocore (see `faults`). test_conformance compares
every response with the emulator's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter

from testing.fake_dynamodb.expressions.values import InvalidRequest, Unsupported, Wire
from testing.fake_dynamodb.fake_table import Index, Table, size_of
from testing.fake_dynamodb.reads import project_items, projection_expressions, query, scan
from testing.fake_dynamodb.request_checks import (
    EXPRESSIONS,
    ServiceError,
    check_placeholders,
    reject_unknown,
)
from testing.fake_dynamodb.writes import (
    PendingWrite,
    conflicting_item,
    pending_write,
    transaction_cancelled,
)

Answer = dict[str, Any]

MAX_KEYS_PER_READ = 100
MAX_ITEMS_PER_WRITE = 25
MAX_ACTIONS = 100
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024

_CHOSEN = ("ProjectionExpression", "ExpressionAttributeNames")
_CONDITIONAL = {"TableName", "ReturnValuesOnConditionCheckFailure", *EXPRESSIONS}
_READING = {
    "TableName", "IndexName", "ConsistentRead", "Limit", "ExclusiveStartKey", "Select",
    "FilterExpression", "ProjectionExpression", *EXPRESSIONS[1:],
}  # fmt: skip
_PARAMETERS: Mapping[str, set[str]] = {
    "DescribeTable": {"TableName"},
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
class FakeDynamoDB:
    """Calls are atomic, in any number of threads."""

    tables: dict[str, Table] = field(default_factory=dict)
    definitions: dict[str, Answer] = field(default_factory=dict)
    meta: Any = field(default_factory=lambda: SimpleNamespace(events=HierarchicalEmitter()))
    _lock: RLock = field(default_factory=RLock)

    def create_table(self, **definition: Any) -> None:
        """Create a table by the definition that CreateTable accepts; keys are strings."""
        keys = _key_names(definition["KeySchema"])
        self.definitions[definition["TableName"]] = definition
        self.tables[definition["TableName"]] = Table(
            hash_name=keys[0],
            range_name=keys[1] if len(keys) > 1 else None,
            indexes={
                index["IndexName"]: Index(*_key_names(index["KeySchema"]))
                for index in definition.get("GlobalSecondaryIndexes", [])
            },
        )

    def describe_table(self, **request: Any) -> Answer:
        """Return the definition with which the table was created."""
        return self._call("DescribeTable", request, self._describe)

    def get_item(self, **request: Any) -> Answer:
        return self._call("GetItem", request, self._get)

    def batch_get_item(self, **request: Any) -> Answer:
        return self._call("BatchGetItem", request, self._batch_get)

    def put_item(self, **request: Any) -> Answer:
        return self._call("PutItem", request, lambda request: self._write("Put", request))

    def batch_write_item(self, **request: Any) -> Answer:
        return self._call("BatchWriteItem", request, self._batch_write)

    def update_item(self, **request: Any) -> Answer:
        return self._call("UpdateItem", request, lambda request: self._write("Update", request))

    def delete_item(self, **request: Any) -> Answer:
        return self._call("DeleteItem", request, lambda request: self._write("Delete", request))

    def transact_write_items(self, **request: Any) -> Answer:
        return self._call("TransactWriteItems", request, self._transact)

    def query(self, **request: Any) -> Answer:
        return self._call(
            "Query", request, lambda request: query(self._table(request["TableName"]), request)
        )

    def scan(self, **request: Any) -> Answer:
        return self._call(
            "Scan", request, lambda request: scan(self._table(request["TableName"]), request)
        )

    def _call(self, operation: str, request: Answer, do: Callable[[Wire], Answer]) -> Answer:
        reject_unknown(operation, request, _PARAMETERS[operation])
        event = {"model": SimpleNamespace(name=operation), "context": {}}
        emit = self.meta.events.emit
        emit(f"provide-client-params.dynamodb.{operation}", params=request, **event)
        emit(f"before-call.dynamodb.{operation}", params=request, **event)
        with self._lock:
            try:
                answer = do(request)
            except InvalidRequest as error:
                answer = ServiceError("ValidationException", str(error)).answer
            except ServiceError as refused:
                answer = refused.answer
        emit(f"after-call.dynamodb.{operation}", parsed=answer, http_response=None, **event)
        if "Error" in answer:
            raise ClientError(answer, operation)
        return answer

    def _table(self, name: str) -> Table:
        if name not in self.tables:
            raise ServiceError("ResourceNotFoundException", "Requested resource not found")
        return self.tables[name]

    def _describe(self, request: Wire) -> Answer:
        self._table(request["TableName"])
        return {"Table": {**self.definitions[request["TableName"]], "TableStatus": "ACTIVE"}}

    def _get(self, request: Wire) -> Answer:
        table = self._table(request["TableName"])
        check_placeholders(request, projection_expressions(request))
        item = table.get(table.exact_key(request["Key"]))
        return {} if item is None else {"Item": project_items([item], request)[0]}

    def _batch_get(self, request: Wire) -> Answer:
        responses: dict[str, list[Wire]] = {}
        number = 0
        for name, keys_request in request["RequestItems"].items():
            reject_unknown("BatchGetItem", keys_request, {"Keys", "ConsistentRead", *_CHOSEN})
            check_placeholders(keys_request, projection_expressions(keys_request))
            table = self._table(name)
            keys = [table.exact_key(key) for key in keys_request["Keys"]]
            number += len(keys)
            if not keys or number > MAX_KEYS_PER_READ or len(set(keys)) < len(keys):
                raise InvalidRequest("1 to 100 keys, each once")
            responses[name] = project_items(filter(None, map(table.get, keys)), keys_request)
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _batch_write(self, request: Wire) -> Answer:
        changes: list[PendingWrite] = []
        for name, writes in request["RequestItems"].items():
            for write in writes:
                ((kind, parameters),) = write.items()
                reject_unknown(kind, parameters, {"Item" if kind == "PutRequest" else "Key"})
                action = {"PutRequest": "Put", "DeleteRequest": "Delete"}[kind]
                changes.append(pending_write(self._table(name), action, parameters))
        places = [(id(change.table), change.key) for change in changes]
        if not 1 <= len(changes) <= MAX_ITEMS_PER_WRITE or len(set(places)) < len(places):
            raise InvalidRequest("1 to 25 requests, each for another item")
        for change in changes:
            change.apply()
        return {"UnprocessedItems": {}}

    def _write(self, action: str, request: Wire) -> Answer:
        change = pending_write(self._table(request["TableName"]), action, request)
        if not change.holds:
            raise ServiceError(
                "ConditionalCheckFailedException",
                "The conditional request failed",
                **conflicting_item(change),
            )
        change.apply()
        returned = request.get("ReturnValues", "NONE")
        if returned not in ("NONE", "ALL_NEW"):
            raise Unsupported(f"ReturnValues={returned}")
        return {"Attributes": dict(change.new_item or {})} if returned == "ALL_NEW" else {}

    def _transact(self, request: Wire) -> Answer:
        actions = request["TransactItems"]
        if not 1 <= len(actions) <= MAX_ACTIONS:
            raise InvalidRequest("Member must have length less than or equal to 100")
        changes = []
        for action in actions:
            ((kind, parameters),) = action.items()
            reject_unknown(kind, parameters, _ACTIONS[kind])
            changes.append(
                pending_write(self._table(parameters["TableName"]), kind, parameters)
            )
        if (
            sum(size_of(change.new_item) for change in changes if change.new_item)
            > MAX_TRANSACTION_BYTES
        ):
            raise InvalidRequest("Transaction request exceeds the 4MB transaction size limit")
        if len({(id(change.table), change.key) for change in changes}) < len(changes):
            raise InvalidRequest(
                "Transaction request cannot include multiple operations on one item"
            )
        if not all(change.holds for change in changes):
            raise transaction_cancelled(changes)
        for change in changes:
            change.apply()
        return {}


def _key_names(schema: Sequence[Mapping[str, str]]) -> list[str]:
    kinds = {key["KeyType"]: key["AttributeName"] for key in schema}
    return [kinds[kind] for kind in ("HASH", "RANGE") if kind in kinds]
