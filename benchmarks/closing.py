"""What closing takes: CPU a session, and how many sessions a run of the job closes.

    python -m benchmarks.closing

Sessions of three page views are collected on tables in this process, copied to the emulator,
and closed there by the job itself. CPU is that of the whole run: its calls and their threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.emulator import emulator, fresh_stage
from benchmarks.product import TABLES, product
from benchmarks.quick import quick_product
from benchmarks.result import Result
from benchmarks.speed import slowness
from benchmarks.units import COOKIELESS, collected
from chalicelib.storage.dynamodb import MOST_ITEMS_A_WRITE

SESSIONS = 490  # five transactions
MOST_CPU_MS, LEAST_SESSIONS = 1.0, 20_000


def measure(sessions: int = SESSIONS) -> Iterator[Result]:
    variant = replace(COOKIELESS, sessions=sessions)
    with emulator() as started:
        client, tables = fresh_stage(started)
        with quick_product() as (made, _):
            for _at in collected(made, variant):
                pass
            copy_items(made.tables.database.client, client, tables)
        with product(client, **tables) as made:
            before = slowness()
            made.run_job(at=variant.ended_at)
            speed = (before + slowness()) / 2
            left = client.scan(TableName=tables["ACTIVE_SESSIONS_TABLE"])["Count"]
            assert left <= 2, f"{left} rows are left"  # the salts
    cpu_ms = made.seconds * 1000 / sessions / speed
    yield Result("closing, CPU a session", cpu_ms, "ms", MOST_CPU_MS)


def copy_items(source: Any, target: Any, tables: dict[str, str]) -> None:
    """All that the stand-in holds, into the tables of a stage."""
    for variable, name in TABLES.items():
        items = [
            item for part in source.tables[name].partitions.values() for item in part.values()
        ]
        for first in range(0, len(items), MOST_ITEMS_A_WRITE):
            some = items[first : first + MOST_ITEMS_A_WRITE]
            puts = [{"PutRequest": {"Item": item}} for item in some]
            target.batch_write_item(RequestItems={tables[variable]: puts})


if __name__ == "__main__":
    for result in measure():
        print(result)
