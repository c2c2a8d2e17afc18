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
    tokens_of,
)
from testing.fake_dynamodb.expressions.values import (
    COMPARISONS,
    Invalid,
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
    parser = _Conditions(tokens_of(text), dict(names))
    return parser.expression(parser.either())


class _Conditions(Parser):
    def either(self) -> Test:
        parts = [self.both()]
        while self.comes("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _any_of(parts)

    def both(self) -> Test:
        parts = [self.one()]
        while self.comes("AND"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else _all_of(parts)

    def one(self) -> Test:
        if self.comes("NOT"):
            denied = self.one()
            return lambda item, values: not denied(item, values)
        if self.comes("("):
            inner = self.either()
            self.take(")")
            return inner
        if self.tokens and self.tokens[0] in _TEST_FUNCTIONS:
            return self.test_function()
        return self.comparison()

    def test_function(self) -> Test:
        function = self.take()
        self.take("(")
        path = self.path()
        if function.startswith("attribute"):
            self.take(")")
            wanted = function == "attribute_exists"
            return lambda item, _: (path in item) == wanted
        self.take(",")
        operand = self.operand()
        self.take(")")
        test = begins_with if function == "begins_with" else contains
        return lambda item, values: test(item.get(path), operand(item, values))

    def comparison(self) -> Test:
        subject = self.tokens[0] if self.tokens else ""
        left = self.operand()
        if self.comes("BETWEEN"):
            low, high = self.value(), self.between_end()
            self.bounds.append((low, high))
            return lambda item, values: (
                compare(">=", left(item, values), values[low])
                and compare("<=", left(item, values), values[high])
            )
        if self.comes("IN"):
            return self.membership(left)
        operator = self.take()
        if operator not in ("=", "<>", *COMPARISONS):
            raise Invalid(f"Syntax error; token: {operator}")
        value = self.tokens[0] if self.tokens else ""
        right = self.operand()
        if operator == "=":
            self.equal[self.names.get(subject, subject)] = value
            return lambda item, values: same(left(item, values), right(item, values))
        if operator == "<>":
            return lambda item, values: not same(left(item, values), right(item, values))
        return lambda item, values: compare(operator, left(item, values), right(item, values))

    def between_end(self) -> str:
        self.take("AND")
        return self.value()

    def membership(self, left: Operand) -> Test:
        self.take("(")
        choices = [self.operand()]
        while self.comes(","):
            choices.append(self.operand())
        self.take(")")
        return lambda item, values: any(
            same(left(item, values), choice(item, values)) for choice in choices
        )


def _any_of(parts: list[Test]) -> Test:
    return lambda item, values: any(part(item, values) for part in parts)


def _all_of(parts: list[Test]) -> Test:
    return lambda item, values: all(part(item, values) for part in parts)
