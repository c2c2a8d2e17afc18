"""Rebuilding recomputes the Rollups of a period with the current time zone and rules.

    a session whose events are stored      from its events
    a session whose events have expired    as it is in Rollups
    a session that Rollups has lost        from its summary in Sessions: its metrics, but only
                                           the first and the last of its pages

First, every day gets all sessions that belong to it; then, sessions that belong to another day
are removed. So a session that moves is briefly in both days and never in none. A second run
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.services.closed_sessions import read_days
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact_day import DayCompaction
from chalicelib.services.report_days import day_after, day_before, day_of, month_of
from operate.console import pluralize
from operate.data.rewrite_day import Change, rewrite_day
from operate.data.session_sources import SessionSources, session_from_summary

MAX_UNPACKED_SESSIONS = 2_000  # sessions of a day kept unpacked in memory

Announce = Callable[[str], None]


@dataclass(slots=True)
class _Days:
    """Sessions by day, packed, because a month of them would need much memory."""

    _packed: dict[str, list[bytes]] = field(default_factory=dict)
    _loose: dict[str, list[Session]] = field(default_factory=dict)

    def add(self, day: str, session: Session) -> None:
        loose = self._loose.setdefault(day, [])
        loose.append(session)
        if len(loose) >= MAX_UNPACKED_SESSIONS:
            self._packed.setdefault(day, []).append(write_pack(loose))
            loose.clear()

    def of(self, day: str) -> dict[str, Session]:
        """Return the sessions of the day, by id."""
        parts = self._packed.get(day, [])
        packed = [session for part in parts for session in read_pack(part).sessions()]
        return {one.session_id: one for one in (*packed, *self._loose.get(day, []))}


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Rebuilds the days from the first to the last (YYYY-MM-DD). `now` in ms."""

    sources: SessionSources
    first_day: str
    last_day: str
    now: int

    def run(self, announce: Announce = lambda _: None) -> list[str]:
        """Return the days that have changed."""
        sessions = self._sessions_by_day()
        changed: set[str] = set()
        for remove_moved in (False, True):
            for day in self._days():
                expected = sessions.of(day)
                if rewrite_day(self._work(day), self._change(day, expected, remove_moved)):
                    changed.add(day)
                    announce(f"{day}: {pluralize(len(expected), 'session')}")
        self._mark_due(changed)
        return sorted(changed)

    def _sessions_by_day(self) -> _Days:
        """Return the sessions by the day that they belong to."""
        sources = self.sources
        days = _Days()
        seen: set[str] = set()
        open_ids = sources.open_session_ids()
        summaries = {one.session_id: one for one in sources.summaries()}
        missing_summaries: list[SessionSummary] = []

        def add(session: Session) -> None:
            if session.session_id not in seen and session.site == sources.site:
                seen.add(session.session_id)
                # A pack has no user_id.
                days.add(
                    day_of(session.started_at, sources.settings), replace(session, user_id=None)
                )

        for session in sources.sessions_from_events(
            sources.session_ids_with_events() - open_ids
        ):
            add(session)
            if session.session_id not in summaries and session.site == sources.site:
                missing_summaries.append(summarize_session(session))
        around = (day_before(self.first_day), day_after(self.last_day))
        for day in read_days(sources.site, *around, sources.context):
            for pack in day.packs:
                for session in pack.sessions():
                    add(session)
        for one in summaries.values():
            if one.session_id not in open_ids:
                add(session_from_summary(one))
        table = sources.tables.sessions
        table.put_many([one for one in missing_summaries if table.is_kept(one, now=self.now)])
        return days

    def _change(self, day: str, expected: Mapping[str, Session], remove_moved: bool) -> Change:
        settings = self.sources.settings

        def change(before: list[Session]) -> list[Session]:
            kept = {
                session.session_id: session
                for session in before
                if not remove_moved or day_of(session.started_at, settings) == day
            }
            return list((kept | dict(expected)).values())

        return change

    def _mark_due(self, changed: Iterable[str]) -> None:
        """Queue the months for a new sum, and today for compaction when it is over."""
        tables, site = self.sources.tables, self.sources.site
        today = day_of(self.now, self.sources.settings)
        for days in sorted({*map(month_of, changed), *({today} & set(changed))}):
            tables.compaction_queue.enqueue(day_after(today), days, site)
        if changed:
            tables.site_registry.add_sites(frozenset({site}))

    def _work(self, day: str) -> DayCompaction:
        sources = self.sources
        return DayCompaction(
            sources.site, day, Context(sources.tables, sources.settings, self.now)
        )

    def _days(self) -> Iterator[str]:
        day = self.first_day
        while day <= self.last_day:
            yield day
            day = day_after(day)
