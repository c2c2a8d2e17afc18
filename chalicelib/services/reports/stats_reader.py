"""The metrics of a site's period, from the cheapest source: the summaries of finished months
and days, the sessions of all other days, and active sessions.

A summary can be used for a day without recents and active sessions, if there are no filters and
the days are those of the site's time zone. The order of reading matters: active sessions, then
recents, then pending work, then summaries and packs. A session that moves on meanwhile is in
what is read later, and left out there if it was read before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.summary import Summary, sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary
from chalicelib.domain.packs.pack import Pack, read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.query import Query
from chalicelib.domain.sessions.session import Session
from chalicelib.services.closed_sessions import exclude_closed, merge_by_day
from chalicelib.services.context import Context
from chalicelib.services.report_days import (
    day_after,
    day_of,
    days_of_month,
    month_of,
    oldest_retained_day,
)
from chalicelib.storage.rollup_table.rollups import Recent

MAX_SCANNED_SESSIONS = 2_000_000  # that one answer is counted from


@dataclass(frozen=True, slots=True)
class StatsResult:
    """The metrics; `open_sessions` is the number of active sessions among them."""

    summary: Summary
    open_sessions: int


@dataclass(frozen=True, slots=True)
class StatsReader:
    """Reads the metrics of a site; `open_sessions` were read before."""

    site: str
    open_sessions: Sequence[Session]
    context: Context

    def read(self, query: Query) -> StatsResult:
        """Raise InvalidQuery if there are too many sessions, or they have been deleted."""
        first = day_of(query.period.start, self.context.settings)
        last = day_of(query.period.end - 1, self.context.settings)
        recents = list(self.context.tables.rollups.recents(self.site, first, last))
        if not self._can_use_summaries(query):
            return self._aggregate(query, query.period.days, [(first, last)], recents)
        uncertain = self._days_needing_sessions(query, recents)
        due = self._due()
        settled = [
            name for day in query.period.days if (name := day.date.isoformat()) not in uncertain
        ]
        months = self._months(settled, query)
        in_months = set(chain.from_iterable(map(days_of_month, months)))
        days = self._days([day for day in settled if day not in in_months], query)
        to_count = uncertain | (due - in_months - days.keys())
        counted_days = [day for day in query.period.days if day.date.isoformat() in to_count]
        runs = _runs([day.date for day in counted_days])
        counted = self._aggregate(query, counted_days, runs, recents)
        summary = sum_summaries([*months.values(), *days.values(), counted.summary])
        return StatsResult(summary, counted.open_sessions)

    def _can_use_summaries(self, query: Query) -> bool:
        """Return whether summaries have what the query asks for."""
        return (
            not query.filters
            and query.period.zone.key == self.context.settings.report_timezone.key
            and all(dimension.name in DIMENSIONS for dimension in query.dimensions)
        )

    def _days_needing_sessions(self, query: Query, recents: Sequence[Recent]) -> set[str]:
        """Return the days without a summary, or with one that may lack a session."""
        return {
            day_of(self.context.now, self.context.settings),
            *(recent.day for recent in recents),
            *(
                day_of(session.started_at, self.context.settings)
                for session in self.open_sessions
            ),
            *(day.date.isoformat() for day in query.period.days if not day.is_whole),
        }

    def _due(self) -> set[str]:
        """Return the days that may have packs but no summary yet."""
        return {
            task.target
            for task in self.context.tables.compaction_queue.tasks()
            if self.site in task.sites
        }

    def _months(self, settled: Collection[str], query: Query) -> dict[str, Summary]:
        """Return the summaries of whole months, by month."""
        names = {dimension.name for dimension in query.dimensions}
        whole = [
            month
            for month in sorted(set(map(month_of, settled)))
            if set(days_of_month(month)) <= set(settled)
        ]
        return {
            month.month: decode_summary(month.packed, names)
            for month in self.context.tables.rollups.months(self.site, whole)
            if month.packed is not None
        }

    def _days(self, settled: Sequence[str], query: Query) -> dict[str, Summary]:
        """Return the summaries of days, by day."""
        names = {dimension.name for dimension in query.dimensions}
        return {
            stored.day: decode_summary(stored.packed, names)
            for first, last in _runs([date.fromisoformat(day) for day in settled])
            for stored in self.context.tables.rollups.summaries(self.site, first, last)
        }

    def _aggregate(
        self,
        query: Query,
        days: Sequence[Day],
        runs: Sequence[tuple[str, str]],
        recents: Sequence[Recent],
    ) -> StatsResult:
        """Compute the metrics of these days from the sessions of the runs that contain them."""
        self._check_retention(runs)
        segments = list(self._packs(runs, recents))
        in_runs = [
            session
            for session in self.open_sessions
            if any(
                first <= day_of(session.started_at, self.context.settings) <= last
                for first, last in runs
            )
        ]
        remaining = exclude_closed(in_runs, segments)
        if remaining:
            segments.append(read_pack(write_pack(remaining)))
        summary = aggregate(
            segments,
            days,
            query.period.zone,
            dimensions=query.dimensions,
            filters=query.filters,
        )
        period = query.period
        is_in = [period.start <= session.started_at < period.end for session in remaining]
        return StatsResult(summary, sum(is_in))

    def _packs(
        self, runs: Sequence[tuple[str, str]], recents: Sequence[Recent]
    ) -> Iterator[Pack]:
        sessions = 0
        for first, last in runs:
            stored = self.context.tables.rollups.segments(self.site, first, last)
            some = [recent for recent in recents if first <= recent.day <= last]
            for closed in merge_by_day(some, stored):
                sessions += sum(segment.count for segment in closed.segments)
                if sessions > MAX_SCANNED_SESSIONS:
                    raise InvalidQuery(
                        "period",
                        "period is too long: with filters, props or another time zone, at most "
                        f"{MAX_SCANNED_SESSIONS:,} sessions can be counted",
                    )
                yield from closed.segments

    def _check_retention(self, runs: Sequence[tuple[str, str]]) -> None:
        kept = oldest_retained_day(self.context.now, self.context.settings)
        if not runs or runs[0][0] >= kept:
            return
        oldest = self.context.tables.rollups.first_day(self.site)
        if oldest is not None and oldest < kept:
            raise InvalidQuery(
                "period",
                f"period must start on {kept} or later: older sessions have been deleted, and "
                "their summaries have no filters, props, other time zones or parts of days",
            )


def _runs(days: Sequence[date]) -> list[tuple[str, str]]:
    """Yield the first and the last day of each run of consecutive days."""
    runs: list[tuple[str, str]] = []
    for day in (day.isoformat() for day in days):
        if runs and day_after(runs[-1][1]) == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
