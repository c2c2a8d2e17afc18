"""Closing takes rows across: from ActiveSessions into Rollups, in one transaction.

    a mark        closing#  into ActiveSessions: a later run that finds it knows what was begun
    rows ─▶ their events ─▶ sessions ─▶ one transaction:  recents    into Rollups
                                                          rows       out of ActiveSessions
                                        then:             events     under one id
                                                          outlines   into Sessions
                                                          the mark   out of ActiveSessions

A session is a row or in Rollups, never both, never neither. Where a run dies after the
transaction, the rows are gone and the mark is there: the next run finishes the work. Where it
dies before, both are there: the next runs leave these rows alone, then count a failed attempt
for each, and try them one by one.

Rows that are one session together are closed as one. After the transaction their events are
moved under one id, and a note of each is left under the other ids. Until then they stay where
they were collected: an event that comes in between may still take such rows apart.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.domain.collection.event import Event
from chalicelib.domain.packs.pack_writer import MAX_PACK_BYTES, write_pack
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.domain.sessions.session import Session, build_sessions
from chalicelib.domain.sessions.session_limits import MAX_SESSION_BYTES, MAX_SESSION_EVENTS
from chalicelib.domain.sessions.session_summary import summarize_session
from chalicelib.services.context import Context
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
from chalicelib.storage.rollup_table.rollups import Recent

MAX_ACTIONS = 100  # of a transaction
MAX_ROWS = 95  # closed together: each is an action of the transaction, and so is each day
# What is read at a time, so that a run needs little memory however long sessions are.
MAX_EVENTS_AT_ONCE, MAX_BYTES_AT_ONCE = 5 * MAX_SESSION_EVENTS, 5 * MAX_SESSION_BYTES
MAX_FAILURES = 3  # then a row is set aside
# Longer than a run can take (the function's timeout is 55 s): a mark that old is of a run that
# died.
MAX_RUN_MS = 2 * 60 * 1000


@dataclass(frozen=True, slots=True)
class ClosableRow:
    """Rows that are due, their sessions, and the days of these."""

    rows: JoinedRows
    sessions: Sequence[Session]
    days: frozenset[str]


@dataclass(frozen=True, slots=True)
class Closer:
    """Closes rows. With a `pool` it reads the events of several at once."""

    context: Context
    report: Report
    pool: Executor | None = None

    def close(self, some: Sequence[JoinedRows]) -> None:
        """Close these rows of one site, at most a batch, except those that received an event
        since they were read. A row that cannot be closed does not hold back the others."""
        try:
            with self._marked(some) as closing:
                self._commit(self._ended(some), closing)
        except Unavailable as cause:
            self._report_failed(some, cause)

    def resume(self, closing: PendingClose) -> frozenset[str]:
        """Finish what an earlier run left. Return the rows that this run must not touch:
        another run is closing them, or has died while closing one."""
        rows = self._settle_gone(closing)
        pending_closes = self.context.tables.pending_closes
        is_own = closing.close_id in pending_closes.abandoned
        if rows and not is_own and self.context.now - closing.began_at < MAX_RUN_MS:
            return rows
        # The mark goes before its rows are counted: one of several runs counts, and only once.
        is_first = pending_closes.complete(closing.close_id)
        if is_own:
            return frozenset()
        if is_first:
            for session_id in sorted(rows):
                self.fail(session_id)
        return rows

    def fail(self, key: str, *, is_final: bool = False) -> None:
        """Count a failure of a row; quarantine it at the third one, or at once."""
        self.report.rows_failed.append(key)
        try:
            if self.context.tables.quarantine.count_failure(key) >= MAX_FAILURES or is_final:
                self.context.tables.quarantine.add(key, now=self.context.now)
                self.report.rows_quarantined += 1
        except Unavailable as cause:
            self.report.unavailable = str(cause)

    @contextmanager
    def _marked(self, some: Sequence[JoinedRows]) -> Iterator[PendingClose]:
        """Store a mark while these rows are closed. If DynamoDB fails, the mark stays, and no
        failure of the rows is counted."""
        closing = _closing(some, self.context.now)
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

    def _ended(self, some: Sequence[JoinedRows]) -> list[ClosableRow]:
        each = self.pool.map if self.pool else map
        found: list[ClosableRow] = []
        for rows, ended in zip(some, each(self._load_sessions, some), strict=True):
            if isinstance(ended, ClosableRow):
                # Without events its opener died between the row and the event, and nobody sent
                # it again.
                self.report.rows_empty += not ended.sessions
                found.append(ended)
            elif isinstance(ended, Unavailable):
                self._report_failed([rows], ended)
            else:
                for row_id in sorted(rows.ids):
                    self.fail(row_id, is_final=isinstance(ended, TooManyEvents))
        return found

    def _load_sessions(self, rows: JoinedRows) -> ClosableRow | Exception:
        """Load the sessions, or return why these rows cannot be closed."""
        try:
            return self._read(rows)
        except (*BAD_DATA_ERRORS, TooManyEvents, Unavailable) as error:
            return error

    def _read(self, rows: JoinedRows) -> ClosableRow:
        # First of all: without it, reading the events would be for nothing.
        self.context.tables.visitor_key.for_users(row.user_id for row in rows.rows)
        sessions = self._sessions(as_one(events_of_rows(rows, self.context), rows.session_id))
        days = frozenset(
            day_of(session.started_at, self.context.settings) for session in sessions
        )
        return ClosableRow(rows, sessions, days)

    def _sessions(self, events: Sequence[Event]) -> list[Session]:
        return build_sessions(
            events,
            visitor_key=self.context.tables.visitor_key.for_users(
                one.user_id for one in events
            ),
            timeout_ms=self.context.settings.session_timeout_ms,
        )

    def _sessions_of(self, closing: PendingClose) -> list[Session]:
        return [
            session
            for session_id in sorted(closing.session_ids)
            for session in self._sessions(events_of_closing(closing, session_id, self.context))
        ]

    def _commit(self, ended: Sequence[ClosableRow], closing: PendingClose) -> None:
        """Close these rows under a mark of exactly these."""
        rows = [one.rows for one in ended]
        if not rows:
            return
        if closing.row_ids != frozenset().union(*(some.ids for some in rows)):
            with self._marked(rows) as own:
                self._commit(ended, own)
            return
        try:
            self._transact(ended, closing)
        except TransactionCancelled as refused:
            # Rows that are gone may have been taken across by this very transaction, if its
            # answer was lost and it was sent again.
            self._settle_gone(closing)
            self._commit(_not_rejected(ended, refused), closing)
        except Unavailable as cause:
            self._report_failed(rows, cause)
        except BAD_DATA_ERRORS:
            if len(ended) == 1:
                for row_id in sorted(ended[0].rows.ids):
                    self.fail(row_id)
                return
            half = len(ended) // 2
            self._commit(ended[:half], closing)
            self._commit(ended[half:], closing)
        else:
            sessions = [session for one in ended for session in one.sessions]
            self._finalize(closing, sessions)
            self.report.sessions_closed += len(sessions)

    def _transact(self, ended: Sequence[ClosableRow], closing: PendingClose) -> None:
        """Raise ValueError if the sessions are too large together; TransactionCancelled if an
        event arrived for one of these rows, or for another one of their visitors."""
        recents = self._recents(ended, closing.close_id)
        is_large = any(len(one.packed) > MAX_PACK_BYTES for one in recents)
        if len(ended) > 1 and (is_large or _actions(ended) + len(recents) > MAX_ACTIONS):
            raise ValueError("too large for a transaction")
        active, rollups = self.context.tables.active_sessions, self.context.tables.rollups
        self.context.tables.database.transact(
            [
                *active.delete_actions(row for one in ended for row in one.rows.rows),
                *active.check_actions(_others(ended)),
                *(
                    rollups.recent_action(
                        one, delete_at=kept_until(one.day, self.context.settings)
                    )
                    for one in recents
                ),
            ]
        )

    def _settle_gone(self, closing: PendingClose) -> frozenset[str]:
        """Finalize the rows that are gone; return the ids of the others."""
        rows = self.context.tables.active_sessions.existing_ids(closing.row_ids)
        gone = closing.without(rows)
        sessions = self._sessions_of(gone)
        if sessions and self._is_stored(closing, sessions):
            self._finalize(gone, sessions)
        return rows

    def _is_stored(self, closing: PendingClose, sessions: Sequence[Session]) -> bool:
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
        move_events(closing, self.context)
        self.context.tables.sessions.put_many(
            [summarize_session(session) for session in sessions]
        )
        enqueue_days(sessions, self.context)
        self.context.tables.site_registry.add_sites(
            frozenset(session.site for session in sessions)
        )
        site = {session.site for session in sessions}
        if closing.moved and site:
            self.context.tables.sessions.put_moved(
                closing.moved, site=site.pop(), at=self.context.now
            )

    def _recents(self, ended: Sequence[ClosableRow], closing_id: str) -> list[Recent]:
        by_day: dict[str, list[Session]] = {}
        for one in ended:
            for session in one.sessions:
                by_day.setdefault(day_of(session.started_at, self.context.settings), []).append(
                    session
                )
        return [
            Recent(sessions[0].site, day, closing_id, write_pack(sessions))
            for day, sessions in sorted(by_day.items())
        ]

    def _report_failed(self, some: Sequence[JoinedRows], cause: Unavailable) -> None:
        """Report rows that are left as they are; the next run finds them again."""
        self.report.unavailable = str(cause)
        self.report.rows_failed += [row_id for rows in some for row_id in sorted(rows.ids)]


def transaction_batches(joined: Sequence[JoinedRows]) -> Iterator[list[JoinedRows]]:
    """Yield as many rows as fit one transaction and memory."""
    some: list[JoinedRows] = []
    load: Counter[str] = Counter()
    for rows in joined:
        own = _load(rows)
        if some and any(load[name] + own[name] > most for name, most in _LIMITS.items()):
            yield some
            some, load = [], Counter()
        some.append(rows)
        load += own
    if some:
        yield some


_LIMITS = {"rows": MAX_ROWS, "events": MAX_EVENTS_AT_ONCE, "bytes": MAX_BYTES_AT_ONCE}


def _load(rows: JoinedRows) -> Counter[str]:
    """Load everything needed to close these rows."""
    return Counter(
        rows=len(rows.rows) + len(rows.other_rows),
        events=sum(row.events for row in rows.rows),
        bytes=sum(row.size for row in rows.rows),
    )


def _others(ended: Sequence[ClosableRow]) -> list[ActiveSession]:
    """Return the other rows of the same visitors: an event for one of them may have made it one
    session with those that close."""
    own = frozenset().union(*(one.rows.ids for one in ended))
    others = {row.session_id: row for one in ended for row in one.rows.other_rows}
    return [row for row_id, row in others.items() if row_id not in own]


def _actions(ended: Sequence[ClosableRow]) -> int:
    return sum(len(one.rows.rows) for one in ended) + len(_others(ended))


def _not_rejected(
    ended: Sequence[ClosableRow], refused: TransactionCancelled
) -> list[ClosableRow]:
    """Return the rows without those of visitors who received an event."""
    rows = [row for one in ended for row in one.rows.rows] + _others(ended)
    changed = {rows[at].session_id for at in refused.failed if at < len(rows)}
    if not changed:
        raise Unavailable("another run has closed these rows")
    return [
        one
        for one in ended
        if changed.isdisjoint(one.rows.ids)
        and changed.isdisjoint(row.session_id for row in one.rows.other_rows)
    ]


def _closing(some: Sequence[JoinedRows], now: int) -> PendingClose:
    session_ids = frozenset(rows.session_id for rows in some)
    moved = {
        row_id: rows.session_id
        for rows in some
        for row_id in rows.ids
        if row_id != rows.session_id
    }
    return PendingClose(os.urandom(8).hex(), session_ids, now, moved)
