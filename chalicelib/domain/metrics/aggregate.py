"""Counting makes summaries of segments, a day at a time.

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

from chalicelib.domain.metrics.counters import ONE_VISITOR, Tally
from chalicelib.domain.metrics.session_counters import VALUE_BITS, Sums, Visits
from chalicelib.domain.metrics.summary import EMPTY, Summary, add_all
from chalicelib.domain.packs.pack import Segment
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.dimensions import OF_STEPS, Dimension, Value
from chalicelib.domain.query.filters import EVERY_SESSION, Filters
from chalicelib.domain.scan.filtering import select
from chalicelib.domain.scan.session_columns import Block

LONGEST_LIST = 5_000  # values of a dimension that are kept of a day

_VALUE_MASK = (1 << VALUE_BITS) - 1
_HOURS = ""  # stands among the names of dimensions for the hours of the series


def count(
    segments: Iterable[Segment],
    days: Iterable[Day],
    zone: ZoneInfo,
    *,
    dimensions: Sequence[Dimension] = (),
    filters: Filters = EVERY_SESSION,
) -> Summary:
    """The figures of all sessions that start on these days and match, in these dimensions."""
    found = [segment for segment in segments if segment.count]
    return add_all(
        _count_day(
            [
                select(Block(segment, day, zone), filters)
                for segment in found
                if segment.first_start < day.end and day.start <= segment.last_start
            ],
            day,
            dimensions,
        )
        for day in days
    )


def _count_day(blocks: list[Block], day: Day, dimensions: Sequence[Dimension]) -> Summary:
    again = _who_come_again(blocks)
    counted = _Day(dimensions)
    while blocks:  # each is forgotten when it is counted
        counted.take_in(Visits(blocks.pop(), again))
    return counted.summary(day, len(again))


def _who_come_again(blocks: Iterable[Block]) -> dict[int, int]:
    """The visitors with several sessions, each with a number of its own, in the high bits."""
    sessions = Counter(chain.from_iterable(block.visitors for block in blocks))
    again = (visitor for visitor, number in sessions.items() if number > 1)
    return {visitor: place << VALUE_BITS for place, visitor in enumerate(again, start=1)}


class _Day:
    """Adds up the sessions of a day, block by block."""

    def __init__(self, dimensions: Sequence[Dimension]) -> None:
        self._dimensions: dict[str, list[Dimension]] = defaultdict(list)
        for dimension in dimensions:
            self._dimensions[dimension.of].append(dimension)
        self._rows: dict[str, dict[Value, Tally]] = defaultdict(dict)
        self._numbers: dict[str, dict[Value, int]] = defaultdict(dict)
        self._again: dict[str, array[int]] = defaultdict(lambda: array("Q"))
        self._total: Tally = 0

    def take_in(self, visits: Visits) -> None:
        if not len(visits.block):
            return
        self._total += visits.total
        codes, hours = visits.block.hours
        self._add(_HOURS, hours, visits.by(codes, len(hours)))
        for of, dimensions in self._dimensions.items():
            if of in OF_STEPS:
                for dimension in dimensions:
                    self._add(dimension.name, *visits.by_steps(dimension))
            else:
                codes, raws = visits.block.coded(of)
                sums = visits.by(codes, len(raws))
                for dimension in dimensions:
                    self._add(dimension.name, list(map(dimension.value_of, raws)), sums)

    def _add(self, name: str, values: Sequence[Value], sums: Sums) -> None:
        """Add what was summed up by code to the rows of the values of these codes."""
        rows, numbers = self._rows[name], self._numbers[name]
        for value, tally in zip(values, sums.tallies, strict=True):
            if tally:
                rows[value] = rows.get(value, 0) + tally
        if sums.again:
            places = [numbers.setdefault(value, len(numbers)) for value in values]
            found = map(places.__getitem__, sums.again_codes)
            self._again[name].extend(map(or_, sums.again, found))

    def summary(self, day: Day, visitors_again: int) -> Summary:
        for name, pairs in self._again.items():
            rows = self._rows[name]
            # One dimension at a time: as numbers in a row the pairs take a tenth of a set.
            counts = Counter(map(and_, set(pairs), repeat(_VALUE_MASK)))
            for value, place in self._numbers[name].items():
                if place in counts:
                    rows[value] += counts[place] * ONE_VISITOR
        if not self._total:
            return EMPTY
        total = self._total + visitors_again * ONE_VISITOR
        hours = {int(at or 0): tally for at, tally in self._rows.pop(_HOURS, {}).items()}
        return Summary({day.start: total}, hours, self._rows).cut_to(LONGEST_LIST)
