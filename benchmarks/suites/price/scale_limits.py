"""The limits that a busy month approaches, and the share that its busiest minute uses.

partition   1,000 write units a second (DynamoDB, "Partitions and data distribution"). Events
            and rows spread by their random ids; the recents of one site share a partition
item        400 KB: a set of the site registry has host names of 25 bytes each
job         closes what its CPU allows in the 47 s in which it starts batches
stats       one response counts 2,000,000 sessions of days that are still being counted, such as
            the current one (services/reports/stats_reader.py)
realtime    realtime reads one page of the active rows (1 MB) on every request, up to 100,000
            rows every ten seconds, and beyond the job's last snapshots. Stats read eight
            pages, and beyond count closed sessions only
function    1,000 concurrent executions per account and region, unless AWS raises it
collecting  the reserved concurrency that follows from RATE_LIMIT_PER_MINUTE, which is 1,000
            unless you raise it (devkit/infrastructure/concurrency.py)
tables      the units a second that MAX_USD allows (devkit/infrastructure/throughput.py)
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.harness.lambda_time import COLLECT_MB, FULL_PROCESSOR_MB, billed_ms
from benchmarks.suites.price.cost_model import RUNS_PER_MONTH
from benchmarks.suites.price.open_dashboard import (
    MAX_AGE_SECONDS,
    PAGE_BYTES,
    READ_BYTES,
    REALTIME_SECONDS,
    ROW_BYTES,
    ROWS_PER_PAGE,
    STATS_SECONDS,
    active_rows,
)
from benchmarks.suites.work.closing import RUN_MS
from chalicelib.services.reports.realtime import MAX_LIVE_ROWS
from chalicelib.services.reports.stats_reader import MAX_SCANNED_SESSIONS
from chalicelib.storage.active_table.table_scan import MAX_PAGES_PER_READER
from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.concurrency import collect_concurrency, requests_per_second
from devkit.infrastructure.throughput import max_requests_per_minute, max_units
from devkit.project_paths import RESOURCES

PAGES = 3
PEAK = 3.0  # the busiest minute relative to the mean; the busiest day has half of it
DAYS = 30
MAX_SESSIONS_PER_CLOSING = 97
PARTITION_WRITES = 1_000
ITEM_BYTES, HOST_BYTES = 400_000, 25
MAX_CONCURRENT_FUNCTIONS = 1_000
RATE_LIMIT_PER_MINUTE = 1_000
MAX_COLLECTS_PER_SECOND = requests_per_second(collect_concurrency(RATE_LIMIT_PER_MINUTE))
# Per page view, with its share of engagement sent alone, and of the tracker's file.
COLLECT_REQUESTS, FILE_REQUESTS = 4 / 3, 1 / 3
MAX_USD = int(read_template(RESOURCES)["Parameters"]["MaxUsdPerDay"]["Default"])
# Per recent of 97 sessions: 3 KB put and deleted in transactions, and its share of a pack.
RECENT_UNITS = 20.0


@dataclass(frozen=True, slots=True)
class ScaleLimit:
    """A limit, the share of it that is used, and what raises it."""

    name: str
    share_used: float
    change: str


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """CPU in ms at reference speed."""

    request_ms: float
    closing_ms: float


def limits(events: int, times: CpuTimes) -> tuple[ScaleLimit, ...]:
    """Return the limits for a month with `events` page views on one site, nearest first."""
    a_second = events / RUNS_PER_MONTH / 60 * PEAK
    sessions = events / PAGES / RUNS_PER_MONTH * PEAK  # a minute
    in_512_mb, in_full = (
        RUN_MS / billed_ms(times.closing_ms, round_trips=0, memory_mb=memory)
        for memory in (512, FULL_PROCESSOR_MB)
    )
    rows = active_rows(events / PAGES) * PEAK
    function_ms = billed_ms(times.request_ms, round_trips=2, memory_mb=COLLECT_MB)
    collects = a_second * 60 * COLLECT_REQUESTS  # a minute
    unsorted = (
        ScaleLimit(
            "the requests that the collect function accepts",
            a_second * (COLLECT_REQUESTS + FILE_REQUESTS) / MAX_COLLECTS_PER_SECOND,
            "raise `RATE_LIMIT_PER_MINUTE` and deploy",
        ),
        ScaleLimit(
            "collecting that `MAX_USD` allows",
            collects / max_requests_per_minute(MAX_USD),
            "raise `MAX_USD` and deploy",
        ),
        ScaleLimit(
            "reading active sessions that `MAX_USD` allows",
            _open_units(rows) / max_units(MAX_USD)["ActiveSessionsRead"],
            "raise `MAX_USD` and deploy",
        ),
        ScaleLimit(
            "active sessions that realtime reads on every request",
            rows / ROWS_PER_PAGE,
            "none: realtime is up to ten seconds old",
        ),
        ScaleLimit(
            "active sessions that realtime reads",
            rows / MAX_LIVE_ROWS,
            "none: realtime is up to five minutes old",
        ),
        ScaleLimit(
            "active sessions that stats read",
            rows / ROWS_PER_PAGE / MAX_PAGES_PER_READER,
            "none: stats leave out active sessions",
        ),
        ScaleLimit(
            "sessions of today that one response can count",
            events / PAGES / DAYS * PEAK / 2 / MAX_SCANNED_SESSIONS,
            "not available yet: summaries during the day",
        ),
        ScaleLimit(
            "the job in 512 MB",
            sessions / in_512_mb,
            f"set `lambda_memory_size` of the job to {FULL_PROCESSOR_MB}",
        ),
        ScaleLimit(
            "the job on one CPU",
            sessions / in_full,
            "not available yet: a job per part of ActiveSessions",
        ),
        ScaleLimit(
            "writes to the site's partition of Rollups",
            sessions / MAX_SESSIONS_PER_CLOSING / 60 * RECENT_UNITS / PARTITION_WRITES,
            "not available yet: partitioned keys in Rollups",
        ),
        ScaleLimit(
            "concurrent Lambda executions",
            a_second * COLLECT_REQUESTS * function_ms / 1000 / MAX_CONCURRENT_FUNCTIONS,
            "request a higher quota",
        ),
    )
    return tuple(sorted(unsorted, key=lambda limit: -limit.share_used))


def _open_units(rows: float) -> float:
    """Return the read units a second of ActiveSessions: those of a dashboard, and half-price
    reads of the job every minute."""
    size = rows * ROW_BYTES
    live = size / REALTIME_SECONDS if rows <= ROWS_PER_PAGE else size / 2 / MAX_AGE_SECONDS
    live = live if rows <= MAX_LIVE_ROWS else 0
    stats = min(size, MAX_PAGES_PER_READER * PAGE_BYTES) / STATS_SECONDS
    return (live + stats + size / 2 / 60) / READ_BYTES


def max_sites() -> int:
    """Return the number of sites that one item of the site registry can hold."""
    return ITEM_BYTES // HOST_BYTES
