"""The stored summaries of settled days: those of whole months, and those of the other days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.metrics.summary import Summary, sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary
from chalicelib.domain.query.query import Query
from chalicelib.services.context import Context
from chalicelib.services.report_days import consecutive_days, day_of, days_of_month, month_of
from chalicelib.settings import Settings


@dataclass(frozen=True, slots=True)
class DayCount:
    """The number of sessions of a day, and the version of the summary that has it."""

    sessions: int
    version: str


@dataclass(frozen=True, slots=True)
class StoredSummaries:
    """Packed summaries by month and by day, and the versions of both."""

    months: Mapping[str, bytes]
    days: Mapping[str, bytes]
    versions: Mapping[str, int]

    @property
    def covered_days(self) -> set[str]:
        """Return the days that have a summary, or whose month has one."""
        return {*chain.from_iterable(map(days_of_month, self.months)), *self.days}

    def sum(self, query: Query) -> Summary:
        """Add up the summaries, with the dimensions of the query."""
        names = {dimension.name for dimension in query.dimensions}
        packed = chain(self.months.values(), self.days.values())
        return sum_summaries(decode_summary(one, names) for one in packed)

    def count_days(self, settings: Settings) -> dict[str, DayCount]:
        """Return the days that have sessions."""
        return {
            day_of(start, settings): DayCount(
                compute_metrics(counters).sessions, f"{name} version {self.versions[name]}"
            )
            for name, packed in chain(self.months.items(), self.days.items())
            for start, counters in decode_summary(packed, ()).days.items()
        }


def read_summaries(site: str, settled: Sequence[str], context: Context) -> StoredSummaries:
    """Read the summaries of months whose days are all settled, and of the other settled
    days."""
    rollups = context.tables.rollups
    whole = [
        month
        for month in sorted(set(map(month_of, settled)))
        if set(days_of_month(month)) <= set(settled)
    ]
    months = [stored for stored in rollups.months(site, whole) if stored.packed is not None]
    in_months = {stored.month for stored in months}
    days = [
        stored
        for first, last in consecutive_days(
            day for day in settled if month_of(day) not in in_months
        )
        for stored in rollups.summaries(site, first, last)
    ]
    versions = {stored.month: stored.version for stored in months}
    versions |= {stored.day: stored.source_version for stored in days}
    return StoredSummaries(
        {stored.month: stored.packed for stored in months if stored.packed is not None},
        {stored.day: stored.packed for stored in days},
        versions,
    )
