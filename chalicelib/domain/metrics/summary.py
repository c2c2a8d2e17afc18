"""A summary holds the counters of sessions, without the sessions; summaries add.

A day, a month and a year are the same type: a year is the sum of its days. Visitors are
distinct within a day or an hour, so a sum over days counts a visitor once for each day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from chalicelib.domain.metrics.counters import Counters, visitors_of
from chalicelib.domain.query.dimensions import Value

Rows = Mapping[Value, Counters]
K = TypeVar("K")

OTHER_VALUE = "(other)"  # the value of the row for all rows that were truncated


@dataclass(frozen=True, slots=True)
class Summary:
    """`days` and `hours` by their beginning in ms; `rows` by dimension, then by value.

    `truncated_dimensions` have a row OTHER_VALUE, the sum of the rows that were dropped. Its
    visitors are the sum of theirs, so a visitor can count more than once in it.
    """

    days: Mapping[int, Counters] = field(default_factory=dict)
    hours: Mapping[int, Counters] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    truncated_dimensions: frozenset[str] = frozenset()

    def __add__(self, other: Summary) -> Summary:
        return sum_summaries([self, other])

    @property
    def total(self) -> Counters:
        return sum(self.days.values())

    def truncate(self, max_values: int) -> Summary:
        """Keep the `max_values` values with the most visitors in each dimension, and add up the
        others in a row OTHER_VALUE."""
        long = {name: rows for name, rows in self.rows.items() if len(rows) > max_values + 1}
        if not long:
            return self
        shortened = {name: _truncate_rows(rows, max_values) for name, rows in long.items()}
        return replace(
            self,
            rows={**self.rows, **shortened},
            truncated_dimensions=self.truncated_dimensions | long.keys(),
        )


EMPTY_SUMMARY = Summary()


def sum_summaries(summaries: Iterable[Summary]) -> Summary:
    """Add up any number of summaries."""
    days: dict[int, Counters] = {}
    hours: dict[int, Counters] = {}
    rows: dict[str, dict[Value, Counters]] = {}
    truncated: set[str] = set()
    for summary in summaries:
        _add_to(days, summary.days)
        _add_to(hours, summary.hours)
        for name, more in summary.rows.items():
            _add_to(rows.setdefault(name, {}), more)
        truncated |= summary.truncated_dimensions
    return Summary(days, hours, rows, frozenset(truncated))


def sort_rows(rows: Rows, *, is_truncated: bool = False) -> list[tuple[Value, Counters]]:
    """Sort by visitors, most first, then by value with None last; OTHER_VALUE comes at the end
    of truncated rows."""

    def position(row: tuple[Value, Counters]) -> tuple[bool, int, bool, Value]:
        value, counters = row
        is_rest = is_truncated and value == OTHER_VALUE
        return is_rest, -visitors_of(counters), value is None, "" if value is None else value

    return sorted(rows.items(), key=position)


def _truncate_rows(rows: Rows, max_values: int) -> Rows:
    ordered = sort_rows(rows)
    kept = dict(row for row in ordered[:max_values] if row[0] != OTHER_VALUE)
    rest = (counters for value, counters in ordered if value not in kept)
    return {**kept, OTHER_VALUE: sum(rest)}


def _add_to(sums: dict[K, Counters], more: Mapping[K, Counters]) -> None:
    for key, counters in more.items():
        sums[key] = sums.get(key, 0) + counters
