"""The requests of a dashboard that is open eight hours a day, every day of a month.

    realtime    every five seconds: the first page of the active rows, and the job's snapshots
                if there are more rows
    stats       once a minute, for the last seven days and the previous period: all active rows
                if they fit eight pages, the summaries of finished days, and the packs of today

On average, half of today's sessions are closed. A hidden tab makes no requests.
"""

from __future__ import annotations

from benchmarks.suites.price.cost_model import RUNS_PER_MONTH, Consumption, request
from benchmarks.suites.price.measured import Measurements
from chalicelib.services.jobs.expire import ROWS_PER_PART
from chalicelib.services.reports.stats_reader import MAX_SCANNED_SESSIONS
from chalicelib.storage.active_table.table_scan import MAX_PAGES_PER_READER

HOURS_PER_DAY, DAYS = 8, 30
REALTIME_SECONDS, STATS_SECONDS = 5, 60
SECONDS = HOURS_PER_DAY * 3600 * DAYS
READ_BYTES, PAGE_BYTES = 4096, 1_048_576
ROW_BYTES = 700  # of the replayed sessions
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
    """Return the consumption of the dashboard with `rows` active rows."""
    realtime = request(
        cpu_ms=realtime_ms(rows, measurements),
        round_trips=1 if rows * ROW_BYTES <= PAGE_BYTES else 2,
        bytes_out=measurements.realtime_bytes,
        line_bytes=line_bytes,
        read_units=realtime_units(rows, measurements),
    )
    today = counted_today(sessions_a_day)
    units = stats_units(rows, today, measurements)
    stats = request(
        cpu_ms=measurements.stats_ms + (today + _readable_rows(rows)) * measurements.session_ms,
        round_trips=OTHER_CALLS + units * READ_BYTES / PAGE_BYTES,
        bytes_out=measurements.stats_bytes,
        line_bytes=line_bytes,
        read_units=units,
    )
    return realtime * (SECONDS / REALTIME_SECONDS) + stats * (SECONDS / STATS_SECONDS)


def realtime_units(rows: float, measurements: Measurements) -> float:
    size = rows * ROW_BYTES
    if size <= PAGE_BYTES:
        return max(size / READ_BYTES, 1.0)
    parts = -(-rows // ROWS_PER_PART)
    return (PAGE_BYTES + parts * measurements.snapshot_bytes) / READ_BYTES


def realtime_ms(rows: float, measurements: Measurements) -> float:
    """Return the CPU for the next larger number of rows that was measured."""
    return next(
        (cpu for size, cpu in sorted(measurements.realtime_ms.items()) if rows <= size),
        max(measurements.realtime_ms.values()),
    )


def stats_units(rows: float, counted: float, measurements: Measurements) -> float:
    open_bytes = min(rows * ROW_BYTES, MAX_PAGES_PER_READER * PAGE_BYTES)
    stored = SUMMARIES * measurements.summary_bytes + counted * measurements.packed_bytes
    return (open_bytes + stored) / READ_BYTES + OTHER_UNITS


def counted_today(sessions_a_day: float) -> float:
    return min(sessions_a_day / 2, MAX_SCANNED_SESSIONS)


def _readable_rows(rows: float) -> float:
    return rows if rows * ROW_BYTES <= MAX_PAGES_PER_READER * PAGE_BYTES else 0
