"""CloudWatch's metric math, as far as infra/resources.yaml uses it and as AWS documents it.

    evaluate("IF(FILL(a, 0) >= 3, 1, 0)", {"a": {0: 1.0, 60: 4.0}}, [0, 60, 120])

A series has a value for some of the timestamps. Arithmetic and comparisons take a missing value
as 0 where the other side has one; a division by zero drops the data point. AWS does not say
whether FILL fills a series without any value, so that is a parameter.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

Series = dict[int, float]
Value = float | Series | list[Series] | str

_TOKEN = re.compile(r"\s*(\d+\.?\d*|[A-Za-z_][A-Za-z0-9_]*|<=|>=|==|!=|[-+*/<>(),])")
_COMPARISONS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SUMS = {"+": operator.add, "-": operator.sub}
_PRODUCTS = {"*": operator.mul, "/": operator.truediv}


class Unsupported(Exception):
    """The expression uses something that is not implemented, or that no alarm should use."""


def evaluate(
    expression: str,
    metrics: Mapping[str, Series],
    times: Sequence[int],
    *,
    fills_empty: bool = True,
) -> Series:
    reader = _Reader(list(_tokens(expression)), metrics, times, fills_empty)
    result = reader.either()
    if reader.tokens or not isinstance(result, dict):
        raise Unsupported(expression)
    return result


@cache
def _tokens(expression: str) -> tuple[str, ...]:
    tokens, at = [], 0
    while at < len(expression.rstrip()):
        match = _TOKEN.match(expression, at)
        if not match:
            raise Unsupported(expression[at:])
        tokens.append(match.group(1))
        at = match.end()
    return tuple(tokens)


@dataclass
class _Reader:
    """A parser; each method reads one level of precedence and returns its value."""

    tokens: list[str]
    metrics: Mapping[str, Series]
    times: Sequence[int]
    fills_empty: bool

    def either(self) -> Value:
        left = self._both()
        while self._takes("OR"):
            left = _combined(left, self._both(), lambda a, b: float(bool(a or b)))
        return left

    def _both(self) -> Value:
        left = self._comparison()
        while self._takes("AND"):
            left = _combined(left, self._comparison(), lambda a, b: float(bool(a and b)))
        return left

    def _comparison(self) -> Value:
        left = self._operations(_SUMS, lambda: self._operations(_PRODUCTS, self._operand))
        if self.tokens and self.tokens[0] in _COMPARISONS:
            compare = _COMPARISONS[self.tokens.pop(0)]
            return _combined(left, self._comparison(), lambda a, b: float(compare(a, b)))
        return left

    def _operations(self, known: Mapping[str, Any], operand: Callable[[], Value]) -> Value:
        left = operand()
        while self.tokens and self.tokens[0] in known:
            operation = known[self.tokens.pop(0)]
            left = _combined(left, operand(), operation)
        return left

    def _operand(self) -> Value:
        token = self.tokens.pop(0)
        if token == "(":
            value = self.either()
            self._close()
            return value
        if token[0].isdigit():
            return float(token)
        if self.tokens and self.tokens[0] == "(":
            return self._call(token)
        return token if token == "REPEAT" else dict(self.metrics[token])

    def _call(self, name: str) -> Value:
        self.tokens.pop(0)
        arguments: list[Value] = []
        while self.tokens and self.tokens[0] != ")":
            arguments.append(self.either())
            self._takes(",")
        self._close()
        match name, arguments:
            case "METRICS", []:
                return [dict(series) for series in self.metrics.values()]
            case "SUM", [list() as many]:
                return {
                    at: sum(series.get(at, 0.0) for series in many)
                    for at in sorted({at for series in many for at in series})
                }
            case "FILL", [list() as many, filler]:
                return [self._filled(series, filler) for series in many]
            case "FILL", [dict() as series, filler]:
                return self._filled(series, filler)
            case "IF", [dict() as condition, yes, *no]:
                return _chosen(condition, yes, no[0] if no else {})
        raise Unsupported(f"{name} of {len(arguments)} arguments")

    def _filled(self, series: Series, filler: Value) -> Series:
        if filler == "REPEAT":
            filled: Series = {}
            for at in self.times:
                if at in series or filled:
                    filled[at] = series.get(at, list(filled.values())[-1] if filled else 0.0)
            return filled
        assert isinstance(filler, float)
        if not series and not self.fills_empty:
            return {}
        return {at: series.get(at, filler) for at in self.times}

    def _takes(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False

    def _close(self) -> None:
        if not self._takes(")"):
            raise Unsupported(f"no ) before {self.tokens[:1]}")


def _combined(left: Value, right: Value, operation: Callable[[float, float], float]) -> Value:
    if isinstance(left, float) and isinstance(right, float):
        return operation(left, right)
    if not all(isinstance(side, float | dict) for side in (left, right)):
        raise Unsupported("an operator between arrays")
    times = {at for side in (left, right) if isinstance(side, dict) for at in side}
    combined = {}
    for at in sorted(times):
        try:
            combined[at] = operation(_at(left, at), _at(right, at))
        except ZeroDivisionError:
            continue
    return combined


def _chosen(condition: Series, yes: Value, no: Value) -> Series:
    """IF: a missing `yes` is 0 where the condition holds; a missing `no` drops the data
    point."""
    chosen = {}
    for at, holds in condition.items():
        if holds:
            chosen[at] = _at(yes, at)
        elif isinstance(no, float) or (isinstance(no, dict) and at in no):
            chosen[at] = _at(no, at)
    return chosen


def _at(value: Value, at: int) -> float:
    if isinstance(value, dict):
        return value.get(at, 0.0)
    assert isinstance(value, float)
    return value
