"""Closing: CPU per session, and the sessions that one run of the job closes.

    python -m benchmarks.suites.work.closing

Sessions of three page views are collected on a fake DynamoDB, copied to the emulator, and
closed there by the job. CPU is that of the whole run, with its calls and threads. A run has a
full processor here; benchmarks/harness/lambda_time.py models Lambda's share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.harness.lambda_time import JOB_MB, billed_ms
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.suites.work.write_units import COOKIELESS, Variant, send_requests
from benchmarks.targets.emulated_stage import emulator, fresh_stage
from benchmarks.targets.fake_app import fake_app
from benchmarks.targets.in_process_app import TABLES, in_process_app
from chalicelib.services.jobs.minute_job import MS_TO_CLOSE
from chalicelib.storage.aws.client import dynamodb_client
from chalicelib.storage.aws.database import MAX_ITEMS_PER_WRITE
from devkit.emulated_aws.emulator import Emulator
from devkit.emulated_aws.scheduler import TIMEOUT_MS

SESSIONS = 490  # five transactions
RUNS = 3
MAX_CPU_MS, MIN_SESSIONS = 1.0, 20_000
RUN_MS = TIMEOUT_MS - MS_TO_CLOSE  # during which a run starts another batch


def measure(sessions: int = SESSIONS, runs: int = RUNS) -> Iterator[Result]:
    variant = replace(COOKIELESS, sessions=sessions)
    with emulator() as started, fake_app() as (app, _):
        for _at in send_requests(app, variant):
            pass
        source = app.tables.database.client
        cpu_ms = min(_closed(started, source, variant) for _ in range(runs))
    yield Result("closing, CPU per session", cpu_ms, "ms", MAX_CPU_MS)
    yield Result(
        "closing, sessions per minute on one CPU",
        RUN_MS / cpu_ms,
        "sessions",
        MIN_SESSIONS,
        at_least=True,
    )
    yield Result(
        "closing, sessions per minute in 512 MB (modelled)",
        RUN_MS / billed_ms(cpu_ms, round_trips=0, memory_mb=JOB_MB),
        "sessions",
    )


def _closed(started: Emulator, source: Any, variant: Variant) -> float:
    """Return the CPU ms per session at reference speed."""
    loader, tables = fresh_stage(started)
    copy_items(source, loader, tables)
    client: Any = dynamodb_client(started.environment)
    with in_process_app(client, **tables) as app:
        before = slowness()
        app.run_minute_job(at=variant.ended_at)
        speed = (before + slowness()) / 2
        left = list(app.tables.active_scan.read().rows)
    if left:
        raise AssertionError(f"{len(left)} rows were not closed")
    return app.seconds * 1000 / variant.sessions / speed


def copy_items(source: Any, target: Any, tables: dict[str, str]) -> None:
    """Copy all items of the fake DynamoDB to the tables of a stage."""
    for variable, name in TABLES.items():
        items = [
            item for part in source.tables[name].partitions.values() for item in part.values()
        ]
        for first in range(0, len(items), MAX_ITEMS_PER_WRITE):
            some = items[first : first + MAX_ITEMS_PER_WRITE]
            puts = [{"PutRequest": {"Item": item}} for item in some]
            target.batch_write_item(RequestItems={tables[variable]: puts})


if __name__ == "__main__":
    for result in measure():
        print(result)
