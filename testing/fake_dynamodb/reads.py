"""Queries and scans, page by page, and projections."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from testing.fake_dynamodb.expressions.conditions import parse_condition
from testing.fake_dynamodb.expressions.parser import Expression
from testing.fake_dynamodb.expressions.values import InvalidRequest, Unsupported, Wire
from testing.fake_dynamodb.fake_table import Index, Table, read_page
from testing.fake_dynamodb.request_checks import check_placeholders, request_condition

Answer = dict[str, Any]


def query(table: Table, request: Wire) -> Answer:
    condition = request_condition(request, "KeyConditionExpression")
    if condition is None:
        raise InvalidRequest("Either the KeyConditions or KeyConditionExpression parameter")
    index = _index(table, request)
    names = (index.hash_name, index.range_name) if index else table.key_names
    hash_name = names[0]
    if not condition.paths <= set(names) or hash_name not in condition.equal:
        raise InvalidRequest(f"Query condition missed key schema element: {hash_name}")
    values = request.get("ExpressionAttributeValues", {})
    value = values[condition.equal[hash_name]]["S"]
    items = table.index_entries(index, value) if index else table.partition(value)
    matching: Iterable[Wire] = [item for item in items if condition.run(item, values)]
    if not request.get("ScanIndexForward", True):
        matching = reversed(list(matching))
    start = _start(table, index, request)
    if start is not None:
        matching = _after(list(matching), start, _key_names(table, index), table)
    return _page(table, index, matching, request, condition)


def scan(table: Table, request: Wire) -> Answer:
    if _index(table, request):
        raise Unsupported("the scan of an index")
    segments, segment = request.get("TotalSegments", 1), request.get("Segment", 0)
    if not 0 <= segment < segments or ("Segment" in request) != ("TotalSegments" in request):
        raise InvalidRequest(
            "The Segment parameter is required but was not present in the request"
        )
    items = _items_after(table, _start(table, None, request))
    if segments > 1:
        name = table.hash_name
        items = (i for i in items if zlib.crc32(i[name]["S"].encode()) % segments == segment)
    return _page(table, None, items, request, None)


def _items_after(table: Table, start: Wire | None) -> Iterator[Wire]:
    """Yield the items after the key without looking at those before it."""
    if start is None:
        return table.in_order()
    key = table.key_of(start)
    return (item for item in table.in_order(key[0]) if table.key_of(item) > key)


def _index(table: Table, request: Wire) -> Index | None:
    if "IndexName" not in request:
        return None
    if request["IndexName"] not in table.indexes:
        raise InvalidRequest(
            f"The table does not have the specified index: {request['IndexName']}"
        )
    if request.get("ConsistentRead"):
        raise InvalidRequest("Consistent reads are not supported on global secondary indexes")
    return table.indexes[request["IndexName"]]


def _page(
    table: Table,
    index: Index | None,
    items: Iterable[Wire],
    request: Wire,
    condition: Expression | None,
) -> Answer:
    """Return one page of the items, which are those after the request's start."""
    test = request_condition(request, "FilterExpression")
    check_placeholders(request, [condition, test, *projection_expressions(request)])
    limit = request.get("Limit")
    if limit is not None and limit < 1:
        raise InvalidRequest("Member must have value greater than or equal to 1")
    if request.get("Select", "ALL_ATTRIBUTES") not in ("ALL_ATTRIBUTES", "COUNT"):
        raise Unsupported(f"Select={request['Select']}")
    page, is_cut = read_page(items, limit)
    values = request.get("ExpressionAttributeValues", {})
    matching = [item for item in page if test is None or test.run(item, values)]
    answer: Answer = {"Count": len(matching), "ScannedCount": len(page)}
    if request.get("Select") != "COUNT":
        answer["Items"] = project_items(matching, request)
    if is_cut:
        names = _key_names(table, index)
        answer["LastEvaluatedKey"] = {name: page[-1][name] for name in names}
    return answer


def _key_names(table: Table, index: Index | None) -> tuple[str, ...]:
    return table.key_names + ((index.hash_name, index.range_name) if index else ())


def _start(table: Table, index: Index | None, request: Wire) -> Wire | None:
    start: Wire | None = request.get("ExclusiveStartKey")
    if start is not None and start.keys() != set(_key_names(table, index)):
        raise InvalidRequest("The provided starting key is invalid")
    return start


def _after(
    items: Sequence[Wire], start: Wire, names: Sequence[str], table: Table
) -> Iterable[Wire]:
    """Return the items after the key, whose own item may be deleted."""
    keys = [tuple(item[name] for name in names) for item in items]
    key = tuple(start[name] for name in names)
    if key in keys:
        return items[keys.index(key) + 1 :]
    if len(names) > len(table.key_names):
        raise Unsupported("continuing in an index from a deleted item")
    key = table.exact_key(start)
    is_backwards = len(items) > 1 and table.key_of(items[0]) > table.key_of(items[1])
    return [item for item in items if (table.key_of(item) < key) == is_backwards]


def projection_expressions(request: Wire) -> list[Expression]:
    """Return an expression for each name of the ProjectionExpression."""
    if "ProjectionExpression" not in request:
        return []
    names = request.get("ExpressionAttributeNames")
    return [
        parse_condition(f"attribute_exists({name.strip()})", names)
        for name in request["ProjectionExpression"].split(",")
    ]


def project_items(items: Iterable[Wire], request: Wire) -> list[Wire]:
    if "ProjectionExpression" not in request:
        return [dict(item) for item in items]
    names = request.get("ExpressionAttributeNames", {})
    attributes = [name.strip() for name in request["ProjectionExpression"].split(",")]
    attributes = [names.get(name, name) for name in attributes]
    return [{name: item[name] for name in attributes if name in item} for item in items]
