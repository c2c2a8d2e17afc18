"""The job that runs every minute: it reads the active sessions, closes those that have ended
(close_sessions.py), deletes old salts, and stores snapshots if realtime cannot read all rows.

Rows are read page by page, so a run needs the same memory for any number. A table of more than
ROWS_PER_PART rows is read in parts; of one with more than ROWS_PER_RUN, each run reads a share
of the parts, so that all are read within RUNS_PER_ROUND minutes. A run without time left stops,
and the next one continues. Any number of runs may overlap.

Unfinished work of earlier runs comes first. Then sites take turns, a batch of rows at a time,
so that one with many rows does not delay the others. Rows that failed before come last and
alone. A row, a salt or a site that cannot be read stops nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows
from chalicelib.services.context import Context
from chalicelib.services.jobs.close_sessions import Closer
from chalicelib.services.jobs.closing_batch import transaction_batches
from chalicelib.services.jobs.due_rows import DueRows, closable_at, joined_closable_at
from chalicelib.services.jobs.job_report import Report
from chalicelib.services.reports.live_snapshot import LiveSnapshot, fits_item
from chalicelib.storage.active_table.table_scan import TablePage
from chalicelib.storage.rollup_table.site_registry import RowCount

ROWS_PER_PART = 50_000
ROWS_PER_RUN = 100_000
RUNS_PER_ROUND = 5
MIN_SNAPSHOT_ROWS = 50_000  # half of what realtime reads itself: snapshots are there in time
MAX_RELATED_ROWS = 5_000  # that are kept in memory until a part has been read
SNAPSHOT_SECONDS = 86_400  # until a snapshot of a site without visitors is deleted
RETRY_AFTER_MS = 24 * 60 * 60 * 1000  # of a quarantined row; the cause may be fixed


def expire_sessions(
    context: Context,
    *,
    has_time: Callable[[], bool] = lambda: True,
    pool: Executor | None = None,
    report: Report | None = None,
) -> Report:
    """Run the job. It stops when `has_time` returns False; the next run continues. With a
    `pool` the events of several rows are read at once. A `report` is filled in as the run
    proceeds."""
    report = report or Report()
    closer = Closer(context, report, pool)
    _Run(context, has_time, report, closer).run()
    return report


@dataclass(frozen=True, slots=True)
class _Share:
    """The parts of the table that one run reads, of its equal parts.

    rows of the table      parts    parts read by a run
    up to 50,000           1        0
    100,000                2        0 1
    1,000,000              20       0 1 2 3, the next run 4 5 6 7, and so on
    """

    parts: int
    numbers: Sequence[int]

    @classmethod
    def of(cls, count: RowCount) -> _Share:
        parts = max(-(-count.rows // ROWS_PER_PART), 1)
        share = parts if count.rows <= ROWS_PER_RUN else -(-parts // RUNS_PER_ROUND)
        first = count.next_part % parts
        return cls(parts, [number % parts for number in range(first, first + share)])

    @property
    def is_all(self) -> bool:
        return len(self.numbers) == self.parts

    def part_after(self, parts_read: int) -> int:
        """Return the part that comes after the first ones of this share."""
        return (self.numbers[0] + parts_read) % self.parts


@dataclass(slots=True)
class _Run:
    """Fills in one report together with its closer, so that it says how far the run got."""

    context: Context
    has_time: Callable[[], bool]
    report: Report
    closer: Closer
    _due: DueRows = field(default_factory=DueRows)
    _takes_snapshots: bool = False
    _attempted: set[str] = field(default_factory=set)  # rows that this run leaves alone now

    def run(self) -> None:
        """Read and close; once more if more rows were due than could be kept."""
        registry = self.context.tables.site_registry
        previous = registry.row_count() or RowCount()
        self._takes_snapshots = previous.rows > MIN_SNAPSHOT_ROWS
        share = _Share.of(previous)
        if not share.is_all:
            # If this run dies at a row, the next one begins elsewhere.
            next_part = share.part_after(len(share.numbers))
            registry.put_row_count(RowCount(previous.rows, next_part))
        rows = self._read(share)
        if rows:
            # The parts that this run has not read have as many rows as before.
            unread = previous.rows * (share.parts - len(rows)) // share.parts
            count = RowCount(sum(rows) + unread, share.part_after(len(rows)))
            if count.rows > ROWS_PER_PART or previous.rows > ROWS_PER_PART:
                registry.put_row_count(count)
        self._close_due()
        while self._due.has_dropped and self.has_time():
            self._due = DueRows()
            for number in share.numbers:
                for page in self.context.tables.active_scan.pages(
                    segment=number, segments=share.parts
                ):
                    self._keep_due(page.rows)
            self._close_due()

    def _read(self, share: _Share) -> list[int]:
        """Read these parts; return the number of rows of each part that there was time for."""
        counts: list[int] = []
        for number in share.numbers:
            rows = self._read_part(number, share.parts)
            if rows is None:
                break
            counts.append(rows)
        return counts

    def _read_part(self, part: int, parts: int) -> int | None:
        """Read a part; return its number of rows, or None if there was no time for all of
        them."""
        snapshots = _Snapshots(self.context)
        rows = 0
        # A row that has changed within a second is not due, and every write has a condition.
        pages = self.context.tables.active_scan.pages(
            segment=part, segments=parts, consistent=False
        )
        for page in pages:
            rows += len(page.rows)
            if self._takes_snapshots:
                snapshots.add(page.rows)
            self._process_page(page)
            if not (page.is_complete or self.has_time()):
                return None
        snapshots.put(part, parts, self.report)
        return rows

    def _process_page(self, page: TablePage) -> None:
        for closing in page.pending_closes:
            with self.report.failing_alone(closing.close_id):
                self._attempted |= self.closer.resume(closing)
        self._delete_salts(page)
        self._restore_quarantined(page)
        for key in page.unreadable:
            self.closer.fail(key)
        due = self._keep_due(page.rows)
        self.report.rows_due += len(due)
        self.report.rows_open += len(page.rows) - len(due)
        for row in due:
            lag = (self.context.now - closable_at(row, self.context.settings)) // 1000
            self.report.lag_seconds = max(self.report.lag_seconds, lag)

    def _delete_salts(self, page: TablePage) -> None:
        with self.report.failing_alone("salts"):
            self.context.tables.salts.delete(
                day
                for day, delete_at in page.salts.items()
                if delete_at * 1000 <= self.context.now
            )

    def _restore_quarantined(self, page: TablePage) -> None:
        """Restore the rows that have been in quarantine for a day."""
        for key, quarantined_at in page.quarantined.items():
            self.report.rows_quarantined += 1
            if quarantined_at <= self.context.now - RETRY_AFTER_MS:
                with self.report.failing_alone(key):
                    self.context.tables.quarantine.restore(key)

    def _keep_due(self, rows: Iterable[ActiveSession]) -> list[ActiveSession]:
        """Return the rows that are due; keep those that this run has not attempted yet."""
        now, settings = self.context.now, self.context.settings
        due = [row for row in rows if closable_at(row, settings) <= now]
        for row in due:
            if row.session_id not in self._attempted:
                self._due.add(row)
        return due

    def _close_due(self) -> None:
        turns: list[Iterator[list[JoinedRows]]] = []
        failed_before: list[list[JoinedRows]] = []
        for rows in self._due.take():
            with self.report.failing_alone(rows[0].site):
                joined = self._joined(rows)
                failed_before += [[one] for one in joined if _has_failed(one)]
                turns.append(
                    transaction_batches([one for one in joined if not _has_failed(one)])
                )
        for batch in (*_in_turn(turns), *failed_before):
            if not self.has_time():
                return
            self._attempted.update(*(one.ids for one in batch))
            self.closer.close(batch)

    def _joined(self, rows: Sequence[ActiveSession]) -> list[JoinedRows]:
        """Join the rows of a site with those of the same session, except rows that are not due
        yet or must not be touched."""
        related = self.context.tables.active_sessions.with_relatives(
            [row for row in rows if row.related_ids]
        )
        by_id = related | {row.session_id: row for row in rows}
        due_ids = {row.session_id for row in rows}
        return [
            joined
            for joined in join_rows(by_id.values(), self.context.settings.session_timeout_ms)
            if not due_ids.isdisjoint(joined.ids)
            and self._attempted.isdisjoint(joined.ids)
            and joined_closable_at(joined, self.context.settings) <= self.context.now
        ]


class _Snapshots:
    """The live snapshots of the sites with rows in one part of the table."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_site: dict[str, LiveSnapshot] = defaultdict(
            lambda: LiveSnapshot(context.settings, context.now)
        )
        # Rows that may be one session with another row of the part.
        self._related: list[ActiveSession] = []

    def add(self, rows: Iterable[ActiveSession]) -> None:
        for row in rows:
            if row.related_ids and len(self._related) < MAX_RELATED_ROWS:
                self._related.append(row)
            else:
                self._by_site[row.site].add(JoinedRows((row,)))

    def put(self, part: int, parts: int, report: Report) -> None:
        for joined in join_rows(self._related, self._context.settings.session_timeout_ms):
            self._by_site[joined.site].add(joined)
        delete_at = self._context.now // 1000 + SNAPSHOT_SECONDS
        for site, snapshot in self._by_site.items():
            with report.failing_alone(site):
                fitting = fits_item(snapshot.to_dict())
                self._context.tables.rollups.put_snapshot(site, part, parts, fitting, delete_at)


def _has_failed(joined: JoinedRows) -> bool:
    return any(row.failures for row in joined.rows)


def _in_turn(turns: Sequence[Iterator[list[JoinedRows]]]) -> Iterator[list[JoinedRows]]:
    """Yield the first of each, then the second of each, and so on."""
    remaining = list(turns)
    while remaining:
        for turn in list(remaining):
            batch = next(turn, None)
            if batch is None:
                remaining.remove(turn)
            else:
                yield batch
