"""The requests of a dashboard that is open eight hours a day, every day of a month.

    realtime    every fifteen seconds, or five in the view Realtime: up to one page of active
                rows, all of them and those that have changed again; up to 100,000 rows, the
                same for half the price, but at most every ten seconds; with more, the job's
                snapshots, also at most every ten seconds
    stats       once a minute, for the last seven days and the previous period: all active rows
                if they fit eight pages, the summaries of finished days, and the packs of today

On average, half of today's sessions are closed. A hidden tab makes no requests.
"""

from __future__ import annotations

from itertools import pairwise

from benchmarks.harness.result import Result
from benchmarks.suites.price.cost_model import (
    LINE_BYTES,
    RUNS_PER_MONTH,
    Consumption,
    cost_of,
    request,
)
from benchmarks.suites.price.measured import Measurements
from benchmarks.suites.work.realtime_cpu import REQUESTS_PER_SESSION
from chalicelib.services.jobs.expire import ROWS_PER_PART
from chalicelib.services.reports.realtime import MAX_AGE_MS, MAX_LIVE_ROWS
from chalicelib.services.reports.stats_reader import MAX_SCANNED_SESSIONS
from chalicelib.storage.active_table.row_copy import SEGMENTS
from chalicelib.storage.active_table.table_scan import MAX_PAGES_PER_READER
from chalicelib.storage.aws.database import MAX_KEYS_PER_READ

HOURS_PER_DAY, DAYS = 8, 30
OVERVIEW_SECONDS, REALTIME_SECONDS, STATS_SECONDS = 15, 5, 60
SECONDS = HOURS_PER_DAY * 3600 * DAYS
READ_BYTES, PAGE_BYTES = 4096, 1_048_576
ROW_BYTES = 700  # of the replayed sessions
ROWS_PER_PAGE = PAGE_BYTES / ROW_BYTES
MAX_AGE_SECONDS = MAX_AGE_MS / 1000
COUNT_UNITS = 1.0  # to read the number of rows, beyond one page
HOUR_ROWS = (100, 1_000, 10_000, 100_000, 1_000_000)
OPEN_MINUTES = 33.0
SUMMARIES = 14
OTHER_UNITS = 8.0  # of stats: recents and pending work, for each of the two periods
OTHER_CALLS = 8


def active_rows(sessions: float) -> float:
    """Return the mean number of active rows in a month with `sessions`."""
    return sessions / RUNS_PER_MONTH * OPEN_MINUTES


def open_dashboard(
    rows: float, sessions_a_day: float, measurements: Measurements, *, line_bytes: float
) -> Consumption:
    """Return the consumption of the overview with `rows` active rows."""
    realtime = realtime_request(
        rows, measurements, line_bytes=line_bytes, seconds=OVERVIEW_SECONDS
    )
    stats = stats_request(rows, sessions_a_day, measurements, line_bytes=line_bytes)
    return realtime * (SECONDS / OVERVIEW_SECONDS) + stats * (SECONDS / STATS_SECONDS)


def realtime_request(
    rows: float,
    measurements: Measurements,
    *,
    line_bytes: float,
    seconds: float = REALTIME_SECONDS,
) -> Consumption:
    """Return the mean consumption of a request for realtime, one every `seconds`."""
    return request(
        cpu_ms=realtime_ms(rows, measurements, seconds),
        round_trips=_realtime_calls(rows, seconds),
        bytes_out=measurements.realtime_bytes,
        line_bytes=line_bytes,
        read_units=realtime_units(rows, measurements, seconds),
    )


def stats_request(
    rows: float, sessions_a_day: float, measurements: Measurements, *, line_bytes: float
) -> Consumption:
    today = counted_today(sessions_a_day)
    units = stats_units(rows, today, measurements)
    return request(
        cpu_ms=measurements.stats_ms + (today + _readable_rows(rows)) * measurements.session_ms,
        round_trips=OTHER_CALLS + units * READ_BYTES / PAGE_BYTES,
        bytes_out=measurements.stats_bytes,
        line_bytes=line_bytes,
        read_units=units,
    )


def realtime_units(
    rows: float, measurements: Measurements, seconds: float = REALTIME_SECONDS
) -> float:
    """Return the mean read units of a request for realtime, one every `seconds`."""
    units = rows * ROW_BYTES / READ_BYTES
    if rows <= ROWS_PER_PAGE:
        return max(units, 1.0) + _changed_rows(rows, seconds)
    if rows <= MAX_LIVE_ROWS:
        updated = COUNT_UNITS + (units + _changed_rows(rows, MAX_AGE_SECONDS)) / 2
        return updated * _updated_share(seconds)
    parts = -(-rows // ROWS_PER_PART)
    updated = COUNT_UNITS + parts * measurements.snapshot_bytes / READ_BYTES
    return updated * _updated_share(seconds)


def realtime_ms(
    rows: float, measurements: Measurements, seconds: float = REALTIME_SECONDS
) -> float:
    """Return the mean CPU of a request for realtime, one every `seconds`."""
    measured = _measured_ms(rows, measurements)  # with one every five seconds
    if rows <= ROWS_PER_PAGE:
        return measured
    return measured * _updated_share(seconds) / _updated_share(REALTIME_SECONDS)


def _measured_ms(rows: float, measurements: Measurements) -> float:
    """Return the CPU between the two numbers of rows next to this one that were measured."""
    sizes = sorted(measurements.realtime_ms.items())
    for (few, few_ms), (many, many_ms) in pairwise([(0, sizes[0][1]), *sizes]):
        if few <= rows <= min(many, MAX_LIVE_ROWS):
            return few_ms + (many_ms - few_ms) * (rows - few) / (many - few)
    return sizes[-1][1]


def hours_table(measurements: Measurements) -> list[str]:
    """Return the cost of an hour of the view Realtime, for several numbers of active rows, and
    of the overview."""
    lines = [
        "| active sessions | read units of *Realtime* | *Realtime*, USD | overview, USD |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for rows in HOUR_ROWS:
        a_day = rows / OPEN_MINUTES * 60 * 24
        realtime = realtime_request(rows, measurements, line_bytes=LINE_BYTES)
        realtime *= 3600 / REALTIME_SECONDS
        overview = open_dashboard(rows, a_day, measurements, line_bytes=LINE_BYTES)
        costs = (cost_of(realtime), cost_of(overview * (3600 / SECONDS)))
        usd = " | ".join(f"{Result('', cost.total, '').rounded:,}" for cost in costs)
        lines.append(f"| {rows:,} | {round(realtime.read_units):,} | {usd} |")
    return lines


def _updated_share(seconds: float) -> float:
    """Return the share of requests, one every `seconds`, that update what the process has read
    of more than one page of rows."""
    return min(seconds / MAX_AGE_SECONDS, 1.0)


def _realtime_calls(rows: float, seconds: float) -> float:
    """Return the mean number of sequential calls of a request for realtime."""
    if rows <= ROWS_PER_PAGE:
        return 2
    if rows > MAX_LIVE_ROWS:
        return 2 * _updated_share(seconds)
    scans = -(-rows // (ROWS_PER_PAGE * SEGMENTS))
    reads = -(-_changed_rows(rows, MAX_AGE_SECONDS) // (MAX_KEYS_PER_READ * SEGMENTS))
    return (1 + scans + reads) * _updated_share(seconds)


def _changed_rows(rows: float, seconds: float) -> float:
    """Return the number of rows that change in this time, in steps of one request each."""
    return rows * REQUESTS_PER_SESSION * seconds / (OPEN_MINUTES * 60)


def stats_units(rows: float, counted: float, measurements: Measurements) -> float:
    open_bytes = min(rows * ROW_BYTES, MAX_PAGES_PER_READER * PAGE_BYTES)
    stored = SUMMARIES * measurements.summary_bytes + counted * measurements.packed_bytes
    return (open_bytes + stored) / READ_BYTES + OTHER_UNITS


def counted_today(sessions_a_day: float) -> float:
    return min(sessions_a_day / 2, MAX_SCANNED_SESSIONS)


def _readable_rows(rows: float) -> float:
    return rows if rows * ROW_BYTES <= MAX_PAGES_PER_READER * PAGE_BYTES else 0
