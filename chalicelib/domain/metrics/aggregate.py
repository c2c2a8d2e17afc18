"""Counting makes summaries of packs, a day at a time.

A visitor counts once a day in each row. Most visitors come once a day: then the visitor is one
more field in the tally of the session. Those who come again are kept beside the tallies as
pairs of visitor and value, both numbers in one, and the distinct ones are added when the day is
through.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from operator import and_, or_
from zoneinfo import ZoneInfo

from chalicelib.domain.metrics.counters import ONE_VISITOR, Counters
from chalicelib.domain.metrics.session_counters import (
    VALUE_BITS,
    GroupedCounters,
    SessionCounters,
)
from chalicelib.domain.metrics.summary import EMPTY_SUMMARY, Summary, sum_summaries
from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.dimensions import MULTI_VALUED_COLUMNS, Dimension, Value
from chalicelib.domain.query.filters import NO_FILTERS, Filters
from chalicelib.domain.scan.filtering import filter_sessions
from chalicelib.domain.scan.session_columns import SessionColumns

MAX_DAY_VALUES = 5_000  # values of a dimension that are kept of a day

_VALUE_MASK = (1 << VALUE_BITS) - 1
_HOURS = ""  # stands among the names of dimensions for the hours of the series


def aggregate(
    packs: Iterable[Pack],
    days: Iterable[Day],
    zone: ZoneInfo,
    *,
    dimensions: Sequence[Dimension] = (),
    filters: Filters = NO_FILTERS,
) -> Summary:
    """The figures of all sessions that start on these days and match, in these dimensions."""
    found = [pack for pack in packs if pack.count]
    return sum_summaries(
        _aggregate_day(
            [
                filter_sessions(SessionColumns(pack, day, zone), filters)
                for pack in found
                if pack.first_start < day.end and day.start <= pack.last_start
            ],
            day,
            dimensions,
        )
        for day in days
    )


def _aggregate_day(
    parts: list[SessionColumns], day: Day, dimensions: Sequence[Dimension]
) -> Summary:
    returning = _returning_visitors(parts)
    counted = _DayTotals(dimensions)
    while parts:  # each is forgotten when it is counted
        counted.add(SessionCounters(parts.pop(), returning))
    return counted.summary(day, len(returning))


def _returning_visitors(parts: Iterable[SessionColumns]) -> dict[int, int]:
    """The visitors with several sessions, each with a number of its own, in the high bits."""
    sessions = Counter(chain.from_iterable(columns.visitors for columns in parts))
    returning = (visitor for visitor, number in sessions.items() if number > 1)
    return {visitor: place << VALUE_BITS for place, visitor in enumerate(returning, start=1)}


class _DayTotals:
    """Adds up the sessions of a day, block by block."""

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        self._dimensions: dict[str, list[Dimension]] = defaultdict(list)
        for dimension in dimensions:
            self._dimensions[dimension.column].append(dimension)
        self._rows: dict[str, dict[Value, Counters]] = defaultdict(dict)
        self._numbers: dict[str, dict[Value, int]] = defaultdict(dict)
        self._returning: dict[str, array[int]] = defaultdict(lambda: array("Q"))
        self._total: Counters = 0

    def add(self, counters: SessionCounters) -> None:
        if not len(counters.columns):
            return
        self._total += counters.total
        codes, hours = counters.columns.hours
        self._add(_HOURS, hours, counters.group_by_session(codes, len(hours)))
        for column, dimensions in self._dimensions.items():
            if column in MULTI_VALUED_COLUMNS:
                for dimension in dimensions:
                    self._add(dimension.name, *counters.group_by_step(dimension))
            else:
                codes, raw_values = counters.columns.session_column(column)
                sums = counters.group_by_session(codes, len(raw_values))
                for dimension in dimensions:
                    self._add(dimension.name, list(map(dimension.value_of, raw_values)), sums)

    def _add(self, name: str, values: Sequence[Value], sums: GroupedCounters) -> None:
        """Add what was summed up by code to the rows of the values of these codes."""
        rows, numbers = self._rows[name], self._numbers[name]
        for value, counters in zip(values, sums.counters, strict=True):
            if counters:
                rows[value] = rows.get(value, 0) + counters
        if sums.returning:
            places = [numbers.setdefault(value, len(numbers)) for value in values]
            found = map(places.__getitem__, sums.returning_codes)
            self._returning[name].extend(map(or_, sums.returning, found))

    def summary(self, day: Day, returning_visitors: int) -> Summary:
        for name, pairs in self._returning.items():
            rows = self._rows[name]
            # One dimension at a time: as numbers in a row the pairs take a tenth of a set.
            counts = Counter(map(and_, set(pairs), repeat(_VALUE_MASK)))
            for value, place in self._numbers[name].items():
                if place in counts:
                    rows[value] += counts[place] * ONE_VISITOR
        if not self._total:
            return EMPTY_SUMMARY
        total = self._total + returning_visitors * ONE_VISITOR
        hours = {int(at or 0): counters for at, counters in self._rows.pop(_HOURS, {}).items()}
        return Summary({day.start: total}, hours, self._rows).truncate(MAX_DAY_VALUES)
