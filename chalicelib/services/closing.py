"""Closing takes rows across: from ActiveSessions into Rollups, in one transaction.

    rows ─▶ their events ─▶ sessions ─▶ one transaction:  recents    into Rollups
                                                          rows       out of ActiveSessions
                                                          closing#   what is still to do
                                        then:             outlines   into Sessions
                                                          closing#   done

A session is a row or in Rollups, never both, never neither. A run that dies between the two
steps leaves a `closing#` item, and the next one finishes its work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from chalicelib.domain.active_session import ActiveSession
from chalicelib.domain.outline import outline
from chalicelib.domain.packing import LARGEST_SEGMENT, pack
from chalicelib.domain.session import Session, sessions_of
from chalicelib.services.compact import mark_due
from chalicelib.services.days import day_of, kept_until
from chalicelib.services.report import Report
from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import Leftover
from chalicelib.storage.dynamodb import TransactionRefused, Unavailable
from chalicelib.storage.rollups import Recent
from chalicelib.storage.tables import Tables

MOST_ACTIONS = 100  # of a transaction
MOST_FAILURES = 3  # then a row is set aside
# What events can raise that make no sense, or that make something which no item holds.
BROKEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Ended:
    """A row that is due, the sessions that its events make, and the days that they are of."""

    row: ActiveSession
    sessions: Sequence[Session]
    days: frozenset[str]


@dataclass(frozen=True, slots=True)
class Closing:
    """Closes rows; `now` in ms. With a `pool` the events of several are read at a time."""

    tables: Tables
    settings: Settings
    now: int
    report: Report
    pool: Executor | None = None

    def batches(self, rows: Sequence[ActiveSession]) -> Iterator[list[Ended]]:
        """The rows, of one site, as many at a time as a transaction takes: a row is an action,
        a day is one, and what remains to be done is one."""
        some: list[Ended] = []
        days: set[str] = set()
        for one in self._ended(rows):
            if len(some) + 1 + len(days | one.days) + 1 > MOST_ACTIONS:
                yield some
                some, days = [], set()
            some.append(one)
            days |= one.days
        if some:
            yield some

    def close(self, ended: Sequence[Ended]) -> None:
        """Close these rows together, without those to which an event has come since they were
        read. One that cannot be closed does not keep back the others."""
        while ended:
            try:
                self._take_across(ended)
            except TransactionRefused as refused:
                ended = [one for at, one in enumerate(ended) if at not in refused.failed]
            except Unavailable:
                self.report.rows_failed += [one.row.session_id for one in ended]
                return
            except BROKEN:
                if len(ended) == 1:
                    self.fail(ended[0].row.session_id)
                    return
                half = len(ended) // 2
                self.close(ended[:half])
                ended = ended[half:]
            else:
                return

    def finish(self, leftover: Leftover) -> None:
        """Do what a run that died after its transaction has left."""
        try:
            sessions = [
                session
                for session_id in sorted(leftover.session_ids)
                for session in self._sessions_under(session_id)
            ]
        except Unavailable as cause:
            self.report.unavailable = str(cause)
            return
        self._settle(leftover, sessions)

    def fail(self, key: str) -> None:
        """Count a row that cannot be closed; the third time it is set aside."""
        self.report.rows_failed.append(key)
        if self.tables.active.count_failure(key) >= MOST_FAILURES:
            self.tables.active.set_aside(key, now=self.now)
            self.report.rows_aside += 1

    def _ended(self, rows: Sequence[ActiveSession]) -> Iterator[Ended]:
        each = self.pool.map if self.pool else map
        for row, ended in zip(rows, each(self._tried, rows), strict=True):
            if isinstance(ended, Unavailable):
                # Left as it is: the next run finds it again.
                self.report.rows_failed.append(row.session_id)
                self.report.unavailable = str(ended)
                continue
            if ended is None:
                self.fail(row.session_id)
                continue
            if not ended.sessions:
                # Its opener died between the row and the event, and nobody sent it again.
                self.report.rows_empty += 1
            yield ended

    def _tried(self, row: ActiveSession) -> Ended | Unavailable | None:
        """None where the row's events make no sense; Unavailable where they, or the key that
        its user_id is hashed with, cannot be read now."""
        try:
            # First of all: without it, reading the events would be for nothing.
            self.tables.visitor_key.for_users([row.user_id])
            sessions = self._sessions_under(row.session_id)
            days = frozenset(day_of(session.started_at, self.settings) for session in sessions)
        except BROKEN:
            return None
        except Unavailable as cause:
            return cause
        return Ended(row, sessions, days)

    def _sessions_under(self, session_id: str) -> list[Session]:
        events = list(self.tables.events.of_session(session_id))
        return sessions_of(
            events,
            visitor_key=self.tables.visitor_key.for_users(one.user_id for one in events),
            timeout_ms=self.settings.session_timeout_ms,
        )

    def _take_across(self, ended: Sequence[Ended]) -> None:
        """Raise ValueError where the sessions of a day are too large together."""
        recents = self._recents(ended)
        if len(ended) > 1 and any(len(one.packed) > LARGEST_SEGMENT for one in recents):
            raise ValueError("too large for an item")
        leftover = Leftover(_closing_id(ended), frozenset(one.row.session_id for one in ended))
        rollups, active = self.tables.rollups, self.tables.active
        self.tables.database.transact(
            [
                *active.delete_actions(one.row for one in ended),
                active.leftover_action(leftover, now=self.now),
                *(
                    rollups.recent_action(one, delete_at=kept_until(one.day, self.settings))
                    for one in recents
                ),
            ]
        )
        sessions = [session for one in ended for session in one.sessions]
        self._settle(leftover, sessions)
        self.report.sessions_closed += len(sessions)

    def _settle(self, leftover: Leftover, sessions: Sequence[Session]) -> None:
        """What follows the transaction. Safe to repeat."""
        self.tables.sessions.put_many([outline(session) for session in sessions])
        mark_due(sessions, self.tables, self.settings, self.now)
        self.tables.register.add_sites(frozenset(session.site for session in sessions))
        self.tables.active.settle(leftover)

    def _recents(self, ended: Sequence[Ended]) -> list[Recent]:
        by_day: dict[str, list[Session]] = {}
        for one in ended:
            for session in one.sessions:
                by_day.setdefault(day_of(session.started_at, self.settings), []).append(session)
        return [
            Recent(sessions[0].site, day, _closing_id(ended), pack(sessions))
            for day, sessions in sorted(by_day.items())
        ]


def _closing_id(ended: Sequence[Ended]) -> str:
    """One and the same for the same rows: whoever closes them a second time is refused."""
    names = ",".join(sorted(one.row.session_id for one in ended))
    return hashlib.blake2b(names.encode(), digest_size=8).hexdigest()
