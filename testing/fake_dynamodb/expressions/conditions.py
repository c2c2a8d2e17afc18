"""Conditions on an item, of the subset that the product uses, as functions.

a = :v   a < b   a BETWEEN :v AND :w   a IN (:v, :w)   size(a) < :v   NOT ...
attribute_exists(a)   attribute_not_exists(a)   begins_with(a, :v)   contains(a, :v)
... AND ...   ... OR ...   ( ... )
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from testing.fake_dynamodb.expressions.parser import (
    Expression,
    Names,
    Operand,
    Parser,
    tokenize,
)
from testing.fake_dynamodb.expressions.values import (
    COMPARISONS,
    InvalidRequest,
    Wire,
    begins_with,
    compare,
    contains,
    same,
)

Test = Callable[[Wire, Wire], bool]  # of an item and the values

_TEST_FUNCTIONS = ("attribute_exists", "attribute_not_exists", "begins_with", "contains")


def parse_condition(text: str, names: Mapping[str, str] | None) -> Expression:
    return _parsed(text, tuple(sorted((names or {}).items())))


@lru_cache(maxsize=4096)
def _parsed(text: str, names: Names) -> Expression:
    parser = _Conditions(tokenize(text), dict(names))
    return parser.expression(parser.either())


class _Conditions(Parser):
    def either(self) -> Test:
        parts = [self.both()]
        while self.accept("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _any_of(parts)

    def both(self) -> Test:
        parts = [self.one()]
        while self.accept("AND"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else _all_of(parts)

    def one(self) -> Test:
        if self.accept("NOT"):
            denied = self.one()
            return lambda item, values: not denied(item, values)
        if self.accept("("):
            inner = self.either()
            self.expect(")")
            return inner
        if self.tokens and self.tokens[0] in _TEST_FUNCTIONS:
            return self.test_function()
        return self.comparison()

    def test_function(self) -> Test:
        function = self.expect()
        self.expect("(")
        path = self.path()
        if function.startswith("attribute"):
            self.expect(")")
            must_exist = function == "attribute_exists"
            return lambda item, _: (path in item) == must_exist
        self.expect(",")
        operand = self.operand()
        self.expect(")")
        test = begins_with if function == "begins_with" else contains
        return lambda item, values: test(item.get(path), operand(item, values))

    def comparison(self) -> Test:
        subject = self.tokens[0] if self.tokens else ""
        left = self.operand()
        if self.accept("BETWEEN"):
            low, high = self.value(), self.between_end()
            self.bounds.append((low, high))
            return lambda item, values: (
                compare(">=", left(item, values), values[low])
                and compare("<=", left(item, values), values[high])
            )
        if self.accept("IN"):
            return self.membership(left)
        operator = self.expect()
        if operator not in ("=", "<>", *COMPARISONS):
            raise InvalidRequest(f"Syntax error; token: {operator}")
        value = self.tokens[0] if self.tokens else ""
        right = self.operand()
        if operator == "=":
            self.equal[self.names.get(subject, subject)] = value
            return lambda item, values: same(left(item, values), right(item, values))
        if operator == "<>":
            return lambda item, values: not same(left(item, values), right(item, values))
        return lambda item, values: compare(operator, left(item, values), right(item, values))

    def between_end(self) -> str:
        self.expect("AND")
        return self.value()

    def membership(self, left: Operand) -> Test:
        self.expect("(")
        choices = [self.operand()]
        while self.accept(","):
            choices.append(self.operand())
        self.expect(")")
        return lambda item, values: any(
            same(left(item, values), choice(item, values)) for choice in choices
        )


def _any_of(parts: list[Test]) -> Test:
    return lambda item, values: any(part(item, values) for part in parts)


def _all_of(parts: list[Test]) -> Test:
    return lambda item, values: all(part(item, values) for part in parts)
