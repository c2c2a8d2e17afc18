"""The CPU of realtime with 100 to 1,000,000 active sessions.

    python -m benchmarks.suites.work.realtime_cpu

A dashboard requests realtime every five seconds. Between two requests, sessions open, change
and close as they do on average with this number of them. Up to one page of a scan, each request
updates the process's copy of the rows. With more, every second one does, so the figure is the
mean of two. Beyond 100,000 rows, realtime merges the snapshots that the job stores for each
part of the table. Those of a million sessions are not computed from a million here: each of
the twenty has the maximum of pages, sources and sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from benchmarks.harness.lambda_events import browser
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.suites.work.write_units import START
from benchmarks.targets.fake_wire import FakeService
from benchmarks.targets.in_process_app import InProcessApp, in_process_app
from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.services.jobs.expire import ROWS_PER_PART
from chalicelib.services.reports.live_snapshot import MAX_VALUES, LiveSnapshot
from chalicelib.services.reports.realtime import MAX_LIVE_ROWS
from chalicelib.storage.rollup_table.site_registry import RowCount
from chalicelib.storage.tables import connect
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from traffic_model.model import plan_traffic
from traffic_model.session_script import SITE

MAX_CPU_MS = 25
SIZES = (100, 1_000, 1_500, 10_000, 100_000, 1_000_000)
FIRST_SIZES = (1_500, 100_000)  # for which the first request of a process is measured
STORED_ROWS = 10_000  # beside the snapshots
KINDS = 400  # different rows; the others repeat them for other visitors
INTERVAL_MS = 5_000
REQUESTS_PER_ROUND, ROUNDS = 2, 5
FEW_ROUNDS = 2  # for the largest table: the fake one takes seconds to read
REQUESTS_PER_SESSION, OPEN_MS = 4, 33 * 60_000


def measure() -> Iterator[Result]:
    kinds = open_rows()
    for size in SIZES:
        tables = fake_dynamodb()
        service = FakeService(tables)
        with in_process_app(service) as app:
            dashboard = _OpenDashboard(app, service, kinds)
            if size <= MAX_LIVE_ROWS:
                dashboard.open_rows(size)
            else:
                dashboard.open_rows(STORED_ROWS)
                store_snapshots(app, size)
            dashboard.request()
            first = [dashboard.first_request() for _ in range(FEW_ROUNDS)]
            rounds = ROUNDS if size < MAX_LIVE_ROWS else FEW_ROUNDS
            fastest = min(dashboard.round() for _ in range(rounds))
        yield Result(f"realtime with {size:,} active sessions, CPU", fastest, "ms", MAX_CPU_MS)
        if size in FIRST_SIZES:
            name = f"realtime with {size:,} active sessions, first request of a process, CPU"
            yield Result(name, min(first), "ms")


@dataclass(slots=True)
class _OpenDashboard:
    """Requests realtime while visitors come and go. The active rows are numbered from `_oldest`
    to before `_next`."""

    app: InProcessApp
    service: FakeService
    kinds: list[dict[str, Any]]
    at: int = START
    _oldest: int = 0
    _next: int = 0
    _random: Random = field(default_factory=lambda: Random(1))

    def open_rows(self, number: int) -> None:
        store_rows(self.app, self.service.tables, self.kinds, number)
        self._next = number

    def round(self) -> float:
        """Return the mean CPU of a request in ms."""
        total = 0.0
        for _ in range(REQUESTS_PER_ROUND):
            self.at += INTERVAL_MS
            self._pass_time()
            total += self.request()
        return total / REQUESTS_PER_ROUND

    def first_request(self) -> float:
        """Return the CPU of the first request of a process that has imported everything."""
        self.app.tables = connect(self.app.settings, self.service)
        return self.request()

    def request(self) -> float:
        before, seconds, own = slowness(), self.app.seconds, self.service.seconds
        answer = self.app.read(f"/api/realtime?site={SITE}", at=self.at)
        speed = (before + slowness()) / 2
        if not answer["current_visitors"] or not answer["feed"]:
            raise AssertionError("realtime found no visitors")
        return (self.app.seconds - seconds - (self.service.seconds - own)) * 1000 / speed

    def _pass_time(self) -> None:
        """Open as many sessions as close, each with a request, and change others with the
        rest of their requests."""
        table = self.service.tables.tables[self.app.settings.active_sessions_table]
        opened = (self._next - self._oldest) * INTERVAL_MS // OPEN_MS
        for _ in range(opened):
            table.delete((_session_id(self._oldest), ""))
            table.put(_row(self.kinds, self._next))
            self._oldest, self._next = self._oldest + 1, self._next + 1
        for _ in range(opened * (REQUESTS_PER_SESSION - 1)):
            session_id = _session_id(self._random.randrange(self._oldest, self._next))
            row = table.get((session_id, ""))
            if row is not None:
                table.put(_with_page_view(row, self.at))


def _session_id(number: int) -> str:
    return f"sess_20260905_{number:08x}"


def _row(kinds: list[dict[str, Any]], number: int) -> dict[str, Any]:
    names = {"session_id": _session_id(number), "visitor_id": f"{number:012x}"}
    return kinds[number % len(kinds)] | {name: {"S": text} for name, text in names.items()}


def _with_page_view(row: Mapping[str, Any], at: int) -> dict[str, Any]:
    views = row.get("views", {"SS": []})["SS"]
    return {
        **row,
        "touched_at": {"N": str(at)},
        "last_activity": {"N": str(at)},
        "expires_at": {"N": str(at // 1000 + 1800)},
        "events": {"N": str(int(row["events"]["N"]) + 1)},
        "views": {"SS": [*views, f"{at % 10**10:010}|{at}|/docs/page"]},
    }


def open_rows() -> list[dict[str, Any]]:
    """Return rows as the collector writes them, for sessions of the traffic model."""
    tables = fake_dynamodb()
    with in_process_app(tables) as app:
        planned = plan_traffic(KINDS, until=START, days=1, open_now=KINDS)
        for number, session in enumerate(planned):
            person = session.person
            sender = replace(
                browser(number), user_agent=person.user_agent, country=person.country.code
            )
            app.post(session.bodies, sender, at=session.sent_at)
        table = tables.tables[app.settings.active_sessions_table]
        return [dict(item) for item in table.in_order() if "touched_at" in item]


def store_rows(
    app: InProcessApp, tables: Any, kinds: list[dict[str, Any]], number: int
) -> None:
    table = tables.tables[app.settings.active_sessions_table]
    for n in range(number):
        table.put(_row(kinds, n))


def store_snapshots(app: InProcessApp, size: int) -> None:
    """Store the job's snapshots of `size` rows, each as large as possible."""
    page = app.tables.active_scan.first_page()
    picture = LiveSnapshot(app.settings, START)
    for number in range(MAX_VALUES):
        row = page.rows[number % len(page.rows)]
        visitor = replace(
            row,
            current_page=f"/products/{number:06}/details",
            referrer=f"https://www.partner-{number:06}.example/articles",
            visitor_id=f"{number:012x}",
            last_activity=START - 1_000,
            last_received_at=START - 1_000,
        )
        picture.add(JoinedRows((visitor,)))
    parts = -(-size // ROWS_PER_PART)
    for part in range(parts):
        app.tables.rollups.put_snapshot(SITE, part, parts, picture.to_dict(), START // 1000 + 9)
    app.tables.site_registry.put_row_count(RowCount(size))


if __name__ == "__main__":
    for result in measure():
        print(result)
