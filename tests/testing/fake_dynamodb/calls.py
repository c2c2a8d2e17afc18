"""Random calls to DynamoDB: few keys, so that they collide, and many invalid ones."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Call = tuple[str, dict[str, Any]]  # the client's method and its parameters

SESSIONS, EVENTS = "LiveInsight-Sessions-dev", "LiveInsight-Events-dev"
TEXTS = ("a", "ab", "B", "ä", "z")
NUMBERS = ("0", "-3", "7", "70", "1788602400000")


class Long(str):
    """A text that a failing test does not print in full."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} characters>"


number = st.sampled_from(NUMBERS).map(lambda number: {"N": number})
text = st.sampled_from(TEXTS).map(lambda text: {"S": text})
PLACEHOLDERS = {
    ":s": text,
    ":t": text,
    ":n": number,
    ":m": number,
    ":set": st.sets(st.sampled_from(TEXTS), min_size=1).map(lambda s: {"SS": sorted(s)}),
    ":flag": st.booleans().map(lambda flag: {"BOOL": flag}),
    ":bytes": st.sampled_from([b"", b"ab", b"b"]).map(lambda content: {"B": content}),
    ":key": st.sampled_from(["a", "b"]).map(lambda text: {"S": text}),
    ":user": st.sampled_from(["anna", "ben"]).map(lambda text: {"S": text}),
}
CONDITIONS = (
    "attribute_not_exists(session_id)", "attribute_exists(session_id)", "attribute_exists(s)",
    "n = :n", "n <> :n", "n < :n", "n <= :n", "n > :n", "n >= :n", "s = :s", "s < :s", "s = :n",
    "s > :n", "flag = :flag", "packed = :bytes", "packed < :bytes", "tags = :set",
    "size(tags) < :n", "size(s) >= :m", "size(packed) = :n", "size(n) = :n",
    "begins_with(s, :s)", "contains(tags, :s)", "contains(s, :s)", "NOT n = :n",
    "NOT attribute_exists(tags)", "n BETWEEN :n AND :m", "n IN (:n, :m)", "s IN (:s)",
    "n = :n OR s = :s AND flag = :flag", "(n = :n OR s = :s) AND attribute_exists(n)",
    "n > :n AND (attribute_not_exists(tags) OR size(tags) < :m)", "attribute_exists(#views)",
    "#views = :s", "views = :s", "n = :n AND", "n = :undefined", "site = :s", "value = :s",
)  # fmt: skip
UPDATES = (
    "SET n = :n", "SET n = :n, s = :s", "SET n = :n ADD tags :set", "ADD tags :set", "REMOVE n",
    "SET flag = :flag, packed = :bytes REMOVE s", "REMOVE tags, s", "DELETE tags :set",
    "SET n = if_not_exists(n, :n) + :m", "SET #views = :s",
    "SET start_time = :n, user_id = :user",
)  # fmt: skip
# A transaction tells of these in other words, and the product has none like them.
RISKY_UPDATES = (
    "ADD n :n", "SET n = n + :n", "SET n = n - :n", "SET copied = n", "ADD flag :n",
    "ADD n :set", "DELETE n :set", "ADD #views :set, n :n", "SET session_id = :s",
    "SET n = :undefined", "SET start_time = :s", "SET site = :s",
)  # fmt: skip
QUERIES = (
    "session_id = :key", "session_id = :key AND event_id = :s",
    "event_id > :s AND session_id = :key", "session_id = :key AND event_id < :s",
    "session_id = :key AND event_id BETWEEN :s AND :t", "session_id = :key AND s = :s",
    "session_id = :key AND begins_with(event_id, :s)", "event_id = :s",
    "session_id = :key AND event_id <= :s", "session_id = :key AND event_id >= :s",
)  # fmt: skip
CHOICES: tuple[dict[str, Any], ...] = (
    {}, {"ProjectionExpression": "session_id, n"}, {"ProjectionExpression": "s, tags"},
    {"ProjectionExpression": "#views", "ExpressionAttributeNames": {"#views": "views"}},
)  # fmt: skip
OF_INDEX = ("user_id = :user", "user_id = :user AND start_time >= :n", "start_time = :n")

attributes = st.fixed_dictionaries(
    {},
    optional={
        "s": text,
        "n": number,
        "tags": PLACEHOLDERS[":set"],
        "flag": PLACEHOLDERS[":flag"],
        "packed": PLACEHOLDERS[":bytes"],
        "views": text,
        "user_id": PLACEHOLDERS[":user"],
        "start_time": number,
    },
)
# Around the largest item, and four to a page.
large = st.sampled_from([100, 409_000, 409_700, 300_000]).map(
    lambda size: {"s": {"S": Long("x" * size)}}
)
tables = st.sampled_from([SESSIONS, EVENTS])
shown = st.sampled_from([{}, {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}])


def keys(table: str) -> st.SearchStrategy[dict[str, Any]]:
    if table == SESSIONS:
        return st.fixed_dictionaries({"session_id": st.sampled_from([*"abc"]).map(as_text)})
    return st.fixed_dictionaries({"session_id": PLACEHOLDERS[":key"], "event_id": text})


def as_text(value: str) -> dict[str, str]:
    return {"S": value}


@st.composite
def items(draw: st.DrawFn, table: str) -> dict[str, Any]:
    more = draw(st.one_of(attributes, attributes, attributes, large))
    return more | draw(keys(table))


@st.composite
def placeholders(draw: st.DrawFn, *expressions: str) -> dict[str, Any]:
    """Draw definitions of the placeholders in use; sometimes with an extra one."""
    words = " ".join(expressions)
    for mark in "(),":
        words = words.replace(mark, " ")
    used = {name: draw(v) for name, v in PLACEHOLDERS.items() if name in words.split()}
    if draw(st.integers(0, 24)) == 0:
        used[":unused"] = {"S": "a"}
    result: dict[str, Any] = {"ExpressionAttributeValues": used} if used else {}
    names = {"ExpressionAttributeNames": {"#views": "views"}}
    return result | (names if "#views" in words else {})


@st.composite
def action(draw: st.DrawFn, updates: tuple[str, ...] = UPDATES) -> tuple[str, dict[str, Any]]:
    """Draw a write of any kind, with or without a condition, as in a transaction."""
    table = draw(tables)
    kind = draw(st.sampled_from(["Put", "Put", "Update", "Update", "Delete", "ConditionCheck"]))
    condition = draw(st.sampled_from(CONDITIONS)) if draw(st.booleans()) else ""
    if kind == "ConditionCheck":
        condition = condition or "attribute_exists(session_id)"
    update = draw(st.sampled_from(updates)) if kind == "Update" else ""
    request: dict[str, Any] = {"TableName": table, **draw(placeholders(condition, update))}
    request |= {"Item": draw(items(table))} if kind == "Put" else {"Key": draw(keys(table))}
    request |= {"ConditionExpression": condition, **draw(shown)} if condition else {}
    return kind, request | ({"UpdateExpression": update} if update else {})


@st.composite
def write(draw: st.DrawFn) -> Call:
    kind, request = draw(action(UPDATES + RISKY_UPDATES))
    if kind == "Update":
        return "update_item", request | {"ReturnValues": "ALL_NEW"}
    if kind == "ConditionCheck":
        return "transact_write_items", {"TransactItems": [{kind: request}]}
    return {"Put": "put_item", "Delete": "delete_item"}[kind], request


@st.composite
def transaction(draw: st.DrawFn) -> Call:
    actions = draw(st.lists(action(), min_size=1, max_size=4))
    return "transact_write_items", {"TransactItems": [{kind: one} for kind, one in actions]}


@st.composite
def batch(draw: st.DrawFn) -> Call:
    table = draw(tables)
    size = draw(st.sampled_from([1, 2, 3, 3, 30]))
    if draw(st.booleans()):
        drawn = [draw(keys(table)) for _ in range(size)]
        parameters = {"Keys": drawn, **draw(st.sampled_from(CHOICES))}
        return "batch_get_item", {"RequestItems": {table: parameters}}
    requests = [
        {"PutRequest": {"Item": draw(items(table))}}
        if draw(st.booleans())
        else {"DeleteRequest": {"Key": draw(keys(table))}}
        for _ in range(size)
    ]
    return "batch_write_item", {"RequestItems": {table: requests}}


@st.composite
def read(draw: st.DrawFn) -> Call:
    table = draw(tables)
    kind = draw(st.sampled_from(["get", "query", "query", "index", "scan"]))
    paging = {"Limit": draw(st.integers(1, 3))} if draw(st.booleans()) else {}
    order = {"ScanIndexForward": draw(st.booleans())}
    if kind == "get":
        chosen = draw(st.sampled_from(CHOICES))
        return "get_item", {"TableName": table, "Key": draw(keys(table)), **chosen}
    if kind == "scan":
        return "scan", {"TableName": table, **paging, **draw(st.sampled_from(CHOICES))}
    if kind == "index":
        condition = draw(st.sampled_from(OF_INDEX))
        parameters: dict[str, Any] = {"TableName": SESSIONS, "IndexName": "UserIndex"}
    else:
        condition = draw(st.sampled_from(QUERIES))
        parameters = {"TableName": EVENTS, "ConsistentRead": draw(st.booleans())}
    more = draw(placeholders(condition))
    return "query", parameters | {"KeyConditionExpression": condition} | more | paging | order


calls = st.lists(
    st.one_of(write(), write(), write(), transaction(), batch(), read()),
    min_size=8,
    max_size=25,
)
