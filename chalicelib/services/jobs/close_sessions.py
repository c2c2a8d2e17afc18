"""Close rows: move their sessions from ActiveSessions into Rollups, in one transaction.

    1  put a mark                closing# in ActiveSessions: what this run is about to close
    2  read the rows' events     and build their sessions
    3  commit one transaction    recents into Rollups, rows out of ActiveSessions
    4  finalize                  move events under one id, put summaries into Sessions, enqueue
                                 the days for compaction
    5  delete the mark

A session is either a row or in Rollups. If a run dies after the transaction, the rows are gone
and the mark is there: the next run finalizes. If it dies before, both are there: the next runs
leave these rows alone for MAX_RUN_MS, then count a failed attempt for each, and try them one by
one.

Rows that are one session together are closed as one. After the transaction their events are
moved under one id, with a note under the other ids. Until then they stay where they were
collected, because an event that arrives in between may still separate such rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.domain.collection.event import Event
from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.domain.sessions.session import Session, build_sessions
from chalicelib.domain.sessions.session_summary import summarize_session
from chalicelib.services.context import Context
from chalicelib.services.jobs.closing_batch import ClosableRows, ClosingBatch
from chalicelib.services.jobs.compact import enqueue_days
from chalicelib.services.jobs.job_report import BAD_DATA_ERRORS, Report
from chalicelib.services.report_days import day_after, day_before, day_of, kept_until
from chalicelib.services.row_events import (
    as_one,
    events_of_closing,
    events_of_rows,
    move_events,
)
from chalicelib.storage.active_table.pending_closes import PendingClose
from chalicelib.storage.aws.retries import TransactionCancelled, Unavailable
from chalicelib.storage.events import TooManyEvents

MAX_FAILURES = 3  # then a row is quarantined
# Longer than a run can take: the timeout of the function is 55 s.
MAX_RUN_MS = 2 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Closer:
    """Closes rows, and fills in the report of the run. With a `pool` it reads the events of
    several rows at once."""

    context: Context
    report: Report
    pool: Executor | None = None

    def close(self, batch: Sequence[JoinedRows]) -> None:
        """Close these rows of one site, at most a batch, except those that received an event
        since they were read. A row that cannot be closed does not hold back the others."""
        try:
            with self._marked(batch) as closing:
                self._commit(self._load(batch), closing)
        except Unavailable as cause:
            self._report_failed(batch, cause)

    def resume(self, closing: PendingClose) -> frozenset[str]:
        """Finish what an earlier run left. Return the rows that this run must not touch:
        another run is closing them, or has died while closing one."""
        remaining = self._finalize_gone(closing)
        pending_closes = self.context.tables.pending_closes
        is_own = closing.close_id in pending_closes.abandoned
        if remaining and not is_own and self.context.now - closing.began_at < MAX_RUN_MS:
            return remaining
        # The mark goes before its rows are counted: one of several runs counts, and only once.
        is_first = pending_closes.complete(closing.close_id)
        if is_own:
            return frozenset()
        if is_first:
            self._fail_all(remaining)
        return remaining

    def fail(self, key: str, *, is_final: bool = False) -> None:
        """Count a failure of a row; quarantine it at the third one, or at once."""
        self.report.rows_failed.append(key)
        try:
            if self.context.tables.quarantine.count_failure(key) >= MAX_FAILURES or is_final:
                self.context.tables.quarantine.add(key, now=self.context.now)
                self.report.rows_quarantined += 1
        except Unavailable as cause:
            self.report.unavailable = str(cause)

    def _fail_all(self, row_ids: frozenset[str], *, is_final: bool = False) -> None:
        for row_id in sorted(row_ids):
            self.fail(row_id, is_final=is_final)

    def _report_failed(self, batch: Sequence[JoinedRows], cause: Unavailable) -> None:
        """Report rows that are left as they are; the next run finds them again."""
        self.report.unavailable = str(cause)
        self.report.rows_failed += [row_id for rows in batch for row_id in sorted(rows.ids)]

    @contextmanager
    def _marked(self, batch: Sequence[JoinedRows]) -> Iterator[PendingClose]:
        """Store a mark while these rows are closed. If DynamoDB fails, the mark stays, and no
        failure of the rows is counted."""
        closing = _pending_close(batch, self.context.now)
        pending_closes = self.context.tables.pending_closes
        try:
            pending_closes.put(closing)
            yield closing
        except Unavailable:
            pending_closes.abandoned.add(closing.close_id)
            raise
        try:
            pending_closes.complete(closing.close_id)
        except Unavailable as cause:
            pending_closes.abandoned.add(closing.close_id)
            self.report.unavailable = str(cause)

    def _load(self, batch: Sequence[JoinedRows]) -> ClosingBatch:
        """Load the sessions of these rows, without the rows for which that fails."""
        each = self.pool.map if self.pool else map
        closable: list[ClosableRows] = []
        for joined, loaded in zip(batch, each(self._try_to_load, batch), strict=True):
            if isinstance(loaded, ClosableRows):
                # The collector died after putting the row, and nobody sent the event again.
                self.report.rows_empty += not loaded.sessions
                closable.append(loaded)
            elif isinstance(loaded, Unavailable):
                self._report_failed([joined], loaded)
            else:
                self._fail_all(joined.ids, is_final=isinstance(loaded, TooManyEvents))
        return ClosingBatch(closable)

    def _try_to_load(self, joined: JoinedRows) -> ClosableRows | Exception:
        """Return the rows with their sessions, or the error. In a pool, an error that is raised
        would hide the results of the other rows."""
        try:
            # Without the visitor key, there is no use in reading the events.
            self.context.tables.visitor_key.for_users(row.user_id for row in joined.rows)
            events = as_one(events_of_rows(joined, self.context), joined.session_id)
            return ClosableRows(joined, self._sessions(events))
        except (*BAD_DATA_ERRORS, TooManyEvents, Unavailable) as error:
            return error

    def _sessions(self, events: Sequence[Event]) -> list[Session]:
        visitor_key = self.context.tables.visitor_key.for_users(one.user_id for one in events)
        return build_sessions(
            events,
            visitor_key=visitor_key,
            timeout_ms=self.context.settings.session_timeout_ms,
        )

    def _commit(self, batch: ClosingBatch, closing: PendingClose) -> None:
        """Close these rows, under a mark of exactly these."""
        if not batch.closable:
            return
        if closing.row_ids != batch.row_ids:
            with self._marked(batch.joined) as own:
                self._commit(batch, own)
            return
        try:
            self._transact(batch, closing)
        except TransactionCancelled as cancelled:
            # Rows that are gone may have been closed by this very transaction, if its response
            # was lost and it was sent again.
            self._finalize_gone(closing)
            unchanged = batch.without_changed(cancelled.failed)
            if len(unchanged.closable) == len(batch.closable):
                raise Unavailable("another run has closed these rows") from None
            self._commit(unchanged, closing)
        except Unavailable as cause:
            self._report_failed(batch.joined, cause)
        except BAD_DATA_ERRORS:
            if len(batch.closable) == 1:
                self._fail_all(batch.row_ids)
                return
            for half in batch.halves():
                self._commit(half, closing)
        else:
            self._finalize(closing, batch.sessions)
            self.report.sessions_closed += len(batch.sessions)

    def _transact(self, batch: ClosingBatch, closing: PendingClose) -> None:
        """Raise ValueError if the sessions are too large together; TransactionCancelled if an
        event arrived for one of these rows, or for another one of their visitors."""
        settings, tables = self.context.settings, self.context.tables
        recents = batch.recents(closing.close_id, settings)
        if not batch.fits_transaction(recents):
            raise ValueError("too large for a transaction")
        tables.database.transact(
            [
                *tables.active_sessions.delete_actions(batch.rows),
                *tables.active_sessions.check_actions(batch.other_rows),
                *(
                    tables.rollups.recent_action(
                        recent, delete_at=kept_until(recent.day, settings)
                    )
                    for recent in recents
                ),
            ]
        )

    def _finalize_gone(self, closing: PendingClose) -> frozenset[str]:
        """Finalize the rows that are gone; return the ids of the others."""
        remaining = self.context.tables.active_sessions.existing_ids(closing.row_ids)
        gone = closing.without(remaining)
        sessions = [
            session
            for session_id in sorted(gone.session_ids)
            for session in self._sessions(events_of_closing(gone, session_id, self.context))
        ]
        if sessions and self._is_committed(closing, sessions):
            self._finalize(gone, sessions)
        return remaining

    def _is_committed(self, closing: PendingClose, sessions: Sequence[Session]) -> bool:
        """Return whether this closing's transaction was committed: another run, with its own
        mark, may have closed the rows as other sessions."""
        days = {day_of(session.started_at, self.context.settings) for session in sessions}
        # REPORT_TIMEZONE may have changed since.
        around = day_before(min(days)), day_after(max(days))
        return self.context.tables.rollups.has_recent(
            sessions[0].site, *around, recent_id=closing.close_id
        )

    def _finalize(self, closing: PendingClose, sessions: Sequence[Session]) -> None:
        """Do what follows the transaction. Safe to repeat."""
        tables = self.context.tables
        move_events(closing, self.context)
        tables.sessions.put_many([summarize_session(session) for session in sessions])
        enqueue_days(sessions, self.context)
        tables.site_registry.add_sites(frozenset(session.site for session in sessions))
        if closing.moved and sessions:
            site = sessions[0].site
            tables.sessions.put_moved(closing.moved, site=site, at=self.context.now)


def _pending_close(batch: Sequence[JoinedRows], now: int) -> PendingClose:
    session_ids = frozenset(joined.session_id for joined in batch)
    moved = {
        row_id: joined.session_id
        for joined in batch
        for row_id in joined.ids
        if row_id != joined.session_id
    }
    return PendingClose(os.urandom(8).hex(), session_ids, now, moved)
