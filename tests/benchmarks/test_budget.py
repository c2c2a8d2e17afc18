"""Counts that are the same on every machine stay within benchmarks/budget.json. Exceeding one
is a regression, or a decision to document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness.lambda_events import browser
from benchmarks.suites.price.monthly_price import idle
from benchmarks.suites.size.dashboard_weight import (
    first_bytes,
    first_requests,
    overview_bytes,
)
from benchmarks.suites.size.tracker_size import MORE
from benchmarks.suites.size.tracker_size import gzipped_bytes as tracker_bytes
from benchmarks.suites.work.collecting import BATCH, page_view
from benchmarks.suites.work.growth import cost_with_events, cost_with_sites
from benchmarks.suites.work.write_units import (
    COOKIELESS,
    ONE_SESSION_PER_RUN,
    START,
    WITH_ENGAGEMENT,
    WITH_USERS,
    Replay,
    Variant,
    replay,
)
from benchmarks.targets.fake_app import fake_app
from benchmarks.targets.in_process_app import SETTINGS, TABLES
from tests.packaging import packaged_app

ROOT = Path(__file__).parent.parent.parent
BUDGET: dict[str, float] = json.loads((ROOT / "benchmarks" / "budget.json").read_text("utf-8"))
FEW, FEWER = 294, 60  # sessions: three full batches, and enough for one at a time


@cache
def replayed(variant: Variant) -> Replay:
    with fake_app() as (app, usage):
        return replay(app, usage, variant)


@cache
def calls() -> dict[str, int]:
    """Return the calls to DynamoDB of requests of a process that has read the salts."""
    with fake_app() as (app, usage):

        def calls_of(number: int, at: int, bodies: list[dict[str, Any]]) -> tuple[int, str]:
            before = usage.calls.total()
            answer = app.post(bodies, browser(number), at=at)
            return usage.calls.total() - before, answer["session_id"]

        calls_of(0, START, [page_view(0, 0)])
        new, session_id = calls_of(1, START, [page_view(1, 0)])
        continuing, _ = calls_of(1, START + 10_000, [page_view(1, 1, session_id)])
        batch, _ = calls_of(2, START, [page_view(2, page) for page in range(BATCH)])
    return {"new": new, "continuing": continuing, "batch": batch}


@cache
def modules_of_a_start() -> list[str]:
    """Return the modules that importing the app loads."""
    program = "import sys, app; print(' '.join(sys.modules))"
    environment = {**os.environ, **TABLES, **SETTINGS, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True
    )
    return ended.stdout.decode().split()


MEASURED: dict[str, Callable[[], float]] = {
    "write units per event, cookieless": lambda: (
        replayed(replace(COOKIELESS, sessions=FEW)).write_units
    ),
    "write units per event, with user_id": lambda: (
        replayed(replace(WITH_USERS, sessions=FEW)).write_units
    ),
    "write units per event, one session per run": lambda: (
        replayed(replace(ONE_SESSION_PER_RUN, sessions=FEWER)).write_units
    ),
    "write units per page view, with engagement": lambda: (
        replayed(replace(WITH_ENGAGEMENT, sessions=FEW)).write_units
    ),
    "growth of write units from 1,000 to 20,000 events": lambda: (
        cost_with_events(20_000).write_units / cost_with_events(1_000).write_units
    ),
    "growth of write units from 1 to 100 sites": lambda: (
        cost_with_sites(100).write_units / cost_with_sites(1).write_units
    ),
    "read units per event, cookieless": lambda: (
        replayed(replace(COOKIELESS, sessions=FEW)).usage.read_units / (3 * FEW)
    ),
    "bytes of log per request": lambda: max(
        map(len, replayed(replace(COOKIELESS, sessions=FEW)).lines)
    ),
    "calls of a continuing session": lambda: calls()["continuing"],
    "calls of a new session": lambda: calls()["new"],
    "calls of a batch of 50": lambda: calls()["batch"],
    "calls of an idle run": lambda: idle().calls,
    "read units of an idle run": lambda: idle().read_units,
    "write units of an idle run": lambda: idle().write_units,
    "modules of the app that a cold start imports": lambda: sum(
        name.startswith("chalicelib") for name in modules_of_a_start()
    ),
    "bytes of the tracker, gzipped": tracker_bytes,
    "bytes of the tracker's second file, gzipped": lambda: tracker_bytes(MORE),
    "bytes of the dashboard until its first numbers, gzipped": first_bytes,
    "bytes of the overview of the dashboard, gzipped": overview_bytes,
    "requests of the dashboard until its first numbers": first_requests,
}


@pytest.mark.parametrize("name", MEASURED)
def test_budget_is_kept(name: str):
    assert MEASURED[name]() <= BUDGET[name]


def test_own_bytes_of_the_package_are_within_budget(tmp_path: Path):
    package = packaged_app(tmp_path, "dev") / "deployment.zip"

    assert package.stat().st_size <= BUDGET["bytes of the app in the package"]


def test_everything_in_the_budget_is_measured():
    assert BUDGET.keys() == {*MEASURED, "bytes of the app in the package"}


@pytest.mark.parametrize("name", ["boto3", "s3transfer", "regex", "is_bot", "ua_parser"])
def test_start_does_not_import_rarely_used_modules(name: str):
    assert name not in modules_of_a_start()
