"""Close the sessions that have ended: fold them into Rollups and put their outlines into
Sessions.

    rows that are due ─▶ their events ─▶ sessions ─▶ one transaction:  recents    into Rollups
                                                                       rows       out of
                                                                       ActiveSessions closing#
                                                                       what is still to do
                                                     then:             outlines   into Sessions
                                                                       closing#   done

A session is a row or in Rollups, never both, never neither. A run that dies between the two
steps leaves a `closing#` item, and the next one finishes its work. Any number of runs may
overlap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.active_session import ActiveSession
from chalicelib.domain.outline import outline
from chalicelib.domain.packing import pack
from chalicelib.domain.session import Session, sessions_of
from chalicelib.services.compact import mark_due
from chalicelib.services.days import day_of, kept_until
from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import Leftover
from chalicelib.storage.dynamodb import TransactionRefused, Unavailable
from chalicelib.storage.rollups import Recent
from chalicelib.storage.tables import Tables

MOST_ACTIONS = 100  # of a transaction
MOST_MS_A_BATCH = 8_000
MOST_PACKED_BYTES = 300_000  # of a recent: an item may have 400 KB


@dataclass(frozen=True, slots=True)
class Ended:
    """A row that is due, and the sessions that its events make."""

    row: ActiveSession
    sessions: tuple[Session, ...]


@dataclass(slots=True)
class Report:
    """What a run did. `lag_seconds` is how long the oldest due row had been due when it
    began."""

    sessions_closed: int = 0
    rows_due: int = 0
    rows_open: int = 0
    rows_empty: int = 0
    rows_failed: list[str] = field(default_factory=list)
    lag_seconds: int = 0


def expire_sessions(
    tables: Tables,
    settings: Settings,
    now: int,
    *,
    has_time: Callable[[], bool] = lambda: True,
) -> Report:
    """`now` in ms. Stops when `has_time` says so, and goes on at the next run."""
    contents = tables.active.contents()
    for leftover in contents.leftovers:
        _finish(leftover, tables, settings, now)
    tables.active.delete_salts(
        day for day, delete_at in contents.salts.items() if delete_at * 1000 <= now
    )
    due = [row for row in contents.rows if due_at(row, settings) <= now]
    report = Report(
        rows_due=len(due),
        rows_open=len(contents.rows) - len(due),
        rows_failed=list(contents.unreadable),
        lag_seconds=max((now - due_at(row, settings)) // 1000 for row in due) if due else 0,
    )
    for rows in _by_site(due):
        for some in _transactions(_ended(rows, tables, settings, report), settings):
            if not has_time():
                return report
            _close(some, tables, settings, now, report)
    return report


def until(remaining_ms: Callable[[], int]) -> Callable[[], bool]:
    """Whether enough of the function's time remains to close one more batch."""
    return lambda: remaining_ms() > MOST_MS_A_BATCH


def due_at(row: ActiveSession, settings: Settings) -> int:
    """When the row may be closed, in ms: nobody can add to its session any more, and no
    collector that could before is still running."""
    expired = row.expires_at(settings.session_timeout_ms) * 1000
    return max(expired, row.touched_at) + settings.close_after_ms


def _by_site(rows: Sequence[ActiveSession]) -> Iterator[list[ActiveSession]]:
    """The oldest first, so that the rows of one day stand together."""
    by_site: dict[str, list[ActiveSession]] = {}
    for row in sorted(rows, key=lambda row: (row.start_time, row.session_id)):
        by_site.setdefault(row.site, []).append(row)
    yield from by_site.values()


def _ended(
    rows: Sequence[ActiveSession], tables: Tables, settings: Settings, report: Report
) -> Iterator[Ended]:
    for row in rows:
        sessions = _sessions_under(row.session_id, tables, settings)
        if not sessions:
            # Its opener died between the row and the event, and nobody sent the event again.
            report.rows_empty += 1
        yield Ended(row, tuple(sessions))


def _sessions_under(session_id: str, tables: Tables, settings: Settings) -> list[Session]:
    return sessions_of(
        tables.events.of_session(session_id),
        visitor_key=settings.visitor_key,
        timeout_ms=settings.session_timeout_ms,
    )


def _transactions(ended: Iterator[Ended], settings: Settings) -> Iterator[list[Ended]]:
    """As many rows at a time as fit: a row is an action, a day is one, and what remains is
    one."""
    some: list[Ended] = []
    days: set[str] = set()
    for one in ended:
        days_of_one = {day_of(session.started_at, settings) for session in one.sessions}
        if len(some) + 1 + len(days | days_of_one) + 1 > MOST_ACTIONS:
            yield some
            some, days = [], set()
        some.append(one)
        days |= days_of_one
    if some:
        yield some


def _close(
    ended: list[Ended], tables: Tables, settings: Settings, now: int, report: Report
) -> None:
    """Close these rows together, without those to which an event has come since they were
    read."""
    while ended:
        recents = _recents(ended, settings)
        if len(ended) > 1 and any(len(recent.packed) > MOST_PACKED_BYTES for recent in recents):
            half = len(ended) // 2
            _close(ended[:half], tables, settings, now, report)
            _close(ended[half:], tables, settings, now, report)
            return
        leftover = Leftover(_closing_id(ended), frozenset(one.row.session_id for one in ended))
        actions = [
            *tables.active.delete_actions(one.row for one in ended),
            tables.active.leftover_action(leftover, now=now),
            *(
                tables.rollups.recent_action(one, delete_at=kept_until(one.day, settings))
                for one in recents
            ),
        ]
        try:
            tables.database.transact(actions)
        except TransactionRefused as refused:
            ended = [one for at, one in enumerate(ended) if at not in refused.failed]
            continue
        except Unavailable:
            report.rows_failed += [one.row.session_id for one in ended]
            return
        sessions = [session for one in ended for session in one.sessions]
        _settle(leftover, sessions, tables, settings, now)
        report.sessions_closed += len(sessions)
        return


def _settle(
    leftover: Leftover,
    sessions: Sequence[Session],
    tables: Tables,
    settings: Settings,
    now: int,
) -> None:
    """What follows the transaction. Safe to repeat."""
    tables.sessions.put_many([outline(session) for session in sessions])
    mark_due(sessions, tables, settings, now)
    tables.register.add_sites(frozenset(session.site for session in sessions))
    tables.active.settle(leftover)


def _finish(leftover: Leftover, tables: Tables, settings: Settings, now: int) -> None:
    """Do what a run that died after its transaction has left."""
    sessions = [
        session
        for session_id in sorted(leftover.session_ids)
        for session in _sessions_under(session_id, tables, settings)
    ]
    _settle(leftover, sessions, tables, settings, now)


def _recents(ended: Sequence[Ended], settings: Settings) -> list[Recent]:
    by_day: dict[str, list[Session]] = {}
    for one in ended:
        for session in one.sessions:
            by_day.setdefault(day_of(session.started_at, settings), []).append(session)
    return [
        Recent(sessions[0].site, day, _closing_id(ended), pack(sessions))
        for day, sessions in sorted(by_day.items())
    ]


def _closing_id(ended: Sequence[Ended]) -> str:
    """One and the same for the same rows: whoever closes them a second time is refused."""
    names = ",".join(sorted(one.row.session_id for one in ended))
    return hashlib.blake2b(names.encode(), digest_size=8).hexdigest()
