"""The rows that are closed together, as many as fit one transaction and memory.

The actions of the transaction, in this order:

    delete    each row of the sessions      if no event has arrived since it was read
    check     the visitors' other rows      likewise: the event may have made them one session
    put       a recent for each day         with the sessions that started on that day
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.packs.pack_writer import MAX_PACK_BYTES, write_pack
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import MAX_SESSION_BYTES, MAX_SESSION_EVENTS
from chalicelib.services.report_days import day_of
from chalicelib.settings import Settings
from chalicelib.storage.rollup_table.rollup_items import Recent

MAX_ACTIONS = 100  # of a transaction
# What is read at a time, so that a run needs little memory however long sessions are. Each row
# is an action of the transaction, and so is each day.
MAX_PER_BATCH = {
    "rows": 95,
    "events": 5 * MAX_SESSION_EVENTS,
    "bytes": 5 * MAX_SESSION_BYTES,
}


def transaction_batches(joined: Sequence[JoinedRows]) -> Iterator[list[JoinedRows]]:
    """Split rows into batches of at most MAX_PER_BATCH; larger rows are alone in theirs."""
    batch: list[JoinedRows] = []
    load: Counter[str] = Counter()
    for rows in joined:
        own = _load(rows)
        if batch and any(load[name] + own[name] > most for name, most in MAX_PER_BATCH.items()):
            yield batch
            batch, load = [], Counter()
        batch.append(rows)
        load += own
    if batch:
        yield batch


def _load(rows: JoinedRows) -> Counter[str]:
    return Counter(
        rows=len(rows.rows) + len(rows.other_rows),
        events=sum(row.events for row in rows.rows),
        bytes=sum(row.size for row in rows.rows),
    )


@dataclass(frozen=True, slots=True)
class ClosableRows:
    """Rows that are due, and the sessions of their events; none if they have no events."""

    joined: JoinedRows
    sessions: Sequence[Session]


@dataclass(frozen=True, slots=True)
class ClosingBatch:
    """Rows that are closed in one transaction."""

    closable: Sequence[ClosableRows]

    @property
    def joined(self) -> list[JoinedRows]:
        return [one.joined for one in self.closable]

    @property
    def row_ids(self) -> frozenset[str]:
        return frozenset(row.session_id for row in self.rows)

    @property
    def rows(self) -> list[ActiveSession]:
        """The rows to delete."""
        return [row for one in self.closable for row in one.joined.rows]

    @property
    def other_rows(self) -> list[ActiveSession]:
        """The rows to check: an event for one of them may have made it one session with those
        that close."""
        own_ids = self.row_ids
        others = {row.session_id: row for one in self.closable for row in one.joined.other_rows}
        return [row for row_id, row in others.items() if row_id not in own_ids]

    @property
    def sessions(self) -> list[Session]:
        return [session for one in self.closable for session in one.sessions]

    def recents(self, close_id: str, settings: Settings) -> list[Recent]:
        by_day: dict[str, list[Session]] = defaultdict(list)
        for session in self.sessions:
            by_day[day_of(session.started_at, settings)].append(session)
        return [
            Recent(sessions[0].site, day, close_id, write_pack(sessions))
            for day, sessions in sorted(by_day.items())
        ]

    def fits_transaction(self, recents: Sequence[Recent]) -> bool:
        """Return whether these recents, and as many actions, fit. Rows of one session always
        do: joining and collecting limit them."""
        if len(self.closable) == 1:
            return True
        actions = len(self.rows) + len(self.other_rows) + len(recents)
        return actions <= MAX_ACTIONS and all(
            len(one.packed) <= MAX_PACK_BYTES for one in recents
        )

    def halves(self) -> tuple[ClosingBatch, ClosingBatch]:
        half = len(self.closable) // 2
        return ClosingBatch(self.closable[:half]), ClosingBatch(self.closable[half:])

    def without_changed(self, failed: Collection[int]) -> ClosingBatch:
        """Leave out the visitors with an action whose condition failed: they sent an event, or
        another run was faster. `failed` are positions in the transaction."""
        rows = [*self.rows, *self.other_rows]
        changed = {rows[at].session_id for at in failed if at < len(rows)}
        return ClosingBatch(
            [
                one
                for one in self.closable
                if changed.isdisjoint(one.joined.ids)
                and changed.isdisjoint(row.session_id for row in one.joined.other_rows)
            ]
        )
