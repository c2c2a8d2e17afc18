"""The counters of each session of a pack and day, grouped by the values of a dimension.

    group_by_session   a session has one value: source, browser, entry page, hour, ...
    group_by_step      a session has any number of values: pages, events, props

Every loop over sessions or steps runs in C, except those that add up counters by code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, repeat
from operator import add, lshift, mul
from typing import NamedTuple

from chalicelib.domain.metrics import counters as bits
from chalicelib.domain.metrics.counters import Counters
from chalicelib.domain.packs.encoding import Numbers
from chalicelib.domain.query.dimensions import PAGE, Dimension, Value
from chalicelib.domain.scan.column_math import compress_by, map_codes, sums_between, take
from chalicelib.domain.scan.session_columns import SessionColumns

VALUE_BITS = 32  # a visitor's number is above these bits, a value's number in them


class GroupedCounters(NamedTuple):
    """Counters by code.

    Visitors with several sessions on that day are not in the counters: `returning` holds their
    numbers, above VALUE_BITS, and `returning_codes` the code of each of those sessions.
    """

    counters: Sequence[Counters]
    returning: Sequence[int]
    returning_codes: Sequence[int]


class SessionCounters:
    """`returning` maps each visitor with several sessions on that day, in any pack, to a number
    in the bits above VALUE_BITS."""

    def __init__(self, columns: SessionColumns, returning: Mapping[int, int]) -> None:
        self.columns = columns
        self._numbers = list(map(returning.get, columns.visitors, repeat(0)))
        self._is_returning = bytes(map(bool, self._numbers))
        self._returning = list(compress(self._numbers, self._is_returning))

    @cached_property
    def total(self) -> Counters:
        return sum(self._counters)

    def group_by_session(self, codes: Numbers, length: int) -> GroupedCounters:
        """Add up the counters of the sessions with each code; codes are below `length`."""
        sums = [0] * length
        if isinstance(codes, bytes) and codes.count(codes[0]) == len(codes):
            sums[codes[0]] = self.total
        else:
            for code, counters in zip(codes, self._counters, strict=True):
                sums[code] += counters
        return GroupedCounters(sums, self._returning, list(compress(codes, self._is_returning)))

    def group_by_step(self, dimension: Dimension) -> tuple[list[Value], GroupedCounters]:
        """Return the values of the dimension, the last one None, and the counters of each.

        A session counts once for each of its distinct values. Page views and engaged time of a
        page are that page's alone, and so are the events of an event or a prop; all other
        counts are those of the sessions:

            a session   /a 10 s, /b 20 s, /a 5 s
            row /a      1 session, 2 page views, 15 s engaged
            row /b      1 session, 1 page view,  20 s engaged
        """
        steps = self._steps(dimension)
        sessions, codes = _distinct(steps, len(self.columns))
        sums = [0] * len(steps.values)
        for code, counters in zip(codes, take(self._counters, sessions), strict=True):
            sums[code] += counters
        kept = bits.WITHOUT_PAGE_COUNTERS if dimension.column == PAGE else bits.WITHOUT_EVENTS
        grouped = [
            (counters & kept) + own
            for counters, own in zip(sums, steps.step_counters(), strict=True)
        ]
        numbers = take(self._numbers, sessions)
        return steps.values, GroupedCounters(
            grouped, list(filter(None, numbers)), list(compress(codes, numbers))
        )

    @cached_property
    def _counters(self) -> list[Counters]:
        """Counters of each session, with its visitor if that is the visitor's only session of
        the day."""
        columns = self.columns
        cache = _CounterCache()
        counts = map(
            cache.__getitem__,
            zip(columns.page_view_counts, columns.step_counts, self._is_returning, strict=True),
        )
        times = map(
            add, self._of_steps(), map(lshift, columns.durations, repeat(bits.DURATION))
        )
        return list(map(add, counts, times))

    def _of_steps(self) -> Iterable[Counters]:
        """Engaged time and scroll depth of each session. Depths are stored plus one: 0 is
        unknown."""
        columns = self.columns
        engaged: Iterable[int] = sums_between(
            columns.offsets, columns.step_values("engaged_ms")
        )
        engaged = map(lshift, engaged, repeat(bits.ENGAGED))
        depths = columns.step_values("scroll_depth")
        deepest = max(depths, default=0)
        if not deepest:
            return engaged
        table = [
            0,
            *((depth << bits.SCROLL_SUM) + bits.ONE_SCROLL_REPORT for depth in range(deepest)),
        ]
        scrolls = sums_between(columns.offsets, map(table.__getitem__, depths))
        return map(add, engaged, scrolls)

    def _steps(self, dimension: Dimension) -> _StepValues:
        """Return the steps that have a value of the dimension."""
        codes, raw_values = self.columns.step_column(dimension.column)
        flags = self.columns.step_mask(dimension.column)
        sessions = compress_by(self.columns.step_sessions, flags)
        engaged: Numbers = b""
        if dimension.column == PAGE:
            engaged = compress_by(self.columns.step_values("engaged_ms"), flags)
        value_of_code = [dimension.value_of(raw) for raw in raw_values]
        values = list(dict.fromkeys(value for value in value_of_code if value is not None))
        if len(values) < len(value_of_code):
            # Several raw values have the same value, or none.
            has_value = map_codes(codes, bytes(value is not None for value in value_of_code))
            new_codes: dict[Value, int] = {value: code for code, value in enumerate(values)}
            recode = [new_codes.get(value, 0) for value in value_of_code]
            codes = take(recode, compress_by(codes, has_value))
            sessions = compress_by(sessions, has_value)
            engaged = compress_by(engaged, has_value)
        return _StepValues([*values, None], codes, sessions, engaged, dimension.column == PAGE)


class _CounterCache(dict[tuple[int, int, int], Counters]):
    """The counters that follow from the numbers of page views and steps, and from whether the
    visitor is counted elsewhere. Few combinations occur, so they are computed once."""

    def __missing__(self, key: tuple[int, int, int]) -> Counters:
        views, steps, is_returning = key
        self[key] = (
            bits.ONE_SESSION
            + (0 if is_returning else bits.ONE_VISITOR)
            + (bits.ONE_BOUNCE if views == 1 == steps else 0)
            + views * bits.ONE_PAGEVIEW
            + (steps - views) * bits.ONE_EVENT
        )
        return self[key]


class _StepValues(NamedTuple):
    """For each step: the code of its value, its session and, for pages, its engaged time."""

    values: list[Value]
    codes: Numbers
    sessions: Numbers
    engaged_ms: Numbers
    are_page_views: bool

    def step_counters(self) -> list[Counters]:
        """Return by code the counts that a row takes from its own steps."""
        counts = Counter(self.codes)
        one = bits.ONE_PAGEVIEW if self.are_page_views else bits.ONE_EVENT
        engaged = [0] * len(self.values)
        if any(self.engaged_ms):
            for code, ms in zip(self.codes, self.engaged_ms, strict=True):
                engaged[code] += ms
        return [counts[code] * one + (ms << bits.ENGAGED) for code, ms in enumerate(engaged)]


def _distinct(steps: _StepValues, sessions: int) -> tuple[list[int], list[int]]:
    """Return the distinct pairs of session and code.

    A session without such a step is paired with the last code, that of None.
    """
    width = len(steps.values)
    keys = dict.fromkeys(map(add, map(mul, steps.sessions, repeat(width)), steps.codes))
    without = set(range(sessions)).difference(steps.sessions)
    pairs = [*keys, *(session * width + width - 1 for session in without)]
    return [pair // width for pair in pairs], [pair % width for pair in pairs]
