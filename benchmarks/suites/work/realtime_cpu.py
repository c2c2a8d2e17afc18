"""What realtime takes with 100, 10,000 and 1,000,000 open sessions.

    python -m benchmarks.suites.work.realtime_cpu

One page of a scan is read whatever the number of rows. While that holds them all, they are the
answer; beyond, it is put together from the pictures that the job has left of each part of the
table. Those of a million sessions are not made from a million here: each of the twenty has as
many pages, sources and sessions in it as one can have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.harness.lambda_events import browser
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.suites.work.write_units import START
from benchmarks.targets.fake_wire import FakeService, client_of_fake
from benchmarks.targets.in_process_app import InProcessApp, in_process_app
from chalicelib.domain.sessions.active_session import Joined
from chalicelib.services.jobs.expire import ROWS_A_PART
from chalicelib.services.reports.live_snapshot import LONGEST_LIST, Picture
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from traffic_model.model import plan_traffic
from traffic_model.session_script import SITE

MAX_CPU_MS = 150
SIZES = (100, 10_000, 1_000_000)
KINDS = 400  # different rows; the others are the same for other visitors
TIMES = 5


def measure() -> Iterator[Result]:
    kinds = open_rows()
    for size in SIZES:
        tables = fake_dynamodb()
        client, stand_in = client_of_fake(tables)
        with in_process_app(client) as made:
            store_rows(made, tables, kinds, min(size, 10_000))
            if size > len(tables.tables[made.settings.active_sessions_table].partitions):
                store_snapshots(made, size)
            elif size > SIZES[0]:
                made.run_job(at=START)
            found = min(_asked(made, stand_in) for _ in range(TIMES))
        yield Result(f"realtime with {size:,} open sessions, CPU", found, "ms", MAX_CPU_MS)


def _asked(made: InProcessApp, stand_in: FakeService) -> float:
    before, seconds, own = slowness(), made.seconds, stand_in.seconds
    answer = made.read(f"/api/realtime?site={SITE}", at=START + 10_000)
    speed = (before + slowness()) / 2
    if not answer["current_visitors"] or not answer["feed"]:
        raise AssertionError("nobody is there")
    return (made.seconds - seconds - (stand_in.seconds - own)) * 1000 / speed


def open_rows() -> list[dict[str, Any]]:
    """Rows as the collector writes them, of sessions of the traffic model."""
    tables = fake_dynamodb()
    with in_process_app(tables) as made:
        planned = plan_traffic(KINDS, until=START, days=1, open_now=KINDS)
        for number, session in enumerate(planned):
            person = session.person
            sender = replace(
                browser(number), user_agent=person.user_agent, country=person.country.code
            )
            made.post(session.bodies, sender, at=session.sent_at)
        table = tables.tables[made.settings.active_sessions_table]
        return [dict(item) for item in table.in_order() if "touched_at" in item]


def store_rows(
    made: InProcessApp, tables: Any, kinds: list[dict[str, Any]], number: int
) -> None:
    table = tables.tables[made.settings.active_sessions_table]
    for n in range(number):
        session_id = {"S": f"sess_20260905_{n:08x}"}
        visitor = {"S": f"{n:012x}"}
        table.put(kinds[n % len(kinds)] | {"session_id": session_id, "visitor_id": visitor})


def store_snapshots(made: InProcessApp, size: int) -> None:
    """As the job would of so many rows, each as large as they get."""
    page = made.tables.active_scan.first_page()
    picture = Picture(made.settings, START)
    for number in range(LONGEST_LIST):
        row = page.rows[number % len(page.rows)]
        visitor = replace(
            row,
            current_page=f"/products/{number:06}/details",
            referrer=f"https://www.partner-{number:06}.example/articles",
            visitor_id=f"{number:012x}",
            last_activity=START - 1_000,
            touched_at=START - 1_000,
        )
        picture.add(Joined((visitor,)))
    parts = -(-size // ROWS_A_PART)
    for part in range(parts):
        made.tables.rollups.put_snapshot(SITE, part, parts, picture.told(), START // 1000 + 9)


if __name__ == "__main__":
    for result in measure():
        print(result)
