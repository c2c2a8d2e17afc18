"""The model of a dashboard's requests matches what they consume."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.price.open_dashboard import (
    HOURS_PER_DAY,
    OVERVIEW_SECONDS,
    PAGE_BYTES,
    READ_BYTES,
    REALTIME_SECONDS,
    ROW_BYTES,
    STATS_SECONDS,
    open_dashboard,
    realtime_ms,
    realtime_units,
    stats_units,
)
from benchmarks.suites.size.answer_sizes import DIMENSIONS, STATS
from benchmarks.suites.work.write_units import COOKIELESS, send_requests
from benchmarks.targets.capacity import Usage
from benchmarks.targets.fake_app import fake_app
from benchmarks.targets.in_process_app import InProcessApp
from chalicelib.services.reports.realtime import MAX_AGE_MS, MAX_LIVE_ROWS
from devkit.project_paths import ROOT
from traffic_model.session_script import SITE as TRAFFIC_SITE

DASHBOARD = ROOT / "frontend" / "dashboard"
SITE = "demo.example"


@dataclass
class Watched:
    app: InProcessApp
    usage: Usage
    at: int

    def units(self, path: str) -> float:
        before = self.usage.copy()
        self.app.read(path, at=self.at)
        return (self.usage - before).read_units


@pytest.fixture(scope="module")
def known() -> Measurements:
    return load_measurements()


@pytest.fixture(scope="module", params=[30, 300, 2_000])
def watched(request: pytest.FixtureRequest) -> Iterator[tuple[int, Watched]]:
    """Return the usage with `number` active sessions."""
    variant = replace(COOKIELESS, sessions=request.param, gap_ms=100)
    with fake_app() as (app, usage):
        last = 0
        for at in send_requests(app, variant):
            last = at
        app.run_minute_job(at=last)
        yield request.param, Watched(app, usage, last)


def test_realtime_reads_all_rows_once_in_ten_seconds_or_more_often(
    watched: tuple[int, Watched], known: Measurements
):
    rows, at_work = watched
    path = f"/api/realtime?site={SITE}"
    at_work.units(path)  # the first request of a process reads more
    at_work.at += MAX_AGE_MS
    first = at_work.units(path)
    at_work.at += REALTIME_SECONDS * 1000
    second = at_work.units(path)

    # The model includes rows that change; here none do.
    assert (first + second) / 2 == pytest.approx(realtime_units(rows, known), rel=0.2, abs=1)


def test_stats_read_all_active_rows(watched: tuple[int, Watched], known: Measurements):
    rows, at_work = watched
    units = at_work.units(STATS.replace(TRAFFIC_SITE, SITE))

    expected = stats_units(rows, 0, replace(known, summary_bytes=0))
    assert units == pytest.approx(expected, rel=0.15, abs=4)


def test_units_are_capped_by_the_pages_read(known: Measurements):
    page = PAGE_BYTES / READ_BYTES
    many = 10 * PAGE_BYTES / ROW_BYTES

    assert 8 * page < stats_units(many, 0, known) < 8.5 * page
    assert stats_units(2 * many, 0, known) == stats_units(many, 0, known)


def test_realtime_reads_the_most_at_the_limit_of_live_rows(known: Measurements):
    most = realtime_units(MAX_LIVE_ROWS, known)

    assert all(realtime_units(10**n, known) <= most for n in range(8))
    assert most * 3600 / REALTIME_SECONDS < 4_000_000  # an hour, of half a dollar


@pytest.mark.parametrize("rows", [0, 50, 1_200, 50_000, 100_000, 100_001, 10**7])
def test_cpu_of_realtime_is_between_measurements(rows: int, known: Measurements):
    measured = known.realtime_ms

    assert min(measured.values()) <= realtime_ms(rows, known) <= max(measured.values())
    assert realtime_ms(1_250, known) == pytest.approx((measured[1_000] + measured[1_500]) / 2)


def test_month_has_the_requests_of_an_open_dashboard(known: Measurements):
    asked = open_dashboard(0, 0, known, line_bytes=0)

    assert asked.requests == 30 * HOURS_PER_DAY * (
        3600 / OVERVIEW_SECONDS + 3600 / STATS_SECONDS
    )
    assert asked.requests == 72_000


@pytest.mark.parametrize(
    ("file", "name", "seconds"),
    [
        ("answers/live.ts", "REALTIME_MS", REALTIME_SECONDS),
        ("answers/live.ts", "OTHER_VIEWS_MS", OVERVIEW_SECONDS),
        ("answers/stats.ts", "MINUTE_MS", STATS_SECONDS),
    ],
)
def test_dashboard_polls_at_the_modelled_interval(file: str, name: str, seconds: int):
    script = (DASHBOARD / file).read_text("utf-8")
    match = re.search(rf"^const {name} = ([\d_]+)$", script, re.MULTILINE)

    assert match
    assert int(match[1]) == seconds * 1000


def test_dashboard_requests_the_modelled_dimensions():
    script = "".join(
        (DASHBOARD / "query" / name).read_text("utf-8")
        for name in ("dimensions.ts", "stats_query.ts")
    )

    assert tuple(_list_in(script, "ALWAYS")) == DIMENSIONS


def _list_in(script: str, name: str) -> Iterator[str]:
    """Yield the strings of a constant list, with the lists that it spreads."""
    match = re.search(rf"const {name} = \[(.*?)\]", script, re.DOTALL)
    assert match
    for text, spread in re.findall(r"'(\w+)'|\.\.\.(\w+)", match[1]):
        yield from _list_in(script, spread) if spread else [text]
