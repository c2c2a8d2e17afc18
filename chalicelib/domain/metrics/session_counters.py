"""The counters of each session of a pack and day, and their sums by the values of columns.

A Python loop over all sessions costs more than anything else in a scan, so columns with few
values share one: the sessions with the same codes in all of them are added up first, and those
sums are added to the row of each code.

    language  0 0 1 0
    location  2 2 0 1     three joint codes, for four sessions

Other loops over sessions or steps run in C. `page_counters` and `event_counters` group by the
columns of which a session has several values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import compress, pairwise, repeat
from operator import add, lshift, ne
from typing import NamedTuple

from chalicelib.domain.metrics import counters as bits
from chalicelib.domain.metrics.counters import Counters
from chalicelib.domain.packs.encoding import Numbers, interleave
from chalicelib.domain.query.dimensions import Value
from chalicelib.domain.scan.column_math import sums_between
from chalicelib.domain.scan.session_columns import EncodedColumn, SessionColumns

MAX_JOINT_COLUMNS = 8
MIN_SESSIONS_PER_JOINT_CODE = 8


class GroupedCounters(NamedTuple):
    """Counters by code.

    Each session counts with a visitor. `returning_codes` are the codes of the sessions of
    visitors with several sessions on that day. `returning` are the numbers of their visitors,
    if a session can have several codes.
    """

    counters: Sequence[Counters]
    returning_codes: Sequence[int]
    returning: Sequence[int] = ()


class SessionCounters:
    """`returning` numbers the visitors with several sessions on that day, in any pack, from
    1."""

    def __init__(self, columns: SessionColumns, returning: Mapping[int, int]) -> None:
        self.columns = columns
        self.numbers = list(map(returning.get, columns.visitors, repeat(0)))
        self.is_returning = bytes(map(bool, self.numbers))
        self.returning = list(compress(self.numbers, self.is_returning))

    @cached_property
    def by_session(self) -> list[Counters]:
        """The counters of each session."""
        columns = self.columns
        # Most sessions have no other steps than page views.
        counts = [count_session(steps, steps) for steps in range(max(columns.step_counts) + 1)]
        times = map(lshift, columns.durations, repeat(bits.DURATION))
        counters = map(add, map(counts.__getitem__, columns.step_counts), times)
        every = list(map(add, counters, self._of_steps()))
        if not columns.has_only_page_views:
            views, steps = columns.page_view_counts, columns.step_counts
            for session in compress(range(len(every)), map(ne, views, steps)):
                exact = count_session(views[session], steps[session])
                every[session] += exact - counts[steps[session]]
        return every

    @cached_property
    def total(self) -> Counters:
        return sum(self.by_hour.counters)

    @cached_property
    def by_hour(self) -> GroupedCounters:
        """The counters of the sessions of each hour; sessions are sorted by start."""
        offsets = self.columns.hour_offsets
        sums = [sum(self.by_session[start:end]) for start, end in pairwise(offsets)]
        codes = self.columns.hours.codes
        return GroupedCounters(sums, self.returning_codes(codes))

    def group_by_session(self, columns: Sequence[EncodedColumn]) -> list[GroupedCounters]:
        """Add up the counters of the sessions with each code, for each of the columns."""
        sums = [[0] * len(column.values) for column in columns]
        for joint in _join(columns):
            if len(joint) == 1:
                _add_by_code(sums[joint[0]], columns[joint[0]].codes, self.by_session)
            else:
                self._add_by_joint_code({number: sums[number] for number in joint}, columns)
        return [
            GroupedCounters(of_column, self.returning_codes(column.codes))
            for of_column, column in zip(sums, columns, strict=True)
        ]

    def returning_codes(self, codes: Numbers) -> list[int]:
        """Return the codes of the sessions of returning visitors."""
        return list(compress(codes, self.is_returning))

    def _add_by_joint_code(
        self, sums: Mapping[int, list[Counters]], columns: Sequence[EncodedColumn]
    ) -> None:
        planes = [bytes(columns[number].codes) for number in sums]
        by_joint_code: dict[int, Counters] = defaultdict(int)
        joint_codes = interleave(planes, len(self.by_session))
        for code, counters in zip(joint_codes, self.by_session, strict=True):
            by_joint_code[code] += counters
        for place, of_column in enumerate(sums.values()):
            codes = (code >> 8 * place & 255 for code in by_joint_code)
            _add_by_code(of_column, codes, by_joint_code.values())

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


@cache
def count_session(views: int, steps: int) -> Counters:
    """Return the counters that follow from the numbers of page views and steps."""
    return (
        bits.ONE_VISITOR
        + bits.ONE_SESSION
        + (bits.ONE_BOUNCE if views == 1 == steps else 0)
        + views * bits.ONE_PAGEVIEW
        + (steps - views) * bits.ONE_EVENT
    )


def number_values(of_code: Sequence[Value]) -> tuple[list[Value], list[int]]:
    """Return the distinct values, the last one None, and the index in them for each code."""
    values: list[Value] = list(dict.fromkeys(one for one in of_code if one is not None))
    values.append(None)
    numbers = {value: number for number, value in enumerate(values)}
    return values, [numbers[value] for value in of_code]


def _add_by_code(
    sums: list[Counters], codes: Iterable[int], counters: Iterable[Counters]
) -> None:
    for code, more in zip(codes, counters, strict=True):
        sums[code] += more


def _join(columns: Sequence[EncodedColumn]) -> Iterator[list[int]]:
    """Yield the numbers of the columns that are added up in one loop: as many as can have only
    few joint codes."""
    joint: list[int] = []
    joint_codes = 1
    for number in sorted(range(len(columns)), key=lambda number: len(columns[number].values)):
        codes, values = columns[number]
        if not isinstance(codes, bytes):
            yield [number]
            continue
        joint_codes *= len(values)
        is_short = joint_codes * MIN_SESSIONS_PER_JOINT_CODE <= len(codes)
        if joint and not (is_short and len(joint) < MAX_JOINT_COLUMNS):
            yield joint
            joint, joint_codes = [], len(values)
        joint.append(number)
    if joint:
        yield joint
