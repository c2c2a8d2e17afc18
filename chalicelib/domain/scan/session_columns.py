"""The sessions of a pack that start on one day and match the filters, column by column.

Columns are decoded on first use and freed with the object, so that the metrics of a month need
the memory of a day. Loops over all sessions and steps run in C.

    session 0    /a, 20 s later /b
    session 1    /a, 5 s later the event signup

    step_counts             2 2
    offsets                 0 2 4              session k has steps offsets[k] to offsets[k + 1]
    step_sessions           0 0 1 1
    page_view_mask          1 1 1 0
    page_view_offsets       0 2 3              likewise, of the steps that are page views
    page_view_counts        2 1
    paths                   (0, 1) (0)         bytes where possible
    durations               20_000 5_000
    session_column(EXIT)    1 0                of the values /a, /b, None
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate, compress
from operator import sub
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.collection.event import PAGE_VIEW
from chalicelib.domain.packs.encoding import Numbers
from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query import dimensions as dim
from chalicelib.domain.query.calendar import Day, hour_of_week
from chalicelib.domain.scan.column_math import (
    INVERT_MASK,
    compress_by,
    map_codes,
    repeat_flags,
    repeat_values,
    sums_between,
    take,
)

Path = bytes | tuple[int, ...]


class EncodedColumn(NamedTuple):
    """One code for each session or step: an index into `values`, from which dimensions read.

    codes   0  0  1  0        four sessions
    values  ["de", "en"]      their languages: de, de, en, de
    """

    codes: Numbers
    values: Sequence[Any]


class SessionColumns:
    """The sessions of a pack that start on a day; with a mask, those of them with a 1."""

    def __init__(self, pack: Pack, day: Day, zone: ZoneInfo, mask: bytes | None = None) -> None:
        self._pack = pack
        self._day = day
        self._zone = zone
        self._mask = mask
        self._step_values: dict[str, Numbers] = {}
        self._first, self._last = 0, pack.count
        if pack.first_start < day.start or day.end <= pack.last_start:
            starts = pack.starts()
            self._first = bisect_left(starts, day.start)
            self._last = bisect_left(starts, day.end)

    def filtered(self, mask: bytes) -> SessionColumns:
        """Keep the sessions with a 1 in the mask. Only for columns without a mask."""
        if 0 not in mask:
            return self
        return SessionColumns(self._pack, self._day, self._zone, mask)

    def __len__(self) -> int:
        return self._last - self._first if self._mask is None else self._mask.count(1)

    @property
    def indices(self) -> Sequence[int]:
        """Return the positions of these sessions in the pack."""
        every = range(self._first, self._last)
        return every if self._mask is None else list(compress(every, self._mask))

    # One value for each session.

    @cached_property
    def starts(self) -> Numbers:
        return self._filter(self._pack.starts())

    @cached_property
    def visitors(self) -> Numbers:
        return self._filter(self._pack.visitors())

    @cached_property
    def offsets(self) -> list[int]:
        """Where the steps of each session start, and where those of the last one end."""
        return list(accumulate(self.step_counts, initial=0))

    @cached_property
    def durations(self) -> Sequence[int]:
        """Last step minus first, in ms."""
        # A pack stores the gaps between the steps of a session: one fewer than steps.
        counts = [count - 1 for count in self._unfiltered_step_counts]
        gaps = self._step_range("gap", self._steps_before - self._first, sum(counts))
        if self._mask is not None:
            gaps = compress_by(gaps, repeat_flags(self._mask, counts))
        ends = list(map(sub, self.offsets, range(len(self.offsets))))
        return sums_between(ends, gaps)

    @cached_property
    def page_view_offsets(self) -> list[int]:
        """Where the page views of each session start, and where those of the last one end."""
        if self.has_only_page_views:
            return self.offsets
        before = list(accumulate(self.page_view_mask, initial=0))
        return take(before, self.offsets)

    @cached_property
    def hours(self) -> EncodedColumn:
        """The hour of the day in which each session starts, as the start of the hour in ms."""
        hours = self._day.hours(self._zone)
        counts = map(sub, self.hour_offsets[1:], self.hour_offsets)
        return EncodedColumn(repeat_values(range(len(hours)), counts), hours)

    @cached_property
    def hour_offsets(self) -> list[int]:
        """Where the sessions of each hour start, and where those of the last one end."""
        hours = self._day.hours(self._zone)
        return [0, *(bisect_left(self.starts, at) for at in (*hours[1:], self._day.end))]

    @cached_property
    def page_view_counts(self) -> Sequence[int]:
        """Number of page views of each session."""
        if self.has_only_page_views:
            return self.step_counts
        return list(map(sub, self.page_view_offsets[1:], self.page_view_offsets))

    @cached_property
    def paths(self) -> list[Path]:
        """The page of each page view of each session, in order, as codes of `texts[PAGE]`."""
        pages = self.page_codes
        views = pages if isinstance(pages, bytes) else tuple(pages)
        offsets = self.page_view_offsets
        return list(map(views.__getitem__, map(slice, offsets, offsets[1:])))

    def session_column(self, column: str) -> EncodedColumn:
        """Return a column from which dimensions with one value per session are read."""
        if column == dim.HOUR:
            codes, hours = self.hours
            return EncodedColumn(codes, [hour_of_week(at, self._zone) for at in hours])
        if column in (dim.ENTRY, dim.EXIT):
            return self._edge_pages(is_first=column == dim.ENTRY)
        codes = self._filter(self._pack.column(column))
        if column == dim.ACQUISITION:
            return EncodedColumn(codes, self._pack.acquisitions(self.texts))
        if column == dim.LOCATION:
            return EncodedColumn(codes, self._pack.locations(self.texts))
        return EncodedColumn(codes, self.texts[column])

    def _edge_pages(self, *, is_first: bool) -> EncodedColumn:
        """Return entry or exit pages; None for a session without a page view."""
        pages = self.texts[dim.PAGE]
        end = 0 if is_first else -1
        codes = [path[end] if path else len(pages) for path in self.paths]
        return EncodedColumn(codes, [*pages, None])

    # One value for each step.

    def step_values(self, name: str) -> Numbers:
        if name not in self._step_values:
            values = self._step_range(
                name, self._steps_before, sum(self._unfiltered_step_counts)
            )
            self._step_values[name] = compress_by(values, self._step_mask)
        return self._step_values[name]

    @cached_property
    def page_view_mask(self) -> bytes:
        """1 for a page view, 0 for any other event."""
        names = self.texts["event_type"]
        flags = bytes(name == PAGE_VIEW for name in names)
        return map_codes(self.step_values("event_type"), flags)

    @cached_property
    def has_only_page_views(self) -> bool:
        return 0 not in self.page_view_mask

    @cached_property
    def step_sessions(self) -> list[int]:
        """For each step, the index of its session."""
        return repeat_values(range(len(self)), self.step_counts)

    def step_column_offsets(self, column: str) -> list[int]:
        """Like `offsets`, counting only the steps from which such dimensions are read."""
        if column == dim.EVENT:
            return list(map(sub, self.offsets, self.page_view_offsets))
        return self.page_view_offsets if column == dim.PAGE else self.offsets

    def step_mask(self, column: str) -> bytes | None:
        """1 for each step from which such dimensions are read; None for all steps."""
        if column == dim.PROPS or (column == dim.PAGE and self.has_only_page_views):
            return None
        return (
            self.page_view_mask
            if column == dim.PAGE
            else self.page_view_mask.translate(INVERT_MASK)
        )

    def step_column(self, column: str) -> EncodedColumn:
        """Return a column from which multi-valued dimensions are read.

        It has a code for each step that has a 1 in `step_mask(column)`.
        """
        if column == dim.PAGE:
            return EncodedColumn(self.page_codes, self.texts[dim.PAGE])
        values = self._pack.props() if column == dim.PROPS else self.texts[column]
        return EncodedColumn(
            compress_by(self.step_values(column), self.step_mask(column)), values
        )

    @cached_property
    def page_codes(self) -> Numbers:
        """The page of each page view."""
        return compress_by(self.step_values(dim.PAGE), self.step_mask(dim.PAGE))

    @cached_property
    def texts(self) -> Mapping[str, list[Any]]:
        return self._pack.texts()

    @cached_property
    def _unfiltered_step_counts(self) -> Numbers:
        """Number of steps of each session, masked or not."""
        return self._pack.column("steps")[self._first : self._last]

    @cached_property
    def step_counts(self) -> Numbers:
        """Number of steps of each session."""
        return compress_by(self._unfiltered_step_counts, self._mask)

    def _filter(self, values: Numbers) -> Numbers:
        return compress_by(values[self._first : self._last], self._mask)

    @cached_property
    def _steps_before(self) -> int:
        """Number of steps of the sessions that are stored before these."""
        return sum(self._pack.column("steps")[: self._first]) if self._first else 0

    @cached_property
    def _step_mask(self) -> bytes | None:
        return (
            None
            if self._mask is None
            else repeat_flags(self._mask, self._unfiltered_step_counts)
        )

    def _step_range(self, name: str, before: int, length: int) -> Numbers:
        return self._pack.column(name)[before : before + length]
