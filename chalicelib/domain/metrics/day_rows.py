"""The counters of a day by the values of a column, where a visitor counts once in each row.

Most visitors have one session a day, so each session counts with a visitor. The values of
visitors with several sessions are collected, and at the end of the day, a value that a visitor
has again is subtracted from the visitors of its row:

    ann: /a, then again /a and /b    once again /a
    bob: /a, once                    not collected
    visitors                         /a 3 - 1, /b 1

Dimensions of one column share what is collected: where several values of the column have one
value of the dimension, as many user agents are one browser, more of them occur again.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, repeat
from operator import add, eq, mod, mul
from typing import Any

from chalicelib.domain.metrics.counters import ONE_VISITOR, Counters
from chalicelib.domain.metrics.session_counters import GroupedCounters
from chalicelib.domain.scan.column_math import INVERT_MASK, take


class ReturningVisitors:
    """The numbers of visitors with several sessions, once for each value that is collected.
    Most have two values, which are compared in C."""

    def __init__(self) -> None:
        self._numbers = array("I")

    def extend(self, numbers: Iterable[int]) -> None:
        self._numbers.extend(numbers)

    def count_again(self, codes: Sequence[int]) -> Mapping[int, int]:
        """Return how often each code is one that its visitor had before."""
        of_two = take(codes, self._pairs)
        again = Counter(compress(of_two[::2], map(eq, of_two[::2], of_two[1::2])))
        others = take(codes, self._others)
        # A pair of visitor and code is one number.
        width = max(others, default=0) + 1
        pairs = set(map(add, map(mul, self._other_visitors, repeat(width)), others))
        if len(pairs) < len(others):
            again += Counter(others) - Counter(map(mod, pairs, repeat(width)))
        return again

    @cached_property
    def _has_two(self) -> bytes:
        """For each position, whether its visitor has exactly two."""
        counts = Counter(self._numbers)
        return bytes(map((2).__eq__, map(counts.__getitem__, self._numbers)))

    @cached_property
    def _pairs(self) -> list[int]:
        """The positions of visitors with two, one visitor after the other."""
        positions = compress(range(len(self._numbers)), self._has_two)
        return sorted(positions, key=self._numbers.__getitem__)

    @cached_property
    def _others(self) -> list[int]:
        return list(compress(range(len(self._numbers)), self._has_two.translate(INVERT_MASK)))

    @cached_property
    def _other_visitors(self) -> list[int]:
        return take(self._numbers, self._others)


class DayRows:
    """Add the counters of each pack, then read the rows of each dimension. `returning` are the
    visitors of the codes that are added, in the same order; columns with one code for each
    session share them."""

    def __init__(self, returning: ReturningVisitors) -> None:
        self._returning = returning
        self._counters: dict[Any, Counters] = {}
        self._numbers: dict[Any, int] = {}
        self._codes = array("I")

    def add(self, values: Sequence[Any], grouped: GroupedCounters) -> None:
        """Add counters by code to the rows of the values of these codes."""
        rows, numbers = self._counters, self._numbers
        for value, counters in zip(values, grouped.counters, strict=True):
            if counters:
                rows[value] = rows.get(value, 0) + counters
        if grouped.returning_codes:
            by_code = [numbers.setdefault(value, len(numbers)) for value in values]
            self._codes.extend(map(by_code.__getitem__, grouped.returning_codes))
            self._returning.extend(grouped.returning)

    def of_values(self, value_of: Callable[[Any], Any] | None = None) -> dict[Any, Counters]:
        """Return the counters by the value of a dimension, or by that of the column."""
        values = list(self._numbers)
        if value_of is None:
            return self._without_repeated(dict(self._counters), values)
        rows: dict[Any, Counters] = {}
        for raw, counters in self._counters.items():
            value = value_of(raw)
            rows[value] = rows.get(value, 0) + counters
        return self._without_repeated(rows, list(map(value_of, values)))

    def _without_repeated(
        self, rows: dict[Any, Counters], values: Sequence[Any]
    ) -> dict[Any, Counters]:
        """Count each visitor once in each row; `values` are those of the codes."""
        codes: Sequence[int] = self._codes
        code_of: dict[Any, int] = {}
        by_code = [code_of.setdefault(value, code) for code, value in enumerate(values)]
        if len(code_of) < len(values):
            codes = take(by_code, codes)
        for code, times in self._returning.count_again(codes).items():
            rows[values[code]] -= times * ONE_VISITOR
        return rows
