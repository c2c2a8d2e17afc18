"""Visits are the sessions of a block as tallies, summed up by what dimensions are read from.

by          each session has one: arrival, user agent, entry page, hour, ...
by_steps    each session has any number: pages, events, props

Every loop over sessions or steps runs in C, but for the ones that sum tallies up by code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import compress, repeat
from operator import add, lshift, mul
from typing import NamedTuple

from chalicelib.domain.metrics import counters as bits
from chalicelib.domain.metrics.counters import Tally
from chalicelib.domain.packs.encoding import Numbers
from chalicelib.domain.query.dimensions import PAGE, Dimension, Value
from chalicelib.domain.scan.session_columns import (
    Block,
    masked,
    picked,
    sums_between,
    translated,
)

VALUE_BITS = 32  # the low bits of a pair of visitor and value


class Sums(NamedTuple):
    """A tally by code. Visitors who come again that day are not in the tallies: `again` has
    their numbers, above VALUE_BITS, and `again_codes` the codes that they are to count for."""

    tallies: Sequence[Tally]
    again: Sequence[int]
    again_codes: Sequence[int]


class Visits:
    """`again` are the visitors with several sessions on that day, in any block, by their
    numbers."""

    def __init__(self, block: Block, again: Mapping[int, int]) -> None:
        self.block = block
        self._numbers = list(map(again.get, block.visitors, repeat(0)))
        self._come_again = bytes(map(bool, self._numbers))
        self._again = list(compress(self._numbers, self._come_again))

    @cached_property
    def total(self) -> Tally:
        return sum(self._tallies)

    def by(self, codes: Numbers, length: int) -> Sums:
        """Sessions of the same code together; codes are below `length`."""
        sums = [0] * length
        if isinstance(codes, bytes) and codes.count(codes[0]) == len(codes):
            sums[codes[0]] = self.total
        else:
            for code, tally in zip(codes, self._tallies, strict=True):
                sums[code] += tally
        return Sums(sums, self._again, list(compress(codes, self._come_again)))

    def by_steps(self, dimension: Dimension) -> tuple[list[Value], Sums]:
        """The values of the dimension, the last one None, and the sums of each.

        In the row of a page the page views and the engaged time are that page's, in the row of
        an event or a prop the events are those that have it; the rest is of the sessions.
        """
        steps = self._steps(dimension)
        sessions, codes = _distinct(steps, len(self.block))
        sums = [0] * len(steps.values)
        for code, tally in zip(codes, picked(self._tallies, sessions), strict=True):
            sums[code] += tally
        kept = bits.ALL_BUT_OF_PAGE if dimension.of == PAGE else bits.ALL_BUT_EVENTS
        tallies = [(tally & kept) + own for tally, own in zip(sums, steps.own(), strict=True)]
        numbers = picked(self._numbers, sessions)
        return steps.values, Sums(
            tallies, list(filter(None, numbers)), list(compress(codes, numbers))
        )

    @cached_property
    def _tallies(self) -> list[Tally]:
        """One of each session, with its visitor if the visitor comes once that day."""
        block = self.block
        heads = _Heads()
        found = map(
            heads.__getitem__,
            zip(block.view_counts, block.counts, self._come_again, strict=True),
        )
        times = map(add, self._of_steps(), map(lshift, block.durations, repeat(bits.DURATION)))
        return list(map(add, found, times))

    def _of_steps(self) -> Iterable[Tally]:
        """Of each session the engaged time, and the depths of the page views that told one."""
        block = self.block
        engaged: Iterable[int] = sums_between(block.offsets, block.steps("engaged_ms"))
        engaged = map(lshift, engaged, repeat(bits.ENGAGED))
        depths = block.steps("scroll_depth")
        deepest = max(depths, default=0)
        if not deepest:
            return engaged
        table = [
            0,
            *((depth << bits.SCROLL_SUM) + bits.ONE_SCROLLED for depth in range(deepest)),
        ]
        scrolls = sums_between(block.offsets, map(table.__getitem__, depths))
        return map(add, engaged, scrolls)

    def _steps(self, dimension: Dimension) -> _Steps:
        """The steps that have a value."""
        codes, raws = self.block.occurrences(dimension.of)
        flags = self.block.flags_of(dimension.of)
        sessions = masked(self.block.step_sessions, flags)
        engaged: Numbers = b""
        if dimension.of == PAGE:
            engaged = masked(self.block.steps("engaged_ms"), flags)
        read = [dimension.value_of(raw) for raw in raws]
        values = list(dict.fromkeys(value for value in read if value is not None))
        if len(values) < len(read):
            # Several raw ones have the same value, or none.
            has_value = translated(codes, bytes(value is not None for value in read))
            places: dict[Value, int] = {value: place for place, value in enumerate(values)}
            numbers = [places.get(value, 0) for value in read]
            codes = picked(numbers, masked(codes, has_value))
            sessions = masked(sessions, has_value)
            engaged = masked(engaged, has_value)
        return _Steps([*values, None], codes, sessions, engaged, dimension.of == PAGE)


class _Heads(dict[tuple[int, int, int], Tally]):
    """What follows from the number of page views, of steps, and whether the visitor comes
    again."""

    def __missing__(self, key: tuple[int, int, int]) -> Tally:
        views, steps, comes_again = key
        self[key] = (
            bits.ONE_SESSION
            + (0 if comes_again else bits.ONE_VISITOR)
            + (bits.ONE_BOUNCE if views == 1 == steps else 0)
            + views * bits.ONE_PAGEVIEW
            + (steps - views) * bits.ONE_EVENT
        )
        return self[key]


class _Steps(NamedTuple):
    """Of each step the code of one of `values`, its session, and of pages the engaged time."""

    values: list[Value]
    codes: Numbers
    sessions: Numbers
    engaged_ms: Numbers
    are_views: bool

    def own(self) -> list[Tally]:
        """By code: what a row takes of its steps alone."""
        counts = Counter(self.codes)
        one = bits.ONE_PAGEVIEW if self.are_views else bits.ONE_EVENT
        engaged = [0] * len(self.values)
        if any(self.engaged_ms):
            for code, ms in zip(self.codes, self.engaged_ms, strict=True):
                engaged[code] += ms
        return [counts[code] * one + (ms << bits.ENGAGED) for code, ms in enumerate(engaged)]


def _distinct(steps: _Steps, sessions: int) -> tuple[list[int], list[int]]:
    """The distinct pairs of a session and a code; a session without a step has that of None."""
    width = len(steps.values)
    keys = dict.fromkeys(map(add, map(mul, steps.sessions, repeat(width)), steps.codes))
    without = set(range(sessions)).difference(steps.sessions)
    pairs = [*keys, *(session * width + width - 1 for session in without)]
    return [pair // width for pair in pairs], [pair % width for pair in pairs]
