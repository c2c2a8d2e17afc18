"""The metrics of a site's period, each day from the cheapest source that is complete.

    summary of a month     all days of the month are settled
    summary of a day       the day is settled
    packs and recents      the day is not settled, or its summary is not computed yet
    active sessions        added to the packs of the days on which they started

A day is settled if no session of it is active or in a recent, it is not today, and the period
has all of it. For a period from August 1 to September 8 in the time zone of the reports, at
noon of September 8:

    August 1 to 31         settled                       the summary of August
    September 1 to 5       settled                       their summaries
    September 6            settled, compaction pending   its packs
    September 7            an active session started     its packs, that session
    September 8            today                         its packs and recents

With filters, with props, or in another time zone, no summary has what the query requests.
Settled days are scanned by `services/scanning`, in parallel if they have many sessions; their
summaries only say how many. The other days are read from packs, recents and active sessions.

The order of reading matters: active sessions, then recents, then pending work, then summaries
and packs. A session that moves on meanwhile is in what is read later, and is left out there if
it was read before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.summary import Summary
from chalicelib.domain.packs.pack import Pack, read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.query import Query
from chalicelib.domain.query.scan_request import ScanRequest
from chalicelib.domain.sessions.session import Session
from chalicelib.services.closed_sessions import exclude_closed, merge_by_day
from chalicelib.services.context import Context
from chalicelib.services.report_days import (
    consecutive_days,
    day_of,
    oldest_retained_day,
    report_days_of,
)
from chalicelib.services.reports.stored_summaries import DayCount, read_summaries
from chalicelib.services.scanning.scan_parts import SettledDay, scan_settled
from chalicelib.storage.rollup_table.rollup_items import Recent

MAX_SCANNED_SESSIONS = 2_000_000  # of the days that are not settled


@dataclass(frozen=True, slots=True)
class StatsResult:
    """The metrics; `open_sessions` is the number of active sessions among them. They lack the
    `missing_days`, for which the time did not suffice."""

    summary: Summary
    open_sessions: int
    missing_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class StatsReader:
    """Reads the metrics of a site; `open_sessions` are its active sessions, read before."""

    site: str
    open_sessions: Sequence[Session]
    context: Context

    def read(self, query: Query) -> StatsResult:
        """Raise InvalidQuery if there are too many sessions, or they have been deleted."""
        first = day_of(query.period.start, self.context.settings)
        last = day_of(query.period.end - 1, self.context.settings)
        recents = list(self.context.tables.rollups.recents(self.site, first, last))
        if not self._can_use_summaries(query):
            return self._read_sessions(query, first, last, recents)
        unsettled = self._changing_days(recents) | {
            _name(day) for day in query.period.days if not day.is_whole
        }
        pending = self._pending_days()
        settled = [day for day in map(_name, query.period.days) if day not in unsettled]
        stored = read_summaries(self.site, settled, self.context)
        # A settled day with neither a summary nor pending work has no sessions.
        to_scan = unsettled | (pending - stored.covered_days)
        scanned_days = [day for day in query.period.days if _name(day) in to_scan]
        ranges = consecutive_days(map(_name, scanned_days))
        scanned = self._scan(query, scanned_days, ranges, recents)
        return StatsResult(stored.sum(query) + scanned.summary, scanned.open_sessions)

    def _read_sessions(
        self, query: Query, first: str, last: str, recents: Sequence[Recent]
    ) -> StatsResult:
        """Compute the metrics from the sessions of the days, which start on report days from
        `first` to `last`."""
        self._check_retention([(first, last)])
        names = {
            day: report_days_of(day.start, day.end, self.context.settings)
            for day in query.period.days
        }
        changing = self._changing_days(recents)
        pending = self._pending_days()
        every = dict.fromkeys(chain.from_iterable(names.values()))
        settled_names = [name for name in every if name not in changing]
        counts = read_summaries(self.site, settled_names, self.context).count_days(
            self.context.settings
        )
        changing |= pending - counts.keys()
        to_scan = [day for day in query.period.days if not changing.isdisjoint(names[day])]
        ranges = consecutive_days(
            dict.fromkeys(chain.from_iterable(names[day] for day in to_scan))
        )
        scanned = self._scan(query, to_scan, ranges, recents)
        settled = [
            _settled_day(day, [counts[name] for name in names[day] if name in counts])
            for day in query.period.days
            if changing.isdisjoint(names[day])
        ]
        request = ScanRequest.of_query(self.site, query, ())
        result = scan_settled(request, [one for one in settled if one.sessions], self.context)
        return StatsResult(
            scanned.summary + result.summary, scanned.open_sessions, result.missing_days
        )

    def _can_use_summaries(self, query: Query) -> bool:
        """Return whether summaries have what the query requests."""
        return (
            not query.filters
            and query.period.zone.key == self.context.settings.report_timezone.key
            and all(dimension.name in DIMENSIONS for dimension in query.dimensions)
        )

    def _changing_days(self, recents: Sequence[Recent]) -> set[str]:
        """Return the days without a summary, or with one that may lack a session."""
        settings = self.context.settings
        return {
            day_of(self.context.now, settings),
            *(recent.day for recent in recents),
            *(day_of(session.started_at, settings) for session in self.open_sessions),
        }

    def _pending_days(self) -> set[str]:
        """Return the days that may have packs but no summary yet."""
        return {
            task.target
            for task in self.context.tables.compaction_queue.tasks()
            if self.site in task.sites
        }

    def _scan(
        self,
        query: Query,
        days: Sequence[Day],
        ranges: Sequence[tuple[str, str]],
        recents: Sequence[Recent],
    ) -> StatsResult:
        """Compute the metrics of these days from the sessions that started in the ranges, which
        contain them."""
        self._check_retention(ranges)
        packs = list(self._packs(ranges, recents))
        active = exclude_closed(self._active_in(ranges), packs)
        if active:
            packs.append(read_pack(write_pack(active)))
        summary = aggregate(
            packs,
            days,
            query.period.zone,
            dimensions=query.dimensions,
            filters=query.filters,
        )
        start, end = query.period.start, query.period.end
        in_period = [session for session in active if start <= session.started_at < end]
        return StatsResult(summary, len(in_period))

    def _packs(
        self, ranges: Sequence[tuple[str, str]], recents: Sequence[Recent]
    ) -> Iterator[Pack]:
        sessions = 0
        for first, last in ranges:
            stored = self.context.tables.rollups.packs(self.site, first, last)
            in_range = [recent for recent in recents if first <= recent.day <= last]
            for closed in merge_by_day(in_range, stored):
                sessions += sum(pack.count for pack in closed.packs)
                if sessions > MAX_SCANNED_SESSIONS:
                    raise InvalidQuery(
                        "period",
                        f"period has more than {MAX_SCANNED_SESSIONS:,} sessions on days that "
                        "are still being counted: today, and days with active sessions",
                    )
                yield from closed.packs

    def _active_in(self, ranges: Sequence[tuple[str, str]]) -> Iterator[Session]:
        """Yield the active sessions that started on a day of the ranges."""
        for session in self.open_sessions:
            day = day_of(session.started_at, self.context.settings)
            if any(first <= day <= last for first, last in ranges):
                yield session

    def _check_retention(self, ranges: Sequence[tuple[str, str]]) -> None:
        """Raise InvalidQuery if sessions of the ranges have been deleted."""
        kept = oldest_retained_day(self.context.now, self.context.settings)
        if not ranges or ranges[0][0] >= kept:
            return
        oldest = self.context.tables.rollups.first_day(self.site)
        if oldest is not None and oldest < kept:
            raise InvalidQuery(
                "period",
                f"period must start on {kept} or later: older sessions have been deleted, and "
                "their summaries have no filters, props, other time zones or parts of days",
            )


def _name(day: Day) -> str:
    return day.date.isoformat()


def _settled_day(day: Day, counts: Sequence[DayCount]) -> SettledDay:
    """Return the day with the sessions of the report days that it overlaps."""
    sessions = sum(count.sessions for count in counts)
    return SettledDay(day, sessions, ", ".join(count.version for count in counts))
