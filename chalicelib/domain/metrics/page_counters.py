"""The counters of pages, entry pages and exit pages.

Many sessions have the same path, which is the pages that they viewed, in order. Their counters
are added up first, and then those of each path to the rows of its pages:

    path /a /b /a    three sessions    page /a, /b    entry page /a    exit page /a

A session counts once for each of its distinct pages. Page views and engaged time of a page are
that page's alone, all other counts are those of its sessions:

    a session   /a 10 s, /b 20 s, /a 5 s
    row /a      1 session, 2 page views, 15 s engaged
    row /b      1 session, 1 page view,  20 s engaged
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain, compress

from chalicelib.domain.metrics import counters as bits
from chalicelib.domain.metrics.counters import Counters
from chalicelib.domain.metrics.session_counters import (
    GroupedCounters,
    SessionCounters,
    number_values,
)
from chalicelib.domain.query.dimensions import DIMENSIONS, ENTRY, EXIT, PAGE
from chalicelib.domain.scan.column_math import compress_by, repeat_values
from chalicelib.domain.scan.session_columns import Path

PAGE_COLUMNS = (PAGE, ENTRY, EXIT)


class PageCounters:
    """Groups the sessions by their paths once, for all dimensions of pages. `values` are the
    pages, the last one None."""

    def __init__(self, sessions: SessionCounters) -> None:
        self._sessions = sessions
        read = DIMENSIONS[PAGE].value_of
        self.values, self._rows = number_values(list(map(read, sessions.columns.texts[PAGE])))
        self._none = len(self.values) - 1
        paths = self._paths()
        self._by_path: dict[Path, Counters] = defaultdict(int)
        for path, counters in zip(paths, sessions.by_session, strict=True):
            self._by_path[path] += counters
        self._returning_paths = list(compress(paths, sessions.is_returning))

    def group(self, column: str) -> GroupedCounters:
        """Return the counters by PAGE, ENTRY or EXIT."""
        if column == PAGE:
            return self._group_by_page()
        end, none = (0 if column == ENTRY else -1), self._none
        sums = [0] * len(self.values)
        for path, counters in self._by_path.items():
            sums[path[end] if path else none] += counters
        codes = [path[end] if path else none for path in self._returning_paths]
        return GroupedCounters(sums, codes)

    def _paths(self) -> Sequence[Path]:
        paths = self._sessions.columns.paths
        if self._rows == list(range(self._none)):
            return paths
        # Several texts are the same page, or one is no page.
        return [tuple(map(self._rows.__getitem__, path)) for path in paths]

    def _group_by_page(self) -> GroupedCounters:
        sums = [0] * len(self.values)
        none = {self._none}
        for path, counters in self._by_path.items():
            if len(path) == 1:
                sums[path[0]] += counters
            else:
                for code in set(path) - none or none:
                    sums[code] += counters
        distinct = [set(path) - none or none for path in self._returning_paths]
        return GroupedCounters(
            [
                (counters & bits.WITHOUT_PAGE_COUNTERS) + own
                for counters, own in zip(sums, self._own_counters(), strict=True)
            ],
            list(chain.from_iterable(distinct)),
            repeat_values(self._sessions.returning, map(len, distinct)),
        )

    def _own_counters(self) -> list[Counters]:
        """Return the page views and the engaged time of each page; none for None."""
        columns = self._sessions.columns
        codes = columns.step_column(PAGE).codes
        engaged = compress_by(columns.step_values("engaged_ms"), columns.step_mask(PAGE))
        views = Counter(codes)
        times = [0] * len(self._rows)
        for code, ms in zip(codes, engaged, strict=True):
            times[code] += ms
        own = [0] * len(self.values)
        for code, ms in enumerate(times):
            own[self._rows[code]] += views[code] * bits.ONE_PAGEVIEW + (ms << bits.ENGAGED)
        own[self._none] = 0
        return own
