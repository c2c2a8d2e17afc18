"""The CPU of realtime with 100, 10,000 and 1,000,000 active sessions.

    python -m benchmarks.suites.work.realtime_cpu

Realtime reads one page of a scan. If that has all rows, it answers from them; otherwise it
merges the snapshots that the job stores for each part of the table. The snapshots of a million
sessions are not computed from a million here: each of the twenty has the maximum of pages,
sources and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from traffic_model.model import plan_traffic
from traffic_model.session_script import SITE

MAX_CPU_MS = 150
SIZES = (100, 10_000, 1_000_000)
KINDS = 400  # different rows; the others repeat them for other visitors
TIMES = 5


def measure() -> Iterator[Result]:
    kinds = open_rows()
    for size in SIZES:
        tables = fake_dynamodb()
        service = FakeService(tables)
        with in_process_app(service) as app:
            store_rows(app, tables, kinds, min(size, 10_000))
            if size > len(tables.tables[app.settings.active_sessions_table].partitions):
                store_snapshots(app, size)
            elif size > SIZES[0]:
                app.run_minute_job(at=START)
            fastest = min(_measure_cpu(app, service) for _ in range(TIMES))
        yield Result(f"realtime with {size:,} active sessions, CPU", fastest, "ms", MAX_CPU_MS)


def _measure_cpu(app: InProcessApp, service: FakeService) -> float:
    before, seconds, own = slowness(), app.seconds, service.seconds
    answer = app.read(f"/api/realtime?site={SITE}", at=START + 10_000)
    speed = (before + slowness()) / 2
    if not answer["current_visitors"] or not answer["feed"]:
        raise AssertionError("realtime found no visitors")
    return (app.seconds - seconds - (service.seconds - own)) * 1000 / speed


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
        session_id = {"S": f"sess_20260905_{n:08x}"}
        visitor = {"S": f"{n:012x}"}
        table.put(kinds[n % len(kinds)] | {"session_id": session_id, "visitor_id": visitor})


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


if __name__ == "__main__":
    for result in measure():
        print(result)
