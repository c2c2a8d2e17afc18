"""Updates of an item, of the subset that the product uses, as functions.

SET a = :v, b = if_not_exists(b, :v) + :w   REMOVE a   ADD a :v   DELETE a :v
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from testing.fake_dynamodb.expressions.parser import (
    Expression,
    Names,
    Operand,
    Parser,
    tokenize,
)
from testing.fake_dynamodb.expressions.values import InvalidRequest, Wire, plus

Change = Callable[
    [dict[str, Any], Wire, Wire], None
]  # of the new item, the old one, the values


def parse_update(text: str, names: Mapping[str, str] | None) -> Expression:
    return _parsed(text, tuple(sorted((names or {}).items())))


@lru_cache(maxsize=4096)
def _parsed(text: str, names: Names) -> Expression:
    parser = _Updates(tokenize(text), dict(names))
    return parser.expression(parser.update())


class _Updates(Parser):
    def update(self) -> Change:
        clauses: dict[str, Callable[[], Change]] = {
            "SET": self.assignment,
            "REMOVE": self.removal,
            "ADD": self.addition,
            "DELETE": self.subtraction,
        }
        changes: list[Change] = []
        while self.tokens:
            clause = clauses.pop(self.expect().upper(), None)
            if clause is None:
                raise InvalidRequest("Syntax error: an unknown or repeated clause")
            changes.append(clause())
            while self.accept(","):
                changes.append(clause())

        def change(item: dict[str, Any], old: Wire, values: Wire) -> None:
            for one in changes:
                one(item, old, values)

        return change

    def target(self) -> str:
        path = self.path()
        if path in self.targets:
            raise InvalidRequest(f"Two document paths overlap with each other: {path}")
        self.targets.add(path)
        return path

    def assignment(self) -> Change:
        path = self.target()
        self.expect("=")
        value = self.sum()

        def assign(item: dict[str, Any], old: Wire, values: Wire) -> None:
            assigned = value(old, values)
            if assigned is None:
                raise InvalidRequest(
                    "The provided expression refers to an attribute that does not exist"
                )
            item[path] = assigned

        return assign

    def sum(self) -> Operand:
        left = self.settable()
        sign = 1 if self.accept("+") else -1 if self.accept("-") else 0
        if not sign:
            return left
        right = self.settable()
        return lambda item, values: plus(left(item, values), right(item, values), sign)

    def settable(self) -> Operand:
        if not self.accept("IF_NOT_EXISTS"):
            return self.operand()
        self.expect("(")
        path = self.path()
        self.expect(",")
        default = self.operand()
        self.expect(")")
        return lambda item, values: item.get(path) or default(item, values)

    def removal(self) -> Change:
        path = self.target()

        def remove(item: dict[str, Any], _old: Wire, _values: Wire) -> None:
            item.pop(path, None)

        return remove

    def addition(self) -> Change:
        path, value = self.target(), self.value()

        def add(item: dict[str, Any], old: Wire, values: Wire) -> None:
            added, current = values[value], old.get(path)
            if "SS" in added:
                if current is not None and "SS" not in current:
                    raise InvalidRequest(
                        "An operand in the update expression has an incorrect type"
                    )
                before = current["SS"] if current else []
                item[path] = {"SS": sorted({*before, *added["SS"]})}
            else:
                item[path] = plus(current or {"N": "0"}, added, 1)

        return add

    def subtraction(self) -> Change:
        path, value = self.target(), self.value()

        def subtract(item: dict[str, Any], old: Wire, values: Wire) -> None:
            current = old.get(path)
            if "SS" not in values[value] or (current is not None and "SS" not in current):
                raise InvalidRequest(
                    "An operand in the update expression has an incorrect type"
                )
            left = {*(current["SS"] if current else [])} - {*values[value]["SS"]}
            if left:
                item[path] = {"SS": sorted(left)}
            else:
                item.pop(path, None)

        return subtract
