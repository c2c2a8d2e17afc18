"""A history passes the same events to the product and to the ledger, and compares the
results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from chalicelib.services.collect.collect import Outcome, collect
from chalicelib.services.jobs.compact import compact
from chalicelib.services.jobs.expire import expire_sessions
from testing.fake_dynamodb.faults import Crash, at_call, crash, fail, throttle, time_out
from tests.histories.ledger import Request
from tests.histories.plain import Seen
from tests.histories.readers import Readers

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
RETRY_MS = 3_000

BREAKAGES: dict[str, Callable[[], object]] = {
    "crash": crash,
    "fail": fail,
    "throttle": throttle,
    "time out": time_out,
}


@dataclass(frozen=True)
class Fault:
    """What fails, or happens in between, at the call with this number."""

    kind: str  # one of BREAKAGES, "job", "reader" or "visitor"
    call: int
    after: bool = False  # after it is done: its answer is lost


@dataclass
class History(Readers):
    most_recents: int = 2  # of a day that is running, before they are put together
    visitor: Callable[[], None] = lambda: None  # who comes while a job runs
    has_crashed: bool = False  # whether a job has

    def visit(self, request: Request, fault: Fault | None = None) -> None:
        """Send new events. A tracker without a response sends them again some seconds later."""
        self.notice_closings()
        own = {row.session_id for row in self.ledger.own_rows(request)}
        outcomes: list[Outcome] = []
        try:
            with self._fault(fault):
                outcomes = self._send(request)
        except Crash:
            self.restart()
            self.now += RETRY_MS
            outcomes = self._send(request)
        self.notice_closings()
        statuses = {str(outcome.status) for outcome in outcomes}
        assert statuses <= ({"stored", "duplicate"} if fault else {"stored"}), outcomes
        answered = {str(outcome.event_id): str(outcome.session_id) for outcome in outcomes}
        for position, event in enumerate(request.events):
            event.position = position
            event.received = self._received(answered[event.event_id], event.event_id)
        known = {id_: self._known(id_, own) for id_ in answered.values()} if fault else {}
        self.ledger.accept(request, answered, self.now, known)

    def _known(self, session_id: str, own: set[str]) -> set[str]:
        """Return the rows that a new one belongs to after a concurrent process: those from
        before the visit that still exist."""
        table = self.world.tables.database.client.tables[self.world.tables.active_sessions.name]
        item = table.partitions[session_id][""]
        return own & set(item.get("earlier", {}).get("SS", ()))

    def _received(self, session_id: str, event_id: str) -> int:
        """Return when the event first arrived: a retry does not store what a crash has
        stored."""
        table = self.world.tables.database.client.tables[self.world.tables.events.name]
        return int(table.partitions[session_id][event_id]["received_at"]["N"])

    def repeat(self, request: Request) -> None:
        """Send a request again; it changes nothing."""
        ledger = self.ledger
        for event, outcome in zip(request.events, self._send(request), strict=True):
            place = ledger.places[event.event_id]
            assert outcome.status == "duplicate", outcome
            assert outcome.session_id in ledger.moved.get(place, {place}), outcome

    def engage(self, request: Request, view: Seen, ms: int, depth: int | None) -> None:
        """Send engagement with a page view."""
        body = {
            "event_type": "engagement",
            "event_id": view.event_id,
            "page_url": f"https://www.{request.site}{view.page}",
            "engaged_ms": ms,
            "scroll_depth": depth,
            **_who(request),
        }
        counts = self.ledger.engage(request, view.event_id, ms, depth, self.now)
        (outcome,) = self._collect([body], request)
        assert outcome.status == ("stored" if counts else "dropped"), outcome

    def _send(self, request: Request) -> list[Outcome]:
        return self._collect([self._body(request, event) for event in request.events], request)

    def _collect(self, bodies: Sequence[object], request: Request) -> list[Outcome]:
        return collect(bodies, request.person.sender, self.world.context(self.now))

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

    def run_job(self, fault: Fault | None = None, stops_after: int | None = None) -> None:
        """Run the job, which may fail; `stops_after` is the number of steps it has time for."""
        steps = iter(range(stops_after)) if stops_after is not None else None
        has_time = (lambda: next(steps, None) is not None) if steps else (lambda: True)
        try:
            with self._fault(fault):
                self._job(has_time)
        except Crash:
            self.has_crashed = True
            self.restart()
        self.notice_closings()

    def _job(self, has_time: Callable[[], bool] = lambda: True) -> None:
        context = self.world.context(self.now)
        report = expire_sessions(context, has_time=has_time)
        assert self.has_crashed or report.rows_failed == []
        compact(context, has_time=has_time, max_recents=self.most_recents)

    def notice_closings(self) -> None:
        """Find the rows that are gone, without a call and thus without a fault."""
        table = self.world.tables.database.client.tables[self.world.tables.active_sessions.name]
        self.ledger.close(table.partitions, self.now)

    def restart(self) -> None:
        """Make the next call from a process with an empty cache."""
        self.world = self.world.restarted()

    def _fault(self, fault: Fault | None) -> Any:
        if fault is None:
            return nullcontext()
        between = {"job": self._job, "reader": self.look_at_all, "visitor": self.visitor}
        do = (between | BREAKAGES)[fault.kind]
        client = self.world.tables.database.client
        return at_call(client, fault.call, do, after=fault.after)

    def look_amid(self, site: str, fault: Fault) -> None:
        """Read while another process changes something."""
        self.look(site, self._fault(fault))
        self.notice_closings()

    def settle(self, days: int) -> None:
        """Let time pass until every session is closed."""
        self.now += days * DAY_MS
        self.restart()
        self.run_job()
        self.run_job()
        contents = self.world.tables.active_scan.read()
        assert contents.rows == contents.pending_closes == contents.unreadable == []
        assert all(row.is_closed for row in self.ledger.rows.values())


def _who(request: Request) -> dict[str, Any]:
    return {
        "session_id": request.named or request.person.name,
        "user_id": request.user_id,
    }
