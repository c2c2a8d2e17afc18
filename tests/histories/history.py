"""A history tells the product and the ledger the same story, and compares what they make of
it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.services.collect import Outcome, collect
from chalicelib.services.compact import compact
from chalicelib.services.expire import expire_sessions
from chalicelib.services.realtime import realtime
from chalicelib.services.session_list import session_list
from chalicelib.services.stats import stats
from tests.dynamodb.faults import Crash, at_call, crash, fail, throttle, time_out
from tests.histories.ledger import Ledger, Request
from tests.histories.people import SITES
from tests.histories.plain import Seen, day_of
from tests.histories.questions import Question, expected_answer
from tests.world import World

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
RETRY_MS = 3_000

# While a session is open its row has no more than these; the page views tell the rest later.
LIVE_FIGURES = (
    "sessions", "pageviews", "events", "views_per_session", "bounce_rate", "session_duration",
)  # fmt: skip
BREAKAGES: dict[str, Callable[[], object]] = {
    "crash": crash,
    "fail": fail,
    "throttle": throttle,
    "time out": time_out,
}


@dataclass(frozen=True)
class Fault:
    """What goes wrong, or comes in between, at the call of that number."""

    kind: str  # one of BREAKAGES, "job", "reader" or "visitor"
    call: int
    after: bool = False  # after it is done: its answer is lost


@dataclass
class History:
    world: World
    now: int  # ms
    most_recents: int = 2  # of a day that is running, before they are put together
    visitor: Callable[[], None] = lambda: None  # who comes while a job runs
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.zone)

    @property
    def zone(self) -> ZoneInfo:
        return self.world.settings.report_timezone

    # Visitors

    def visit(self, request: Request, fault: Fault | None = None) -> None:
        """Send new events. A tracker that gets no answer sends them again some seconds
        later."""
        self.notice_closings()
        expected = self.ledger.expected_row(request)
        outcomes: list[Outcome] = []
        try:
            with self._fault(fault):
                outcomes = self._send(request)
        except Crash:
            self.restart()
            self.now += RETRY_MS
            outcomes = self._send(request)
        self.notice_closings()
        possible = {expected and expected.session_id}
        now_expected = self.ledger.expected_row(request)
        possible.add(now_expected and now_expected.session_id)
        self._check_placed(outcomes, possible, is_first=fault is None)
        self.ledger.accept(request, str(outcomes[0].session_id), self.now)

    def repeat(self, request: Request) -> None:
        """Send what was sent before: nothing changes."""
        outcomes = self._send(request)
        expected = [self.ledger.places[event.event_id] for event in request.events]
        found = [(outcome.status, outcome.session_id) for outcome in outcomes]
        assert found == [("duplicate", session_id) for session_id in expected], found
        row = self.ledger.rows.get(request.named or "")
        (event, *others) = request.events
        if row and not others and expected == [row.session_id]:
            self.ledger.touch(row, event, self.now)

    def engage(self, request: Request, view: Seen, ms: int, depth: int | None) -> None:
        """The reader of a page view has engaged with it."""
        row = self.ledger.rows.get(request.named) if request.named else None
        if request.named is None:
            row = self.ledger.last_row(request)
        body = {
            "event_type": "engagement",
            "event_id": view.event_id,
            "page_url": f"https://www.{request.site}{view.page}",
            "engaged_ms": ms,
            "scroll_depth": depth,
            **_who(request),
        }
        counts = self.ledger.engage(row, request.site, view.event_id, ms, depth, self.now)
        (outcome,) = self._collect([body], request)
        assert outcome.status == ("stored" if counts else "dropped"), outcome

    def _send(self, request: Request) -> list[Outcome]:
        return self._collect([self._body(request, event) for event in request.events], request)

    def _collect(self, bodies: Sequence[object], request: Request) -> list[Outcome]:
        world = self.world
        return collect(bodies, request.person.sender, world.tables, world.settings, self.now)

    def _body(self, request: Request, event: Seen) -> dict[str, Any]:
        referrer = event.arrival.referrer
        return {
            "event_type": event.event_type,
            "event_id": event.event_id,
            "page_url": f"https://www.{request.site}{event.page}{event.arrival.query}",
            "referrer": referrer and referrer.replace("SITE", request.site),
            "age": self.now - event.at,
            "language": event.person.language,
            "screen": event.person.screen,
            "props": dict(event.props),
            **_who(request),
        }

    def _check_placed(
        self,
        outcomes: Sequence[Outcome],
        possible: set[str | None],
        *,
        is_first: bool,
    ) -> None:
        statuses = {str(outcome.status) for outcome in outcomes}
        assert statuses <= ({"stored"} if is_first else {"stored", "duplicate"}), outcomes
        (session_id,) = {outcome.session_id for outcome in outcomes}
        if session_id not in possible:
            assert None in possible, f"{session_id} and not one of {possible}"
            assert session_id not in self.ledger.rows, f"{session_id} is no new session"

    # Jobs

    def run_job(self, fault: Fault | None = None, stops_after: int | None = None) -> None:
        """One run of the job, which may break; `stops_after` is for how many steps it has
        time."""
        steps = iter(range(stops_after)) if stops_after is not None else None
        has_time = (lambda: next(steps, None) is not None) if steps else (lambda: True)
        try:
            with self._fault(fault):
                self._job(has_time)
        except Crash:
            self.restart()
        self.notice_closings()

    def _job(self, has_time: Callable[[], bool] = lambda: True) -> None:
        tables, settings = self.world.tables, self.world.settings
        report = expire_sessions(tables, settings, self.now, has_time=has_time)
        assert report.rows_failed == []
        compact(tables, settings, self.now, has_time=has_time, most_recents=self.most_recents)

    def notice_closings(self) -> None:
        """Which rows are gone; without a call, and so without a fault."""
        table = self.world.tables.database.client.tables[self.world.tables.active.name]
        self.ledger.close(table.partitions, self.now)

    def restart(self) -> None:
        """The next call is made by a process that has nothing in memory."""
        self.world = self.world.restarted()

    def _fault(self, fault: Fault | None) -> Any:
        if fault is None:
            return nullcontext()
        between = {"job": self._job, "reader": self.look_at_all, "visitor": self.visitor}
        do = (between | BREAKAGES)[fault.kind]
        client = self.world.tables.database.client
        return at_call(client, fault.call, do, after=fault.after)

    def settle(self, days: int) -> None:
        """Let time pass until everything has closed."""
        self.now += days * DAY_MS
        self.restart()
        self.run_job()
        self.run_job()
        contents = self.world.tables.active.contents()
        assert contents.rows == contents.leftovers == contents.unreadable == []
        assert all(row.is_closed for row in self.ledger.rows.values())

    # Readers

    def look_at_all(self) -> None:
        for site in SITES:
            self.look(site)

    def look(self, site: str, fault: Fault | None = None) -> None:
        """At any moment each session is seen once, in its row or closed."""
        sessions = self.ledger.sessions(site)
        if not sessions:
            return
        first = min(day_of(session.started_at, self.zone) for session in sessions)
        last = max(day_of(self.now, self.zone), first)
        asked = Question(first, last, self.zone.key, dimensions=("page",))
        with self._fault(fault):
            found = self._stats(asked, site)["totals"]
        expected = expected_answer(asked, sessions)["totals"]
        assert _live(found) == _live(expected)
        if fault is None:
            self.look_at_realtime(site)
            self.list_all(site, first, last)
        else:
            self.notice_closings()

    def look_at_realtime(self, site: str) -> None:
        found = realtime(site, self.world.tables, self.world.settings, self.now)
        rows = self.ledger.open_rows(site)
        first_minute = (self.now // MINUTE_MS - 29) * MINUTE_MS
        events = [event for row in rows for event in row.events.values()]
        views = [e for e in events if e.is_page_view and e.at >= first_minute]
        assert found["pageviews"] == len(views)
        assert sum(minute["pageviews"] for minute in found["series"]) == len(views)
        assert found["open_sessions"] == sum(self.now < row.expires_at for row in rows)

    def list_all(self, site: str, first: date, last: date) -> None:
        """A reader who turns the pages of the list finds each session once, newest first."""
        found: list[tuple[str, int]] = []
        cursor: str | None = ""
        while cursor is not None:
            asked = {"site": site, "period": "custom", "limit": "2"}
            asked |= {"from": first.isoformat(), "to": last.isoformat()}
            asked |= {"cursor": cursor} if cursor else {}
            page = session_list(asked, self.world.tables, self.world.settings, self.now)
            found += [(one["start_time"], one["page_count"]) for one in page["sessions"]]
            cursor = page["cursor"]
        expected = [
            (_iso(session.started_at, self.zone), session.pageviews)
            for session in sorted(self.ledger.sessions(site), key=lambda one: -one.started_at)
        ]
        assert sorted(found) == sorted(expected)
        starts = [datetime.fromisoformat(start) for start, _ in found]
        assert starts == sorted(starts, reverse=True)

    def ask(self, question: Question) -> None:
        """Every figure of the answer is that of the plain lists."""
        for site in SITES:
            sessions = self.ledger.sessions(site)
            if not sessions and question.conditions:
                continue
            found = self._stats(question, site)
            expected = expected_answer(question, sessions)
            for name, figures in expected.items():
                assert found[name] == figures, (question, name)

    def check_sessions_table(self) -> None:
        """Sessions repeats what Rollups has, each session once."""
        stored = [
            (item["site"], item["start_time"], item["page_count"], item["events"])
            for item in self.world.items("sessions")
        ]
        expected = [
            (session.site, session.started_at, session.pageviews, session.events)
            for site in SITES
            for session in self.ledger.sessions(site)
        ]
        assert sorted(stored) == sorted(expected)

    def _stats(self, question: Question, site: str) -> dict[str, Any]:
        world = self.world
        return stats(question.parameters(site), world.tables, world.settings, self.now)


def _iso(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at // 1000, zone).isoformat()


def _who(request: Request) -> dict[str, Any]:
    return {
        "session_id": request.named or request.person.name,
        "user_id": request.user_id,
    }


def _live(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in LIVE_FIGURES}
