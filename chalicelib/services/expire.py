"""The job that runs each minute: it reads the open sessions, closes those that have ended
(services/closing.py), deletes salts, and leaves snapshots where readers cannot read all rows.

Rows are read a page at a time, so that a run needs the same memory whatever their number. A
table of more than ROWS_A_PART rows is read in parts, one with more than ROWS_A_RUN a share of
the parts each run, all of them within five minutes. A run that has no time left stops; the
next one goes on. Any number of runs may overlap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from chalicelib.domain.active_session import ActiveSession
from chalicelib.services.closing import Closing
from chalicelib.services.picture import Picture
from chalicelib.services.report import Report
from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import Contents
from chalicelib.storage.register import RowCount
from chalicelib.storage.tables import Tables

ROWS_A_PART = 50_000
ROWS_A_RUN = 100_000
RUNS_A_ROUND = 5
ROWS_AT_A_TIME = 5_000  # that are due and kept in memory, to be closed by site and day
SNAPSHOT_SECONDS = 86_400  # until a snapshot of a site that nobody visits any more is deleted
TRIED_AGAIN_MS = 24 * 60 * 60 * 1000  # a row that was set aside; the cause may be mended


def expire_sessions(
    tables: Tables,
    settings: Settings,
    now: int,
    *,
    has_time: Callable[[], bool] = lambda: True,
    pool: Executor | None = None,
) -> Report:
    """`now` in ms. Stops when `has_time` says so, and goes on at the next run. With a `pool`
    the events of several rows are read at a time."""
    report = Report()
    _Run(
        tables, settings, now, has_time, report, Closing(tables, settings, now, report, pool)
    ).run()
    return report


def due_at(row: ActiveSession, settings: Settings) -> int:
    """When the row may be closed, in ms: nobody can add to its session any more, and no
    collector that could before is still running."""
    expired = row.expires_at(settings.session_timeout_ms) * 1000
    return max(expired, row.touched_at) + settings.close_after_ms


@dataclass(slots=True)
class _Run:
    tables: Tables
    settings: Settings
    now: int
    has_time: Callable[[], bool]
    report: Report
    closing: Closing
    _due: list[ActiveSession] = field(default_factory=list)

    def run(self) -> None:
        known = self.tables.register.row_count() or RowCount()
        parts = max(-(-known.rows // ROWS_A_PART), 1)
        share = parts if known.rows <= ROWS_A_RUN else -(-parts // RUNS_A_ROUND)
        first = known.next_part % parts
        read, rows = 0, 0
        for number in range(first, first + share):
            found = self._read_part(number % parts, parts)
            if found is None:
                break
            rows += found
            read += 1
        self._close_due()
        if read:
            # Of the parts that this run has not read, what was known before.
            unread = known.rows * (parts - read) // parts
            count = RowCount(rows + unread, (first + read) % parts)
            if count.rows > ROWS_A_PART or known.rows > ROWS_A_PART:
                self.tables.register.put_row_count(count)

    def _read_part(self, part: int, parts: int) -> int | None:
        """How many rows it has; None if there was no time to read them all."""
        pictures: dict[str, Picture] = defaultdict(lambda: Picture(self.settings, self.now))
        rows = 0
        is_one_page = parts == 1
        # What has just changed is not due, and all that is done here has its conditions.
        pages = self.tables.active.pages(segment=part, segments=parts, is_exact=False)
        for page in pages:
            is_one_page = is_one_page and rows == 0 and page.is_complete
            rows += len(page.rows)
            if not is_one_page:
                for row in page.rows:
                    pictures[row.site].add(row)
            self._take_in(page)
            if not (page.is_complete or self.has_time()):
                return None
        for site, picture in pictures.items():
            delete_at = self.now // 1000 + SNAPSHOT_SECONDS
            self.tables.rollups.put_snapshot(site, part, parts, picture.told(), delete_at)
        return rows

    def _take_in(self, page: Contents) -> None:
        for leftover in page.leftovers:
            self.closing.finish(leftover)
        self.tables.active.delete_salts(
            day for day, delete_at in page.salts.items() if delete_at * 1000 <= self.now
        )
        for key, aside_at in page.aside.items():
            self.report.rows_aside += 1
            if aside_at <= self.now - TRIED_AGAIN_MS:
                self.tables.active.bring_back(key)
        for key in page.unreadable:
            self.closing.fail(key)
        due = [row for row in page.rows if due_at(row, self.settings) <= self.now]
        self.report.rows_due += len(due)
        self.report.rows_open += len(page.rows) - len(due)
        for row in due:
            behind = (self.now - due_at(row, self.settings)) // 1000
            self.report.lag_seconds = max(self.report.lag_seconds, behind)
        self._due += due
        if len(self._due) >= ROWS_AT_A_TIME:
            self._close_due()

    def _close_due(self) -> None:
        due, self._due = self._due, []
        for rows in _by_site(due):
            for ended in self.closing.batches(rows):
                if not self.has_time():
                    return
                self.closing.close(ended)


def _by_site(rows: Sequence[ActiveSession]) -> Iterator[list[ActiveSession]]:
    """The oldest first, so that the rows of one day stand together."""
    by_site: dict[str, list[ActiveSession]] = {}
    for row in sorted(rows, key=lambda row: (row.start_time, row.session_id)):
        by_site.setdefault(row.site, []).append(row)
    yield from by_site.values()
