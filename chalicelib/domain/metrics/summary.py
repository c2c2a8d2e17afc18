"""A summary is the figures of some sessions without the sessions; summaries add.

A day, a month and a year are the same type. Tallies are of whole days or hours: visitors are
distinct within one, and a sum over days counts a visitor once a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from chalicelib.domain.metrics.counters import Tally, visitors_of
from chalicelib.domain.query.dimensions import Value

Rows = Mapping[Value, Tally]
K = TypeVar("K")

OTHER = "(other)"  # the value of the row that has what a list was cut by


@dataclass(frozen=True, slots=True)
class Summary:
    """`days` and `hours` by their beginning in ms; `rows` by dimension, then by value.

    `cut` are the dimensions whose rest is in a row OTHER; there its visitors are the sum of
    those of the rows that it stands for.
    """

    days: Mapping[int, Tally] = field(default_factory=dict)
    hours: Mapping[int, Tally] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()

    def __add__(self, other: Summary) -> Summary:
        return add_all([self, other])

    @property
    def total(self) -> Tally:
        return sum(self.days.values())

    def cut_to(self, longest: int) -> Summary:
        """With at most so many values of each dimension, those with most visitors, and the rest
        in a row OTHER."""
        long = {name: rows for name, rows in self.rows.items() if len(rows) > longest + 1}
        if not long:
            return self
        shortened = {name: _shortened(rows, longest) for name, rows in long.items()}
        return replace(self, rows={**self.rows, **shortened}, cut=self.cut | long.keys())

    @property
    def is_of_one_day(self) -> bool:
        return len(self.days) <= 1


EMPTY = Summary()


def add_all(summaries: Iterable[Summary]) -> Summary:
    """The sum of any number of summaries, in one go."""
    days: dict[int, Tally] = {}
    hours: dict[int, Tally] = {}
    rows: dict[str, dict[Value, Tally]] = {}
    cut: set[str] = set()
    for summary in summaries:
        _add_to(days, summary.days)
        _add_to(hours, summary.hours)
        for name, more in summary.rows.items():
            _add_to(rows.setdefault(name, {}), more)
        cut |= summary.cut
    return Summary(days, hours, rows, frozenset(cut))


def in_order(rows: Rows, *, is_cut: bool = False) -> list[tuple[Value, Tally]]:
    """Most visitors first, then by value, None after the others; what was cut comes last."""

    def place(row: tuple[Value, Tally]) -> tuple[bool, int, bool, Value]:
        value, tally = row
        is_rest = is_cut and value == OTHER
        return is_rest, -visitors_of(tally), value is None, "" if value is None else value

    return sorted(rows.items(), key=place)


def _shortened(rows: Rows, longest: int) -> Rows:
    ordered = in_order(rows)
    kept = dict(row for row in ordered[:longest] if row[0] != OTHER)
    rest = (tally for value, tally in ordered if value not in kept)
    return {**kept, OTHER: sum(rest)}


def _add_to(sums: dict[K, Tally], more: Mapping[K, Tally]) -> None:
    for key, tally in more.items():
        sums[key] = sums.get(key, 0) + tally
