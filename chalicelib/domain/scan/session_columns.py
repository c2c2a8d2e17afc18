"""A block is those sessions of a segment that figures are made of, with their columns.

Columns are read when they are first asked for and kept until the block is let go, so that the
figures of a month need the memory of a day. Loops over all sessions and steps run in C.

    sessions   0        1     2            one number each: start, arrival, duration, ...
    steps      0 1 2    3     4 5          of session k: from offsets[k] to offsets[k + 1]
    views      0   1    2     3            the steps that are page views, likewise
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain, compress, repeat
from operator import mul, sub
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.collection.event import PAGE_VIEW
from chalicelib.domain.packs.encoding import Numbers
from chalicelib.domain.packs.pack import Segment
from chalicelib.domain.query import dimensions as dim
from chalicelib.domain.query.calendar import Day, hour_of_week


class Coded(NamedTuple):
    """`codes`: one number a session, or a step, into `raws`, which dimensions read."""

    codes: Numbers
    raws: Sequence[Any]


class Block:
    """The sessions of a segment that start on that day; given a mask, those with a 1."""

    def __init__(
        self, segment: Segment, day: Day, zone: ZoneInfo, mask: bytes | None = None
    ) -> None:
        self._segment = segment
        self._day = day
        self._zone = zone
        self._mask = mask
        self._first, self._last = 0, segment.count
        if segment.first_start < day.start or day.end <= segment.last_start:
            starts = segment.starts()
            self._first = bisect_left(starts, day.start)
            self._last = bisect_left(starts, day.end)

    def where(self, mask: bytes) -> Block:
        """Those of its sessions that have a 1 in the mask; for a block that has no mask yet."""
        return Block(self._segment, self._day, self._zone, mask if 0 in mask else None)

    def __len__(self) -> int:
        return self._last - self._first if self._mask is None else self._mask.count(1)

    @property
    def places(self) -> Sequence[int]:
        """Which of the segment's sessions it has."""
        every = range(self._first, self._last)
        return every if self._mask is None else list(compress(every, self._mask))

    # One each of a session.

    @cached_property
    def starts(self) -> Numbers:
        return self._chosen(self._segment.starts())

    @cached_property
    def visitors(self) -> Numbers:
        return self._chosen(self._segment.visitors())

    @cached_property
    def offsets(self) -> list[int]:
        """Where the steps of each session begin, and where the last ones end."""
        return list(accumulate(self.counts, initial=0))

    @cached_property
    def durations(self) -> Sequence[int]:
        """Last step minus first, ms."""
        # Each session has a gap less than steps.
        counts = [count - 1 for count in self._all_counts]
        gaps = self._stretch("gap", self._steps_before - self._first, sum(counts))
        if self._mask is not None:
            gaps = masked(gaps, stretched(self._mask, counts))
        ends = list(map(sub, self.offsets, range(len(self.offsets))))
        return sums_between(ends, gaps)

    @cached_property
    def view_offsets(self) -> list[int]:
        """Where the page views of each session begin, and where the last ones end."""
        if self.has_only_views:
            return self.offsets
        before = list(accumulate(self.are_views, initial=0))
        return picked(before, self.offsets)

    @cached_property
    def hours(self) -> Coded:
        """Which hour of the day, by its beginning (ms), each session starts in."""
        hours = self._day.hours(self._zone)
        ends = [bisect_left(self.starts, at) for at in (*hours[1:], self._day.end)]
        counts = map(sub, ends, [0, *ends])
        return Coded(repeated(range(len(hours)), counts), hours)

    @cached_property
    def view_counts(self) -> Sequence[int]:
        """How many page views each session has."""
        if self.has_only_views:
            return self.counts
        return list(map(sub, self.view_offsets[1:], self.view_offsets))

    def coded(self, of: str) -> Coded:
        """What dimensions of sessions read."""
        if of == dim.HOUR:
            codes, hours = self.hours
            return Coded(codes, [hour_of_week(at, self._zone) for at in hours])
        if of in (dim.ENTRY, dim.EXIT):
            return self._outer_pages(is_first=of == dim.ENTRY)
        codes = self._chosen(self._segment.numbers(of))
        if of == dim.ARRIVAL:
            return Coded(codes, self._segment.arrivals(self.texts))
        if of == dim.PLACE:
            return Coded(codes, self._segment.places(self.texts))
        return Coded(codes, self.texts[of])

    def _outer_pages(self, *, is_first: bool) -> Coded:
        """The entry pages, or the exit pages; None for a session without a page view."""
        views, pages = self.occurrences(dim.PAGE)
        begins, ends = self.view_offsets[:-1], self.view_offsets[1:]
        none = len(pages)
        # Where a session has no view, this takes another's; it is put right below.
        codes = picked([*views, none], begins if is_first else [end - 1 for end in ends])
        if not self.has_only_views:
            codes = [
                code if begin < end else none
                for code, begin, end in zip(codes, begins, ends, strict=True)
            ]
        return Coded(codes, [*pages, None])

    # One each of a step.

    def steps(self, name: str) -> Numbers:
        return masked(
            self._stretch(name, self._steps_before, sum(self._all_counts)), self._step_mask
        )

    @cached_property
    def are_views(self) -> bytes:
        """1 for a page view, 0 for another event."""
        names = self.texts["event_type"]
        flags = bytes(name == PAGE_VIEW for name in names)
        return translated(self.steps("event_type"), flags)

    @cached_property
    def has_only_views(self) -> bool:
        return 0 not in self.are_views

    @cached_property
    def step_sessions(self) -> list[int]:
        """The number of the session that each step belongs to."""
        return repeated(range(len(self)), self.counts)

    def occurrence_offsets(self, of: str) -> list[int]:
        """Where the steps of each session begin among those that such dimensions read."""
        if of == dim.EVENT:
            return list(map(sub, self.offsets, self.view_offsets))
        return self.view_offsets if of == dim.PAGE else self.offsets

    def flags_of(self, of: str) -> bytes | None:
        """1 for the steps that such dimensions read; None where they read all."""
        if of == dim.PROPS or (of == dim.PAGE and self.has_only_views):
            return None
        return self.are_views if of == dim.PAGE else self.are_views.translate(OPPOSITES)

    def occurrences(self, of: str) -> Coded:
        """What dimensions of steps read, of the steps that `flags_of` tells."""
        raws = self._segment.props() if of == dim.PROPS else self.texts[of]
        return Coded(masked(self.steps(of), self.flags_of(of)), raws)

    @cached_property
    def texts(self) -> Mapping[str, list[Any]]:
        return self._segment.texts()

    @cached_property
    def _all_counts(self) -> Numbers:
        """How many steps each session has, also those that are not in the mask."""
        return self._segment.numbers("steps")[self._first : self._last]

    @cached_property
    def counts(self) -> Numbers:
        """How many steps each session has."""
        return masked(self._all_counts, self._mask)

    def _chosen(self, values: Numbers) -> Numbers:
        return masked(values[self._first : self._last], self._mask)

    @cached_property
    def _steps_before(self) -> int:
        """How many steps the sessions of the segment before these have."""
        return sum(self._segment.numbers("steps")[: self._first])

    @cached_property
    def _step_mask(self) -> bytes | None:
        return None if self._mask is None else stretched(self._mask, self._all_counts)

    def _stretch(self, name: str, before: int, length: int) -> Numbers:
        return self._segment.numbers(name)[before : before + length]


OPPOSITES = bytes([1]) + bytes(255)  # for bytes.translate


def masked(values: Numbers, mask: bytes | None) -> Numbers:
    return values if mask is None else list(compress(values, mask))


def stretched(mask: bytes, counts: Iterable[int]) -> bytes:
    """Each flag as often as its count says."""
    return b"".join(map(mul, map((b"\0", b"\1").__getitem__, mask), counts))


def repeated(values: Iterable[int], counts: Iterable[int]) -> list[int]:
    """Each value as often as its count says."""
    return list(chain.from_iterable(map(repeat, values, counts)))


def picked(values: Sequence[int], places: Sequence[int]) -> list[int]:
    """The values at these places."""
    return list(map(values.__getitem__, places))


def sums_between(offsets: Sequence[int], values: Iterable[int]) -> list[int]:
    """The sum of the values from each offset to before the next one."""
    at_offsets = picked(list(accumulate(values, initial=0)), offsets)
    return list(map(sub, at_offsets[1:], at_offsets))


def translated(codes: Numbers, table: bytes) -> bytes:
    """The byte of the table for each code."""
    if isinstance(codes, bytes):
        return codes.translate(table[:256].ljust(256, b"\0"))
    return bytes(map(table.__getitem__, codes))
