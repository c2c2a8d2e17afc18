"""Visits are the sessions of a block as tallies, summed up by what dimensions are read from.

by          each session has one: arrival, user agent, entry page, hour, ...
by_steps    each session has any number: pages, events, props
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import compress, repeat
from operator import add, and_, lshift, mul
from typing import NamedTuple

from chalicelib.domain import tally as bits
from chalicelib.domain.block import Block, masked, picked, sums_between, translated
from chalicelib.domain.columns import Numbers
from chalicelib.domain.dimensions import PAGE, Dimension, Value
from chalicelib.domain.tally import Tally


class Sums(NamedTuple):
    """A tally by number. Visitors who come again that day are not in the tallies, but in
    `again`: distinct pairs of the visitor and the number."""

    tallies: Sequence[Tally]
    again: set[tuple[int, int]]


class Visits:
    """`again` are the visitors with several sessions on that day, in any block."""

    def __init__(self, block: Block, again: set[int]) -> None:
        self.block = block
        self._come_again = bytes(map(again.__contains__, block.visitors))
        self._again = list(compress(block.visitors, self._come_again))

    @cached_property
    def tallies(self) -> list[Tally]:
        """One of each session, with its visitor if the visitor comes once."""
        visitors = map((bits.ONE_VISITOR, 0).__getitem__, self._come_again)
        bounces = map((0, bits.ONE_BOUNCE).__getitem__, self.block.are_bounces)
        durations = map(lshift, self.block.durations, repeat(bits.DURATION))
        of_steps = sums_between(self.block.offsets, self._step_tallies)
        heads = map(add, map(add, visitors, bounces), repeat(bits.ONE_SESSION))
        return list(map(add, map(add, of_steps, durations), heads))

    def by(self, codes: Numbers, length: int) -> Sums:
        """Sessions of the same code together; codes are below `length`."""
        sums = [0] * length
        for code, tally in zip(codes, self.tallies, strict=True):
            sums[code] += tally
        return Sums(sums, set(zip(self._again, compress(codes, self._come_again), strict=True)))

    def by_steps(self, dimension: Dimension) -> tuple[list[Value], Sums]:
        """The values of the dimension, the last one None, and the sums of each.

        In the row of a page the page views and the engaged time are that page's, in the row of
        an event or a prop the events are those that have it; the rest is of the sessions.
        """
        is_page = dimension.of == PAGE
        kept = bits.ALL_BUT_OF_PAGE if is_page else bits.ALL_BUT_EVENTS
        steps = self._steps(dimension)
        sums = [0] * len(steps.values)
        for code, tally in zip(steps.codes, steps.tallies, strict=True):
            sums[code] += tally
        sessions, codes = _distinct(steps, len(self.block))
        rest = list(map(and_, self.tallies, repeat(kept)))
        for code, tally in zip(codes, picked(rest, sessions), strict=True):
            sums[code] += tally
        come_again = picked(self._come_again, sessions)
        visitors = compress(picked(self.block.visitors, sessions), come_again)
        again = set(zip(visitors, compress(codes, come_again), strict=True))
        return steps.values, Sums(sums, again)

    def _steps(self, dimension: Dimension) -> _Steps:
        """The steps that have a value, with what a row takes from them alone."""
        codes, raws = self.block.occurrences(dimension.of)
        flags = self.block.flags_of(dimension.of)
        sessions = masked(self.block.step_sessions, flags)
        tallies: Numbers = [bits.ONE_EVENT] * len(codes)
        if dimension.of == PAGE:
            tallies = list(map(and_, masked(self._step_tallies, flags), repeat(bits.OF_PAGE)))
        read = [dimension.value_of(raw) for raw in raws]
        values = list(dict.fromkeys(value for value in read if value is not None))
        if len(values) < len(read):
            # Several raw ones have the same value, or none.
            has_value = translated(codes, bytes(value is not None for value in read))
            places: dict[Value, int] = {value: place for place, value in enumerate(values)}
            numbers = [places.get(value, 0) for value in read]
            codes = picked(numbers, masked(codes, has_value))
            sessions, tallies = masked(sessions, has_value), masked(tallies, has_value)
        return _Steps([*values, None], codes, sessions, tallies)

    @cached_property
    def _step_tallies(self) -> list[Tally]:
        """What each step adds to its session."""
        depths = self.block.steps("scroll_depth")
        scrolls = [
            (number - 1 << bits.SCROLL_SUM) + 1 if number else 0
            for number in range(max(depths, default=0) + 1)
        ]
        kinds = (bits.ONE_EVENT, bits.ONE_PAGEVIEW)
        engaged = map(lshift, self.block.steps("engaged_ms"), repeat(bits.ENGAGED))
        counted = map(add, map(scrolls.__getitem__, depths), engaged)
        return list(map(add, counted, map(kinds.__getitem__, self.block.are_views)))


class _Steps(NamedTuple):
    """Of each step the code of one of `values`, its session, and what a row takes of it."""

    values: list[Value]
    codes: Numbers
    sessions: Numbers
    tallies: Numbers


def _distinct(steps: _Steps, sessions: int) -> tuple[list[int], list[int]]:
    """The distinct pairs of a session and a code; a session without a step has that of None."""
    width = len(steps.values)
    keys = map(add, map(mul, steps.sessions, repeat(width)), steps.codes)
    without = set(range(sessions)).difference(steps.sessions)
    pairs = [*dict.fromkeys(keys), *(session * width + width - 1 for session in without)]
    return [pair // width for pair in pairs], [pair % width for pair in pairs]
