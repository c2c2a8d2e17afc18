"""Stats with a filter over many sessions: what a reader waits for, and what it costs.

    python -m benchmarks.suites.price.parallel_scan

Measured, at reference speed: the CPU of the largest part of each size, from items as DynamoDB
returns them to the encoded answer; the CPU of reading summaries, dividing, decoding and adding
up all answers. The days are those of a month of 1,000,000 page views. Longer periods repeat it,
so a part of a long period is measured, and its number of invocations is modelled:

    API function    own CPU, CPU of each invocation
    parts           all at once: CPU of the largest one, and its pages of 1 MB in sequence
    transfers       all answers in sequence

Assumed, not measured:

    INVOKE_MS       a warm invocation adds 15 ms: the API of Lambda, and the network
    INVOKE_CPU_MS   sending an invocation and reading its answer takes 2 ms of CPU
    PAGE_MS         DynamoDB returns a page of 1 MB in 20 ms
    NETWORK         a function receives 50 MB a second
"""

from __future__ import annotations

import json
import multiprocessing
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from benchmarks.harness.lambda_time import API_MB, ARM_SLOWNESS, gb_seconds, start_ms
from benchmarks.harness.peak_memory import peak_mb
from benchmarks.harness.reference_speed import cpu_ms
from benchmarks.harness.result import Result
from benchmarks.suites.price.measured import load_measurements
from benchmarks.suites.work.stats_queries import (
    UNTIL,
    WIDE_FILTER,
    Month,
    month_of_days,
    stored_month,
)
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.period import resolve_period
from chalicelib.domain.query.query import Query
from chalicelib.domain.query.scan_request import ScanRequest
from chalicelib.presentation.stats_response import report
from chalicelib.services.context import Context
from chalicelib.services.reports.stats_reader import StatsReader
from chalicelib.services.scanning.day_scan import answer_scan
from chalicelib.services.scanning.scan_parts import ScanResult, SettledDay, scan_settled, split
from chalicelib.settings import Settings
from chalicelib.storage.byte_cache import ByteCache
from chalicelib.storage.rollup_table.rollup_items import StoredPack, StoredSummary
from devkit.infrastructure.price_list import MILLION, PRICES

INVOKE_MS, INVOKE_CPU_MS, PAGE_MS = 15.0, 2.0, 20.0
NETWORK_BYTES_PER_MS = 50_000
READ_UNIT_BYTES = 2 * 4096  # eventually consistent
PAGE_BYTES = 1_048_576
SITE = "example.com"
MAX_MB = 300


@dataclass(frozen=True, slots=True)
class MonthTable:
    """The rollups table with the month, as items of DynamoDB's JSON."""

    packs_by_day: dict[str, list[str]]
    summaries_by_day: dict[str, bytes]

    def packs(self, site: str, first: str, last: str) -> Iterator[StoredPack]:
        for day in sorted(self.packs_by_day):
            if first <= day <= last:
                for number, text in enumerate(self.packs_by_day[day]):
                    packed = b64decode(json.loads(text)["B"])
                    yield StoredPack(site, day, number, packed, 1)

    def summaries(self, site: str, first: str, last: str) -> Iterator[StoredSummary]:
        for day, packed in self.summaries_by_day.items():
            if first <= day <= last:
                yield StoredSummary(site, day, packed, 1)

    def recents(self, *_: str) -> list[Any]:
        return []

    def months(self, *_: Any) -> list[Any]:
        return []


def month_table(month: Month) -> MonthTable:
    names = [day.date.isoformat() for day in month_of_days().days]
    starts = [day.start for day in month_of_days().days]
    by_day: dict[str, list[str]] = {name: [] for name in names}
    for packed in month.packed:
        name = max(zip(starts, names, strict=True), key=_starts_before(packed))[1]
        by_day[name].append(json.dumps({"B": b64encode(packed).decode()}))
    return MonthTable(by_day, dict(zip(names, month.summaries, strict=True)))


def _starts_before(packed: bytes) -> Any:
    first = read_pack(packed).first_start
    return lambda day: day[0] if day[0] <= first else 0


@dataclass(slots=True)
class Part:
    """The CPU in ms, the bytes read and those of the answer of one invocation."""

    cpu_ms: float
    read_bytes: int
    answer_bytes: int

    @property
    def milliseconds(self) -> float:
        pages = -(-self.read_bytes // PAGE_BYTES)
        return self.cpu_ms * ARM_SLOWNESS + pages * PAGE_MS


@dataclass(slots=True)
class LocalFunction:
    """Answers from memory, so that only the caller's work is measured."""

    answers: dict[str, Any] = field(default_factory=dict)

    def scan(self, payload: dict[str, Any]) -> dict[str, Any]:
        days = [day[0] for day in payload["days"]]
        return dict(json.loads(json.dumps({"days": {day: self.answers[day] for day in days}})))


def context_of(table: MonthTable, function: LocalFunction | None = None) -> Context:
    tables: Any = SimpleNamespace(
        rollups=table,
        scan_cache=ByteCache(0),
        scan_function=function,
        compaction_queue=SimpleNamespace(tasks=list),
    )
    settings: Any = Settings.from_environment(
        dict.fromkeys(
            ("EVENTS_TABLE", "SESSIONS_TABLE", "ACTIVE_SESSIONS_TABLE", "ROLLUPS_TABLE"),
            "LiveInsight",
        )
        | {"SITES": SITE}
    )
    return Context(tables, settings, UNTIL - 1)


def filtered_query() -> Query:
    return Query(month_of_days(), parse_filters(WIDE_FILTER))


def measure_part(table: MonthTable, days: int) -> Part:
    """Scan the first days of the month as one part."""
    request = ScanRequest.of_query(SITE, filtered_query(), month_of_days().days[:days])
    payload = json.loads(json.dumps(request.to_json()))
    milliseconds, answer = cpu_ms(lambda: json.dumps(answer_scan(payload, context_of(table))))
    names = [day.date.isoformat() for day in request.days]
    read = sum(len(text) * 3 // 4 for name in names for text in table.packs_by_day[name])
    return Part(milliseconds, read, len(answer))


def measure_adding(table: MonthTable, months: int) -> float:
    """Return the CPU in ms of the API function for as many months, without that of sending."""
    query = filtered_query()
    request = ScanRequest.of_query(SITE, query, month_of_days().days)
    function = LocalFunction(answer_scan(request.to_json(), context_of(table))["days"])
    context = context_of(table, function)
    days = [SettledDay(day, 1_000_000, "1") for day in request.days]

    def work() -> ScanResult:
        for _ in range(months):
            result = scan_settled(request, days, context)
            report(query, result.summary)
        return result

    return cpu_ms(work)[0]


def measure() -> Iterator[Result]:
    month = stored_month()
    table = month_table(month)
    a_day = month.sessions / len(month.summaries)
    adding = measure_adding(table, 1)
    for sessions, wall_goal, usd_goal in (
        (400_000, 0.8, None),
        (4_000_000, None, None),
        (10_000_000, 3.0, 0.01),
    ):
        days = [SettledDay(day, round(a_day), "1") for day in month_of_days().days]
        parts = split(days * round(sessions / month.sessions))
        part = measure_part(table, max(map(len, parts)))
        months = sessions / month.sessions
        name = f"stats of {sessions:,} sessions with a filter"
        own = adding * months + INVOKE_CPU_MS * len(parts)
        waiting = INVOKE_MS + part.milliseconds
        received = part.answer_bytes * len(parts) / NETWORK_BYTES_PER_MS
        wall = own * ARM_SLOWNESS + waiting + received
        yield Result(f"{name}, wall time (modelled)", wall / 1000, "s", wall_goal)
        yield Result(f"{name}, invocations", len(parts), "")
        yield Result(f"{name}, price (modelled)", _usd(part, parts, wall), "USD", usd_goal)
    cold = start_ms(load_measurements().start_ms)
    yield Result("stats with a filter, added by cold starts (modelled)", cold / 1000, "s")
    yield Result("largest part of a scan, peak memory", _peak_memory_mb(table), "MB", MAX_MB)
    yield from late_in_the_day(table)
    measurements = load_measurements()
    stored = measurements.packed_bytes + measurements.outline_bytes
    yield Result("storage of a closed session, with its summary", stored, "bytes")


def _usd(part: Part, parts: Sequence[Any], wall_ms: float) -> float:
    seconds = gb_seconds(part.milliseconds * len(parts) + wall_ms, memory_mb=API_MB)
    units = part.read_bytes * len(parts) / READ_UNIT_BYTES
    return (
        seconds * PRICES["lambda_arm_gb_second"]
        + len(parts) / MILLION * PRICES["lambda_requests_per_million"]
        + units / MILLION * PRICES["dynamodb_read_units_per_million"]
    )


def late_in_the_day(table: MonthTable) -> Iterator[Result]:
    """Yield the whole handler of the dashboard's first request, when today is almost over: its
    sessions are counted one by one."""
    period = resolve_period("7d", now=UNTIL - 1, compare="previous_period")
    query = Query(period)

    def work() -> None:
        reader = StatsReader(SITE, [], context_of(table))
        assert query.comparison is not None
        found, compared = reader.read(query), reader.read(query.comparison)
        report(query, found.summary, compared.summary)

    yield Result("stats late in the day, CPU", cpu_ms(work)[0], "ms")


def _peak_memory_mb(table: MonthTable) -> float:
    """Return the peak of a process that scans the month as one part."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_memory_of_part, (table,))


def _memory_of_part(table: MonthTable) -> float:
    before = len(json.dumps(table.packs_by_day)) / 1e6  # of the table, which Lambda has not
    request = ScanRequest.of_query(SITE, filtered_query(), month_of_days().days)
    answer_scan(request.to_json(), context_of(table))
    return peak_mb() - before


def main() -> None:
    for result in measure():
        print(result)


if __name__ == "__main__":
    main()
