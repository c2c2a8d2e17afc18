"""Merges the recents of a day into packs, and summarizes the day, in transactions.

Recents go into the day's last pack if they fit, or else into a new one:

    recents R1 R2 R3, pack 0 of 280 KB    R1 R2 R3 do not fit: they become pack 1
    recent R4, packs 0 and 1              R4 fits into pack 1, which is written again
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.summary_codec import encode_summary
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import MAX_PACK_BYTES, write_pack
from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.services.context import Context
from chalicelib.services.report_days import kept_until, month_of, report_day
from chalicelib.storage.rollup_table.rollup_items import Recent, StoredPack, StoredSummary

MERGED_IDS_KEPT_MS = 10 * 60 * 1000  # a reader takes half a minute at most
RECENTS_PER_PLAN = 97  # a transaction has 100 actions; pack, summary and month are the others
BYTES_PER_PLAN = 2_000_000  # of recents: a transaction may touch 4 MB


@dataclass(frozen=True, slots=True)
class MergePlan:
    """Recents, and the pack that includes them."""

    recents: Sequence[Recent] = ()
    pack: StoredPack | None = None


@dataclass(frozen=True, slots=True)
class DayCompaction:
    """Methods raise TransactionCancelled if another run was first; then nothing has changed."""

    site: str
    day: str
    context: Context

    def merge_recents(self, least: int) -> int:
        """Merge recents into packs while there are at least `least`; return how many were
        merged."""
        merged = 0
        while len(recents := self._settled(self._recents())) >= max(least, 1):
            plan = self._plan(recents)
            self.context.tables.database.transact(self._actions(plan))
            merged += len(plan.recents)
        return merged

    def finish(self) -> tuple[int, bool]:
        """Merge all recents and store the summary. Return how many were merged, and whether the
        day is finished: not while an interrupted closing is pending."""
        merged = 0
        while True:
            recents = self._recents()
            settled = self._settled(recents)
            plan = self._plan(settled)
            is_last = len(plan.recents) == len(recents)
            actions = self._actions(plan)
            if is_last and (plan.recents or not self._has_summary()):
                actions += self._summary_actions(plan)
            if actions:
                self.context.tables.database.transact(actions)
            merged += len(plan.recents)
            if is_last or not plan.recents:
                return merged, is_last

    def _recents(self) -> list[Recent]:
        return list(self.context.tables.rollups.recents(self.site, self.day, self.day))

    def _settled(self, recents: Sequence[Recent]) -> list[Recent]:
        """Return the recents without those of a closing whose sessions may not be in Sessions
        yet."""
        pending = self.context.tables.pending_closes.unfinished(
            {recent.recent_id for recent in recents}
        )
        return [recent for recent in recents if recent.recent_id not in pending]

    def _has_summary(self) -> bool:
        return any(
            True for _ in self.context.tables.rollups.summaries(self.site, self.day, self.day)
        )

    def _plan(self, recents: Sequence[Recent]) -> MergePlan:
        """Plan the next merge: as many recents as fit one transaction, into the day's last
        pack, or a new one if that would be too large."""
        if not recents:
            return MergePlan()
        fitting = _first(recents)
        last = self.context.tables.rollups.last_pack(self.site, self.day)
        if last is not None:
            packed = _merge([last.packed, *(recent.packed for recent in fitting)])
            if len(packed) <= MAX_PACK_BYTES:
                return MergePlan(fitting, self._with_recents(last, packed, fitting))
        packed = _merge(recent.packed for recent in fitting)
        while len(packed) > MAX_PACK_BYTES and len(fitting) > 1:
            fitting = fitting[: len(fitting) // 2]
            packed = _merge(recent.packed for recent in fitting)
        new = StoredPack(self.site, self.day, last.number + 1 if last else 0)
        return MergePlan(fitting, self._with_recents(new, packed, fitting))

    def _with_recents(
        self, pack: StoredPack, packed: bytes, recents: Sequence[Recent]
    ) -> StoredPack:
        recent_merges = {
            recent_id: at
            for recent_id, at in pack.merged_recent_ids.items()
            if at > self.context.now - MERGED_IDS_KEPT_MS
        }
        merged_recent_ids = recent_merges | {
            recent.recent_id: self.context.now for recent in recents
        }
        return replace(pack, packed=packed, merged_recent_ids=merged_recent_ids)

    def _actions(self, plan: MergePlan) -> list[Any]:
        if plan.pack is None:
            return []
        rollups = self.context.tables.rollups
        delete_at = kept_until(self.day, self.context.settings)
        return [
            rollups.pack_action(
                replace(plan.pack, version=plan.pack.version + 1),
                expected_version=plan.pack.version,
                delete_at=delete_at,
            ),
            *map(rollups.delete_recent_action, plan.recents),
        ]

    def _summary_actions(self, plan: MergePlan) -> list[Any]:
        """Return the actions that store the summary of the day's packs after the merge."""
        stored = list(self.context.tables.rollups.packs(self.site, self.day, self.day))
        packs = {pack.number: pack for pack in stored}
        basis = sum(pack.version for pack in stored)
        if plan.pack is not None:
            packs[plan.pack.number] = plan.pack
            basis += 1
        return summary_actions(self, packs, basis) if packs else []


def summary_actions(
    work: DayCompaction, packs: Mapping[int, StoredPack], basis: int
) -> list[Any]:
    """Return the actions that store the summary of these packs, and enqueue the day's month."""
    zone = work.context.settings.report_timezone
    summary = aggregate(
        [read_pack(pack.packed) for pack in packs.values()],
        [report_day(work.day, work.context.settings)],
        zone,
        dimensions=tuple(DIMENSIONS.values()),
    )
    rollups = work.context.tables.rollups
    return [
        rollups.summary_action(
            StoredSummary(work.site, work.day, encode_summary(summary), basis)
        ),
        rollups.month_changed_action(work.site, month_of(work.day)),
    ]


def _first(recents: Sequence[Recent]) -> list[Recent]:
    """Return as many recents as fit one transaction."""
    fitting: list[Recent] = []
    size = 0
    for recent in recents[:RECENTS_PER_PLAN]:
        size += len(recent.packed)
        if fitting and size > BYTES_PER_PLAN:
            break
        fitting.append(recent)
    return fitting


def _merge(packed: Iterable[bytes]) -> bytes:
    return write_pack(
        [session for content in packed for session in read_pack(content).sessions()]
    )
