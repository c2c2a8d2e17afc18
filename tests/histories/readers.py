"""Readers compare responses with the plain lists of the ledger."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.sessions.active_session import MAX_MARKERS
from chalicelib.web.reading.reports import realtime, session_list, stats
from tests.histories.ledger import Ledger
from tests.histories.people import SITES
from tests.histories.plain import LONGEST_MS, TIMEOUT_MS, day_of
from tests.histories.questions import Question, expected_answer
from tests.world import World

MINUTE_MS = 60_000

# While a session is open its row has no more than these; the page views tell the rest later.
LIVE_FIGURES = (
    "sessions", "pageviews", "events", "views_per_session", "bounce_rate", "session_duration",
)  # fmt: skip


@dataclass
class Readers:
    """`now` is in ms."""

    world: World
    now: int
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.zone)

    @property
    def zone(self) -> ZoneInfo:
        return self.world.settings.report_timezone

    def look_at_all(self) -> None:
        for site in SITES:
            self.look(site)

    def look(self, site: str, interrupted: AbstractContextManager[Any] | None = None) -> None:
        """At any time each session is found once, active or closed."""
        sessions = self.ledger.sessions(site)
        if not sessions or any(
            len(row.events) >= MAX_MARKERS for row in self.ledger.open_rows(site)
        ):
            return  # of a full row live figures say that they lack something
        first = min(day_of(session.started_at, self.zone) for session in sessions)
        last = max(day_of(self.now, self.zone), first)
        asked = Question(first, last, self.zone.key, dimensions=("page",))
        with interrupted or nullcontext():
            result = self._stats(asked, site)["totals"]
        expected = expected_answer(asked, sessions)["totals"]
        assert _live(result) == _live(expected)
        if interrupted is None:
            self.look_at_realtime(site)
            self.list_all(site, first, last)

    def look_at_realtime(self, site: str) -> None:
        result = realtime({"site": site}, self.world.context(self.now))
        rows = self.ledger.open_rows(site)
        first_minute = (self.now // MINUTE_MS - 29) * MINUTE_MS
        events = [event for row in rows for event in row.events.values()]
        views = [e for e in events if e.is_page_view and e.at >= first_minute]
        assert result["pageviews"] == len(views)
        assert sum(minute["pageviews"] for minute in result["series"]) == len(views)
        assert result["open_sessions"] == sum(
            self.now < -(-(session.active_until + TIMEOUT_MS) // 1000) * 1000
            and self.now < session.started_at + LONGEST_MS
            for session in self.ledger.open_sessions(site)
        )

    def list_all(self, site: str, first: date, last: date) -> None:
        """Paging through the list finds each session once, newest first."""
        results: list[tuple[str, int]] = []
        cursor: str | None = ""
        while cursor is not None:
            parameters = {"site": site, "period": "custom", "limit": "2"}
            parameters |= {"from": first.isoformat(), "to": last.isoformat()}
            parameters |= {"cursor": cursor} if cursor else {}
            page = session_list(parameters, self.world.context(self.now))
            results += [(one["start_time"], one["page_count"]) for one in page["sessions"]]
            cursor = page["cursor"]
        expected = [
            (_iso(session.started_at, self.zone), session.pageviews)
            for session in sorted(self.ledger.sessions(site), key=lambda one: -one.started_at)
        ]
        assert sorted(results) == sorted(expected)
        starts = [datetime.fromisoformat(start) for start, _ in results]
        assert starts == sorted(starts, reverse=True)

    def ask(self, question: Question) -> None:
        """Every number of the response equals that of the plain lists."""
        for site in SITES:
            sessions = self.ledger.sessions(site)
            if not sessions and question.conditions:
                continue
            result = self._stats(question, site)
            expected = expected_answer(question, sessions)
            for name, figures in expected.items():
                assert result[name] == figures, (question, name)

    def check_sessions_table(self) -> None:
        """Check that the Sessions table has each session of Rollups once."""
        stored = [
            (item["site"], item["start_time"], item["page_count"], item["events"])
            for item in self.world.items("sessions")
            if "moved_to" not in item
        ]
        expected = [
            (session.site, session.started_at, session.pageviews, session.events)
            for site in SITES
            for session in self.ledger.sessions(site)
        ]
        assert sorted(stored) == sorted(expected)

    def _stats(self, question: Question, site: str) -> dict[str, Any]:
        world = self.world
        return stats(question.parameters(site), world.context(self.now))


def _iso(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at // 1000, zone).isoformat()


def _live(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in LIVE_FIGURES}
