"""Aggregate the sessions of packs into summaries, day by day.

A visitor counts once a day in each row. Most visitors have one session a day: they are counted
in the counters of that session. Visitors with several sessions are collected as pairs (visitor
number, value number), packed into one integer; at the end of the day the distinct pairs of each
value are counted.

    ann: /a, then again /a and /b    pairs (ann, /a), (ann, /a), (ann, /b)
    bob: /a, once                    counted in his session's counters
    visitors                         /a 1 + 1, /b 1, the day 1 + 1
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

MAX_DAY_VALUES = 5_000  # values of a dimension that are kept for a day

_VALUE_MASK = (1 << VALUE_BITS) - 1


def aggregate(
    packs: Iterable[Pack],
    days: Iterable[Day],
    zone: ZoneInfo,
    *,
    dimensions: Sequence[Dimension] = (),
    filters: Filters = NO_FILTERS,
) -> Summary:
    """Summarize the sessions that start on these days and match the filters."""
    filled = [pack for pack in packs if pack.count]
    return sum_summaries(
        _aggregate_day(
            [
                filter_sessions(SessionColumns(pack, day, zone), filters)
                for pack in filled
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
    totals = _DayTotals(dimensions)
    while parts:  # frees the columns of a pack as soon as they are counted
        totals.add(SessionCounters(parts.pop(), returning))
    return totals.summary(day, len(returning))


def _returning_visitors(parts: Iterable[SessionColumns]) -> dict[int, int]:
    """Assign numbers to visitors with several sessions: 1, 2, ... above VALUE_BITS."""
    sessions = Counter(chain.from_iterable(columns.visitors for columns in parts))
    returning = (visitor for visitor, count in sessions.items() if count > 1)
    return {visitor: number << VALUE_BITS for number, visitor in enumerate(returning, start=1)}


class _DayTotals:
    """Adds up the sessions of a day, pack by pack."""

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        self._dimensions: dict[str, list[Dimension]] = defaultdict(list)
        for dimension in dimensions:
            self._dimensions[dimension.column].append(dimension)
        self._total: Counters = 0
        self._hours = _Rows()
        self._rows = {
            dimension.name: _Rows()
            for of_column in self._dimensions.values()
            for dimension in of_column
        }

    def add(self, sessions: SessionCounters) -> None:
        if not len(sessions.columns):
            return
        self._total += sessions.total
        codes, hours = sessions.columns.hours
        self._hours.add(hours, sessions.group_by_session(codes, len(hours)))
        for column, dimensions in self._dimensions.items():
            if column in MULTI_VALUED_COLUMNS:
                for dimension in dimensions:
                    self._rows[dimension.name].add(*sessions.group_by_step(dimension))
            else:
                # Dimensions of one column share its codes: browser and device, for example.
                codes, raw_values = sessions.columns.session_column(column)
                grouped = sessions.group_by_session(codes, len(raw_values))
                for dimension in dimensions:
                    values = list(map(dimension.value_of, raw_values))
                    self._rows[dimension.name].add(values, grouped)

    def summary(self, day: Day, returning_visitors: int) -> Summary:
        if not self._total:
            return EMPTY_SUMMARY
        total = self._total + returning_visitors * ONE_VISITOR
        hours = {int(start or 0): sums for start, sums in self._hours.counters().items()}
        rows = {name: rows.counters() for name, rows in self._rows.items()}
        return Summary({day.start: total}, hours, rows).truncate(MAX_DAY_VALUES)


class _Rows:
    """The rows of one dimension, or of the hours, of a day."""

    def __init__(self) -> None:
        self._counters: dict[Value, Counters] = {}
        self._numbers: dict[Value, int] = {}
        # Pairs of visitor and value. An array takes a tenth of the memory of a set.
        self._returning = array("Q")

    def add(self, values: Sequence[Value], grouped: GroupedCounters) -> None:
        """Add counters by code to the rows of the values of these codes."""
        rows, numbers = self._counters, self._numbers
        for value, counters in zip(values, grouped.counters, strict=True):
            if counters:
                rows[value] = rows.get(value, 0) + counters
        if grouped.returning:
            by_code = [numbers.setdefault(value, len(numbers)) for value in values]
            value_numbers = map(by_code.__getitem__, grouped.returning_codes)
            self._returning.extend(map(or_, grouped.returning, value_numbers))

    def counters(self) -> dict[Value, Counters]:
        """Return the rows, with the visitors who have several sessions counted once in each."""
        rows = dict(self._counters)
        visitors = Counter(map(and_, set(self._returning), repeat(_VALUE_MASK)))
        for value, number in self._numbers.items():
            if number in visitors:
                rows[value] += visitors[number] * ONE_VISITOR
        return rows
