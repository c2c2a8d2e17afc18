"""Rebuilding makes the Rollups of a period again, in the time zone and by the rules of today.

    a session whose events are stored      from its events
    one whose events are gone              as it is in Rollups
    one that Rollups has lost              from its outline in Sessions: its figures, and of its
                                           pages the first and the last

First every day gets all sessions that belong to it, then what belongs elsewhere is taken out: a
session that moves is for a moment in both days, and never in none. Run again, nothing changes.
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
from operate.data.rewrite_day import Change, rewrite_day
from operate.data.session_sources import SessionSources, session_from_summary

PACKED_AT = 2_000  # sessions of a day that are kept unpacked in memory

Say = Callable[[str], None]


@dataclass(slots=True)
class _Days:
    """Sessions by day, packed, for a month of them needs much memory otherwise."""

    _packed: dict[str, list[bytes]] = field(default_factory=dict)
    _loose: dict[str, list[Session]] = field(default_factory=dict)

    def add(self, day: str, session: Session) -> None:
        loose = self._loose.setdefault(day, [])
        loose.append(session)
        if len(loose) >= PACKED_AT:
            self._packed.setdefault(day, []).append(write_pack(loose))
            loose.clear()

    def of(self, day: str) -> dict[str, Session]:
        """By id."""
        parts = self._packed.get(day, [])
        packed = [session for part in parts for session in read_pack(part).sessions()]
        return {one.session_id: one for one in (*packed, *self._loose.get(day, []))}


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Of the days from the first to the last (YYYY-MM-DD), both included; `now` in ms."""

    sources: SessionSources
    first_day: str
    last_day: str
    now: int

    def run(self, say: Say = lambda _: None) -> list[str]:
        """The days that have changed."""
        gathered = self._gathered()
        changed: set[str] = set()
        for takes_out in (False, True):
            for day in self._days():
                wanted = gathered.of(day)
                if rewrite_day(self._work(day), self._change(day, wanted, takes_out)):
                    changed.add(day)
                    say(f"{day}: {len(wanted):,} sessions")
        self._mark_due(changed)
        return sorted(changed)

    def _gathered(self) -> _Days:
        """The sessions by the days that they belong to."""
        sources = self.sources
        found = _Days()
        known: set[str] = set()
        busy = sources.open_session_ids()
        outlines = {one.session_id: one for one in sources.summaries()}
        lacking: list[SessionSummary] = []

        def gather(session: Session) -> None:
            if session.session_id not in known and session.site == sources.site:
                known.add(session.session_id)
                # As it is when it has been packed.
                found.add(
                    day_of(session.started_at, sources.settings), replace(session, user_id=None)
                )

        for session in sources.sessions_from_events(sources.session_ids_with_events() - busy):
            gather(session)
            if session.session_id not in outlines and session.site == sources.site:
                lacking.append(summarize_session(session))
        around = (day_before(self.first_day), day_after(self.last_day))
        for day in read_days(sources.site, *around, sources.context):
            for segment in day.segments:
                for session in segment.sessions():
                    gather(session)
        for one in outlines.values():
            if one.session_id not in busy:
                gather(session_from_summary(one))
        table = sources.tables.sessions
        table.put_many([one for one in lacking if table.is_kept(one, now=self.now)])
        return found

    def _change(self, day: str, wanted: Mapping[str, Session], takes_out: bool) -> Change:
        settings = self.sources.settings

        def change(before: list[Session]) -> list[Session]:
            kept = {
                session.session_id: session
                for session in before
                if not takes_out or day_of(session.started_at, settings) == day
            }
            return list((kept | dict(wanted)).values())

        return change

    def _mark_due(self, changed: Iterable[str]) -> None:
        """Have the sums of the months made again, and today put together when it is over."""
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
