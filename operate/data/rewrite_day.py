"""Rewriting replaces the sessions of a day: its packs, its summary and the sum of its month.
Rebuilding and erasing use it.

A day is replaced in one transaction of up to MAX_UNITS write units. All of it is in one
partition, which accepts 1,000 units a second; unused capacity of the last five minutes may
allow more. If DynamoDB throttles the transaction, it is split into transactions of one second
each, with pauses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import MAX_PACK_BYTES, write_packs
from chalicelib.domain.sessions.session import Session
from chalicelib.services.jobs.compact_day import DayCompaction, summary_actions
from chalicelib.services.report_days import day_of, kept_until, month_of
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import TransactionCancelled, Unavailable
from chalicelib.storage.rollup_table.rollup_items import Recent, StoredPack
from operate.errors import CommandError

ATTEMPTS = 5
MAX_ACTIONS = 100  # in a transaction
MAX_UNITS = 6_000  # in a transaction: 3 MB of the 4 MB that DynamoDB accepts
PARTITION_UNITS = (
    1_000  # a partition accepts these each second; docs/decisions/rewriting-a-day.md
)
OVERHEAD_BYTES = 1_000  # of an item besides its packed attribute

Change = Callable[[list[Session]], Iterable[Session]]


def rewrite_day(work: DayCompaction, change: Change) -> bool:
    """Replace the sessions of the day by what `change` returns. Return whether anything
    changed.

    One transaction, so that readers see either version. A day that is too large takes several,
    and its metrics are wrong in between. If interrupted, run it again.
    """
    for _ in range(ATTEMPTS):
        writes = _writes(_read(work), work, change)
        try:
            _write(writes, work.context.tables.database)
        except TransactionCancelled:
            continue  # the job has changed this day in between
        return bool(writes)
    raise CommandError(
        f"The job kept changing {work.site} {work.day}. Run the same command again."
    )


@dataclass(frozen=True, slots=True)
class _Write:
    """An action of a transaction, and the write units that it consumes."""

    action: Any
    units: int


@dataclass(frozen=True, slots=True)
class _Stored:
    recents: Sequence[Recent]
    packs: Mapping[int, StoredPack]

    @property
    def basis(self) -> int:
        return sum(pack.version for pack in self.packs.values())

    def sessions(self) -> list[Session]:
        """Return each session once, in order of start, then id."""
        packed = [one.packed for one in self.recents]
        packed += [one.packed for one in self.packs.values()]
        by_id = {one.session_id: one for part in packed for one in read_pack(part).sessions()}
        return in_order(by_id.values())


def in_order(sessions: Iterable[Session]) -> list[Session]:
    """Return the sessions in the order in which they are packed."""
    return sorted(sessions, key=lambda session: (session.started_at, session.session_id))


def _read(work: DayCompaction) -> _Stored:
    rollups, day = work.context.tables.rollups, work.day
    recents = list(rollups.recents(work.site, day, day))
    packs = {one.number: one for one in rollups.packs(work.site, day, day)}
    absorbed = {recent_id for one in packs.values() for recent_id in one.merged_recent_ids}
    return _Stored([one for one in recents if one.recent_id not in absorbed], packs)


def _writes(stored: _Stored, work: DayCompaction, change: Change) -> list[_Write]:
    before = stored.sessions()
    after = in_order(change(list(before)))
    twice = sum(read_pack(one.packed).count for one in stored.packs.values()) + sum(
        read_pack(one.packed).count for one in stored.recents
    ) > len(before)
    if before == after and not twice:
        return [_written(action) for action in _summary_fix(stored, work)]
    rollups = work.context.tables.rollups
    new = _numbered(write_packs(after, MAX_PACK_BYTES), stored, work)
    delete_at = kept_until(work.day, work.context.settings)
    writes = [
        _written(
            rollups.pack_action(
                one, expected_version=_version(stored, number), delete_at=delete_at
            ),
            stored.packs[number].packed if number in stored.packs else b"",
        )
        for number, one in new.items()
    ]
    writes += [
        _written(rollups.delete_pack_action(one), one.packed)
        for number, one in stored.packs.items()
        if number not in new
    ]
    writes += [
        _written(rollups.delete_recent_action(one), one.packed) for one in stored.recents
    ]
    return writes + [_written(action) for action in _figures(new, work)]


def _version(stored: _Stored, number: int) -> int:
    return stored.packs[number].version if number in stored.packs else 0


def _numbered(
    packed: Sequence[bytes], stored: _Stored, work: DayCompaction
) -> dict[int, StoredPack]:
    """Return the new packs. The sum of their versions grows, so that a summary of the old
    ones cannot replace the new summary. They name the merged recents for concurrent readers."""
    absorbed = {recent.recent_id: work.context.now for recent in stored.recents}
    return {
        number: StoredPack(
            work.site,
            work.day,
            number,
            content,
            version=1 + (stored.basis if number == 0 else 0),
            merged_recent_ids=absorbed,
        )
        for number, content in enumerate(packed)
    }


def _figures(packs: Mapping[int, StoredPack], work: DayCompaction) -> list[Any]:
    """Return the actions that write the summary of a past day."""
    rollups = work.context.tables.rollups
    if packs and work.day < day_of(work.context.now, work.context.settings):
        basis = sum(pack.version for pack in packs.values())
        return summary_actions(work, packs, basis)
    return [
        rollups.delete_summary_action(work.site, work.day),
        rollups.month_changed_action(work.site, month_of(work.day)),
    ]


def _summary_fix(stored: _Stored, work: DayCompaction) -> list[Any]:
    """Return the actions that fix a wrong summary of a day whose sessions are correct."""
    if stored.recents or not stored.packs:
        return []
    rollups = work.context.tables.rollups
    (summary, *rest) = summary_actions(work, stored.packs, stored.basis)
    is_over = work.day < day_of(work.context.now, work.context.settings)
    kept = next(iter(rollups.summaries(work.site, work.day, work.day)), None)
    is_right = kept is not None and kept.packed == summary["Put"]["Item"]["packed"]["B"]
    if is_right or not is_over:
        return []
    # The condition would reject a summary of the same source version.
    summary["Put"].pop("ConditionExpression")
    summary["Put"].pop("ExpressionAttributeValues")
    return [summary, *rest]


def _write(writes: Sequence[_Write], database: Database) -> None:
    for some in _transactions(writes, MAX_UNITS):
        try:
            database.transact([write.action for write in some])
        except Unavailable:
            parts = list(_transactions(some, PARTITION_UNITS))
            if len(parts) == 1:
                raise
            for part in parts:
                time.sleep(1)
                database.transact([write.action for write in part])


def _transactions(writes: Sequence[_Write], max_units: int) -> Iterator[list[_Write]]:
    some: list[_Write] = []
    units = 0
    for write in writes:
        if some and (len(some) == MAX_ACTIONS or units + write.units > max_units):
            yield some
            some, units = [], 0
        some.append(write)
        units += write.units
    if some:
        yield some


def _written(action: Mapping[str, Any], before: bytes = b"") -> _Write:
    """Return the units of a write: a transaction consumes two for each KB of the larger of the
    old and the new item. `before` is the old packed attribute."""
    packed = action.get("Put", {}).get("Item", {}).get("packed", {}).get("B", b"")
    size = max(len(packed), len(before)) + OVERHEAD_BYTES
    return _Write(action, units=2 * -(-size // 1024))
