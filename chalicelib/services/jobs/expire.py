"""The job that runs every minute: it reads the active sessions, closes those that have ended
(close_sessions.py), deletes old salts, and stores snapshots if readers cannot read all rows.

Rows are read page by page, so a run needs the same memory for any number. A table of more than
ROWS_PER_PART rows is read in parts; of one with more than ROWS_PER_RUN, each run reads a share
of the parts, so that all are read within five minutes. A run without time left stops, and the
next one continues. Any number of runs may overlap.

Unfinished work of earlier runs comes first. Then sites take turns, a batch of rows at a time,
so that one with many rows does not delay the others. Rows that failed before come last and
alone. A row, a salt or a site that cannot be read stops nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows
from chalicelib.domain.sessions.session_limits import MAX_SESSION_EVENTS
from chalicelib.services.context import Context
from chalicelib.services.jobs.close_sessions import Closer, transaction_batches
from chalicelib.services.jobs.job_report import Report
from chalicelib.services.reports.live_snapshot import LiveSnapshot, fits_item
from chalicelib.settings import Settings
from chalicelib.storage.active_table.table_scan import TablePage
from chalicelib.storage.rollup_table.site_registry import RowCount

ROWS_PER_PART = 50_000
ROWS_PER_RUN = 100_000
RUNS_PER_ROUND = 5
MAX_DUE_ROWS = 10_000  # that are kept in memory; of more, each site has its share
MAX_RELATED_ROWS = 5_000  # that are kept in memory until a part has been read
SNAPSHOT_SECONDS = 86_400  # until a snapshot of a site that nobody visits any more is deleted
RETRY_AFTER_MS = 24 * 60 * 60 * 1000  # a row that was set aside; the cause may be fixed


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


def closable_at(row: ActiveSession, settings: Settings) -> int:
    """Return when the row may be closed, in ms: the session timed out and any in-flight
    collector has finished."""
    return joined_closable_at(JoinedRows((row,)), settings)


def joined_closable_at(rows: JoinedRows, settings: Settings) -> int:
    expired = rows.expires_at(settings.session_timeout_ms) * 1000
    last_received_at = max(row.last_received_at for row in rows.rows)
    return max(expired, last_received_at) + settings.close_after_ms


@dataclass(slots=True)
class _DueRows:
    """The rows to close, by site. Beyond MAX_DUE_ROWS, the sites with the most rows lose their
    newest: the next run finds them again."""

    by_site: dict[str, list[ActiveSession]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    has_dropped: bool = False

    def add(self, row: ActiveSession) -> None:
        # A release before 0.2 did not count a row's events; many marks stand for any number.
        events = row.events or (MAX_SESSION_EVENTS if row.is_truncated else 1)
        bare = replace(row, views=frozenset(), other_events=frozenset(), events=events)
        self.by_site[row.site].append(bare)
        self.count += 1
        if self.count >= 2 * MAX_DUE_ROWS:
            self._drop()

    def take(self) -> list[list[ActiveSession]]:
        """Return the rows of each site, oldest first, so that those of a day are together."""
        if self.count > MAX_DUE_ROWS:
            self._drop()
        return [sorted(rows, key=_age) for rows in self.by_site.values()]

    def _drop(self) -> None:
        share = self._share()
        for site, rows in self.by_site.items():
            self.by_site[site] = sorted(rows, key=_age)[:share]
        self.count = sum(map(len, self.by_site.values()))
        self.has_dropped = True

    def _share(self) -> int:
        """Return how many rows each site may have."""
        left, sizes = MAX_DUE_ROWS, sorted(map(len, self.by_site.values()))
        for number, size in enumerate(sizes):
            share = left // (len(sizes) - number)
            if size > share:
                return max(share, 1)
            left -= size
        return MAX_DUE_ROWS


@dataclass(slots=True)
class _Run:
    context: Context
    has_time: Callable[[], bool]
    report: Report
    closer: Closer
    _due: _DueRows = field(default_factory=_DueRows)
    _tried: set[str] = field(default_factory=set)  # the rows that are no more for this run

    def run(self) -> None:
        """Read and close; once more if more rows were due than could be kept."""
        known = self.context.tables.site_registry.row_count() or RowCount()
        parts = max(-(-known.rows // ROWS_PER_PART), 1)
        share = parts if known.rows <= ROWS_PER_RUN else -(-parts // RUNS_PER_ROUND)
        first = known.next_part % parts
        if share < parts:
            # If this run dies at a row, the next one begins elsewhere.
            self.context.tables.site_registry.put_row_count(
                RowCount(known.rows, (first + share) % parts)
            )
        numbers = [number % parts for number in range(first, first + share)]
        rows = self._read(numbers, parts)
        if rows:
            # Of the parts that this run has not read, what was known before.
            unread = known.rows * (parts - len(rows)) // parts
            count = RowCount(sum(rows) + unread, (first + len(rows)) % parts)
            if count.rows > ROWS_PER_PART or known.rows > ROWS_PER_PART:
                self.context.tables.site_registry.put_row_count(count)
        self._close_due()
        while self._due.has_dropped and self.has_time():
            self._due = _DueRows()
            for number in numbers:
                for page in self.context.tables.active_scan.pages(
                    segment=number, segments=parts
                ):
                    self._keep_due(page.rows)
            self._close_due()

    def _read(self, numbers: Sequence[int], parts: int) -> list[int]:
        """Read these parts of the table; return the rows of each part that there was time
        for."""
        found: list[int] = []
        for number in numbers:
            rows = self._read_part(number, parts)
            if rows is None:
                break
            found.append(rows)
        return found

    def _read_part(self, part: int, parts: int) -> int | None:
        """Read a part; return its number of rows, or None if there was no time for all of
        them."""
        pictures: dict[str, LiveSnapshot] = defaultdict(
            lambda: LiveSnapshot(self.context.settings, self.context.now)
        )
        related: list[ActiveSession] = []  # may be one session with another row of the part
        rows = 0
        is_one_page = parts == 1
        # What has just changed is not due, and all that is done here has its conditions.
        pages = self.context.tables.active_scan.pages(
            segment=part, segments=parts, consistent=False
        )
        for page in pages:
            is_one_page = is_one_page and rows == 0 and page.is_complete
            rows += len(page.rows)
            if not is_one_page:
                for row in page.rows:
                    if row.related_ids and len(related) < MAX_RELATED_ROWS:
                        related.append(row)
                    else:
                        pictures[row.site].add(JoinedRows((row,)))
            self._process_page(page)
            if not (page.is_complete or self.has_time()):
                return None
        for some in join_rows(related, self.context.settings.session_timeout_ms):
            pictures[some.site].add(some)
        for site, picture in pictures.items():
            delete_at = self.context.now // 1000 + SNAPSHOT_SECONDS
            with self.report.failing_alone(site):
                told = fits_item(picture.to_dict())
                self.context.tables.rollups.put_snapshot(site, part, parts, told, delete_at)
        return rows

    def _process_page(self, page: TablePage) -> None:
        for closing in page.pending_closes:
            with self.report.failing_alone(closing.close_id):
                self._tried |= self.closer.resume(closing)
        with self.report.failing_alone("salts"):
            self.context.tables.salts.delete(
                day
                for day, delete_at in page.salts.items()
                if delete_at * 1000 <= self.context.now
            )
        for key, aside_at in page.quarantined.items():
            self.report.rows_quarantined += 1
            if aside_at <= self.context.now - RETRY_AFTER_MS:
                with self.report.failing_alone(key):
                    self.context.tables.quarantine.restore(key)
        for key in page.unreadable:
            self.closer.fail(key)
        due = self._keep_due(page.rows)
        self.report.rows_due += len(due)
        self.report.rows_open += len(page.rows) - len(due)
        for row in due:
            behind = (self.context.now - closable_at(row, self.context.settings)) // 1000
            self.report.lag_seconds = max(self.report.lag_seconds, behind)

    def _keep_due(self, rows: Iterable[ActiveSession]) -> list[ActiveSession]:
        due = [
            row for row in rows if closable_at(row, self.context.settings) <= self.context.now
        ]
        for row in due:
            if row.session_id not in self._tried:
                self._due.add(row)
        return due

    def _close_due(self) -> None:
        turns, suspects = [], []
        for rows in self._due.take():
            with self.report.failing_alone(rows[0].site):
                some = self._joined(rows)
                suspects += [[one] for one in some if _has_failed(one)]
                turns.append(transaction_batches([one for one in some if not _has_failed(one)]))
        for batch in (*_in_turn(turns), *suspects):
            if not self.has_time():
                return
            self._tried.update(*(rows.ids for rows in batch))
            self.closer.close(batch)

    def _joined(self, rows: Sequence[ActiveSession]) -> list[JoinedRows]:
        """Join the rows of a site with those of the same session, except rows that are not due
        yet or must not be touched."""
        related_ids = self.context.tables.active_sessions.with_relatives(
            [row for row in rows if row.related_ids]
        )
        by_id = related_ids | {row.session_id: row for row in rows}
        asked = {row.session_id for row in rows}
        return [
            some
            for some in join_rows(by_id.values(), self.context.settings.session_timeout_ms)
            if not asked.isdisjoint(some.ids)
            and self._tried.isdisjoint(some.ids)
            and joined_closable_at(some, self.context.settings) <= self.context.now
        ]


def _has_failed(rows: JoinedRows) -> bool:
    return any(row.failures for row in rows.rows)


def _in_turn(turns: Sequence[Iterator[list[JoinedRows]]]) -> Iterator[list[JoinedRows]]:
    """Yield the first of each, then the second of each, and so on."""
    waiting = list(turns)
    while waiting:
        for turn in list(waiting):
            batch = next(turn, None)
            if batch is None:
                waiting.remove(turn)
            else:
                yield batch


def _age(row: ActiveSession) -> tuple[int, str]:
    return row.start_time, row.session_id
