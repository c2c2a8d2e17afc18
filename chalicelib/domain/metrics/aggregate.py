"""Aggregate the sessions of packs into summaries, day by day.

A visitor counts once a day in each row: `day_rows` says how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, compress
from zoneinfo import ZoneInfo

from chalicelib.domain.metrics.counters import ONE_VISITOR, Counters
from chalicelib.domain.metrics.day_rows import DayRows, ReturningVisitors
from chalicelib.domain.metrics.event_counters import group_by_event
from chalicelib.domain.metrics.page_counters import PAGE_COLUMNS, PageCounters
from chalicelib.domain.metrics.session_counters import SessionCounters
from chalicelib.domain.metrics.summary import EMPTY_SUMMARY, Summary, sum_summaries
from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.dimensions import EVENT, PROPS, Dimension, Value
from chalicelib.domain.query.filters import NO_FILTERS, Filters
from chalicelib.domain.scan.filtering import filter_sessions
from chalicelib.domain.scan.session_columns import SessionColumns

EVENT_COLUMNS = (EVENT, PROPS)
MAX_DAY_VALUES = 5_000  # values of a dimension that are kept for a day


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
    returning, again = _returning_visitors(parts)
    totals = _DayTotals(dimensions)
    while parts:  # frees the columns of a pack as soon as they are counted
        totals.add(SessionCounters(parts.pop(), returning))
    return totals.summary(day, again)


def _returning_visitors(parts: Iterable[SessionColumns]) -> tuple[dict[int, int], int]:
    """Assign numbers to visitors with several sessions: 1, 2, ... Return them, and how many
    sessions are not the first of their visitor."""
    sessions = Counter(chain.from_iterable(columns.visitors for columns in parts))
    returning = list(compress(sessions, map((1).__lt__, sessions.values())))
    again = sum(map(sessions.__getitem__, returning)) - len(returning)
    return {visitor: number for number, visitor in enumerate(returning, start=1)}, again


class _DayTotals:
    """Adds up the sessions of a day, pack by pack."""

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        columns = list(dict.fromkeys(dimension.column for dimension in dimensions))
        self._dimensions = dimensions
        self._page_columns = [column for column in columns if column in PAGE_COLUMNS]
        self._event_dimensions = [one for one in dimensions if one.column in EVENT_COLUMNS]
        self._session_columns = [
            column for column in columns if column not in PAGE_COLUMNS + EVENT_COLUMNS
        ]
        self._total: Counters = 0
        self._returning = ReturningVisitors()
        self._hours = DayRows(self._returning)
        self._rows = {_rows_key(one): self._new_rows(one) for one in dimensions}

    def _new_rows(self, dimension: Dimension) -> DayRows:
        return DayRows(ReturningVisitors() if dimension.is_multi_valued else self._returning)

    def add(self, sessions: SessionCounters) -> None:
        if not len(sessions.columns):
            return
        self._total += sessions.total
        self._returning.extend(sessions.returning)
        self._hours.add(sessions.columns.hours.values, sessions.by_hour)
        if self._page_columns:
            pages = PageCounters(sessions)
            for name in self._page_columns:
                self._rows[name].add(pages.values, pages.group(name))
        for dimension in self._event_dimensions:
            self._rows[dimension.name].add(*group_by_event(sessions, dimension))
        columns = list(map(sessions.columns.session_column, self._session_columns))
        grouped = sessions.group_by_session(columns)
        for name, column, counters in zip(self._session_columns, columns, grouped, strict=True):
            self._rows[name].add(column.values, counters)

    def summary(self, day: Day, again: int) -> Summary:
        if not self._total:
            return EMPTY_SUMMARY
        total = self._total - again * ONE_VISITOR
        hours = self._hours.of_values()
        rows = {dimension.name: self._rows_of(dimension) for dimension in self._dimensions}
        return Summary({day.start: total}, hours, rows).truncate(MAX_DAY_VALUES)

    def _rows_of(self, dimension: Dimension) -> dict[Value, Counters]:
        rows = self._rows[_rows_key(dimension)]
        is_final = dimension.is_multi_valued or dimension.column in PAGE_COLUMNS
        return rows.of_values(None if is_final else dimension.value_of)


def _rows_key(dimension: Dimension) -> str:
    """Dimensions of a column share its rows, except those of events and props."""
    return dimension.name if dimension.column in EVENT_COLUMNS else dimension.column
