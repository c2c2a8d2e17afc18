"""The steps that turn the recents of a day into packs and a summary, each in a transaction."""

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

MERGED_IDS_KEPT_MS = 10 * 60 * 1000  # a reader takes half a minute at the most
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
        taken = 0
        while len(recents := self._settled(self._recents())) >= max(least, 1):
            step = self._step(recents)
            self.context.tables.database.transact(self._actions(step))
            taken += len(step.recents)
        return taken

    def finish(self) -> tuple[int, bool]:
        """Merge all recents and store the summary. Return how many were merged, and whether the
        day is finished: not while an interrupted closing is pending."""
        taken = 0
        while True:
            recents = self._recents()
            settled = self._settled(recents)
            step = self._step(settled)
            is_last = len(step.recents) == len(recents)
            actions = self._actions(step)
            if is_last and (step.recents or not self._has_summary()):
                actions += self._summary_actions(step)
            if actions:
                self.context.tables.database.transact(actions)
            taken += len(step.recents)
            if is_last or not step.recents:
                return taken, is_last

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

    def _step(self, recents: Sequence[Recent]) -> MergePlan:
        """Plan the next merge: as many recents as fit one transaction, into the day's last
        pack, or a new one if that would be too large."""
        if not recents:
            return MergePlan()
        some = _first(recents)
        last = self.context.tables.rollups.last_pack(self.site, self.day)
        if last is not None:
            packed = _merged([last.packed, *(recent.packed for recent in some)])
            if len(packed) <= MAX_PACK_BYTES:
                return MergePlan(some, self._with_recents(last, packed, some))
        packed = _merged(recent.packed for recent in some)
        while len(packed) > MAX_PACK_BYTES and len(some) > 1:
            some = some[: len(some) // 2]
            packed = _merged(recent.packed for recent in some)
        new = StoredPack(self.site, self.day, last.number + 1 if last else 0)
        return MergePlan(some, self._with_recents(new, packed, some))

    def _with_recents(
        self, pack: StoredPack, packed: bytes, recents: Sequence[Recent]
    ) -> StoredPack:
        named = {
            recent_id: at
            for recent_id, at in pack.merged_recent_ids.items()
            if at > self.context.now - MERGED_IDS_KEPT_MS
        }
        absorbed = named | {recent.recent_id: self.context.now for recent in recents}
        return replace(pack, packed=packed, merged_recent_ids=absorbed)

    def _actions(self, step: MergePlan) -> list[Any]:
        if step.pack is None:
            return []
        rollups, delete_at = (
            self.context.tables.rollups,
            kept_until(self.day, self.context.settings),
        )
        return [
            rollups.pack_action(
                replace(step.pack, version=step.pack.version + 1),
                expected_version=step.pack.version,
                delete_at=delete_at,
            ),
            *map(rollups.delete_recent_action, step.recents),
        ]

    def _summary_actions(self, step: MergePlan) -> list[Any]:
        """Return the actions that store the summary of the day's packs after the step."""
        stored = list(self.context.tables.rollups.packs(self.site, self.day, self.day))
        packs = {pack.number: pack for pack in stored}
        basis = sum(pack.version for pack in stored)
        if step.pack is not None:
            packs[step.pack.number] = step.pack
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
    some: list[Recent] = []
    size = 0
    for recent in recents[:RECENTS_PER_PLAN]:
        size += len(recent.packed)
        if some and size > BYTES_PER_PLAN:
            break
        some.append(recent)
    return some


def _merged(packed: Iterable[bytes]) -> bytes:
    return write_pack(
        [session for content in packed for session in read_pack(content).sessions()]
    )
