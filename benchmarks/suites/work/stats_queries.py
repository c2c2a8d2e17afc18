"""Stats: CPU and memory of responses, and the bytes of closed sessions.

    python -m benchmarks.suites.work.stats_queries

The data is a month of 1,000,000 page views of the traffic model, packed as it is stored. Six
days are planned and repeated five times with other ids and visitors, which takes a fifth of the
time."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.harness.peak_memory import peak_mb
from benchmarks.harness.reference_speed import cpu_ms, slowness
from benchmarks.harness.result import Result
from chalicelib.domain.collection.ids import new_session_id
from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.summary import sum_summaries
from chalicelib.domain.metrics.summary_codec import (
    MAX_SUMMARY_BYTES,
    decode_summary,
    encode_summary,
)
from chalicelib.domain.packs.pack import SESSION_COLUMNS, STEP_COLUMNS, Pack, read_pack
from chalicelib.domain.packs.pack_writer import write_packs
from chalicelib.domain.query.calendar import HOUR_MS, parse_timezone
from chalicelib.domain.query.dimensions import DEFAULT_DIMENSIONS, DIMENSIONS
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.period import Period, resolve_period
from chalicelib.domain.query.query import Query
from chalicelib.domain.sessions.session import Session
from chalicelib.presentation.stats_response import answer, report
from traffic_model.model import plan_traffic
from traffic_model.modelled_sessions import closed_sessions

DAY_MS = 24 * HOUR_MS
UNTIL = int(datetime(2026, 10, 31, tzinfo=UTC).timestamp() * 1000)  # 30 days end here
DRAWN_DAYS, REPETITIONS = 6, 5
DRAWN_SESSIONS = 80_000  # with 2.5 page views each
WIDE_FILTER = "page!=/there-is-no-such-page"
NARROW_SHARE = 0.2  # of the sessions that the narrow filter matches


@dataclass(frozen=True, slots=True)
class Month:
    """The packs of 30 days, the summary of each day, and the summary of the month."""

    packed: list[bytes]
    summaries: list[bytes]
    of_month: bytes
    sessions: int
    pageviews: int


def measure() -> Iterator[Result]:
    month = stored_month()
    narrow, share = narrow_filter(month)
    size = sum(map(len, month.packed))
    print(
        f"{month.sessions:,} sessions, {month.pageviews:,} page views in {size:,} bytes; "
        f"{narrow} finds {share:.0%}; this machine takes {slowness():.1f} times the reference"
    )
    for name, goal, work in (
        ("stats without a filter, CPU", 150, lambda: stats_of_summaries(month.summaries)),
        (
            "stats of a year without a filter, CPU",
            300,
            lambda: stats_of_summaries([month.of_month] * 12),
        ),
        (
            "stats with a filter for 20 %, CPU",
            700,
            lambda: filtered_stats(month.packed, narrow),
        ),
        (
            "stats with a filter for all, CPU",
            2_500,
            lambda: filtered_stats(month.packed, WIDE_FILTER),
        ),
    ):
        yield Result(name, cpu_ms(work)[0], "ms", goal)
    yield Result("stats, peak memory", peak_memory_mb(month.packed, WIDE_FILTER), "MB", 200)
    yield Result("storage of closed sessions", size / month.sessions, "bytes/session", 30)
    yield Result(
        "largest summary of a day", max(map(len, month.summaries)), "bytes", MAX_SUMMARY_BYTES
    )
    yield Result("reading all columns, CPU", cpu_ms(lambda: decode(month.packed))[0], "ms")


def stored_month() -> Month:
    packed: list[bytes] = []
    sessions = pageviews = 0
    by_day: dict[int, list[Session]] = {}
    for one in _sessions():
        by_day.setdefault(one.started_at // DAY_MS, []).append(one)
        sessions += 1
        pageviews += one.pageviews
    for day in sorted(by_day):
        packed += write_packs(by_day.pop(day))
    period = month_of_days()
    segments = list(map(read_pack, packed))
    dimensions = tuple(DIMENSIONS.values())
    summaries = [
        encode_summary(aggregate(segments, [day], period.zone, dimensions=dimensions))
        for day in period.days
    ]
    of_month = encode_summary(sum_summaries(map(decode_summary, summaries)))
    return Month(packed, summaries, of_month, sessions, pageviews)


def month_of_days() -> Period:
    return resolve_period("30d", now=UNTIL - 1, timezone=parse_timezone("UTC").key)


def filtered_stats(packed: list[bytes], filters: str) -> dict[str, Any]:
    return answer(map(read_pack, packed), Query(month_of_days(), parse_filters(filters)))


def stats_of_summaries(summaries: list[bytes]) -> dict[str, Any]:
    names = {dimension.name for dimension in DEFAULT_DIMENSIONS}
    return report(
        Query(month_of_days()), sum_summaries(decode_summary(each, names) for each in summaries)
    )


def decode(packed: list[bytes]) -> None:
    for content in packed:
        segment: Pack = read_pack(content)
        segment.texts()
        for name in SESSION_COLUMNS + STEP_COLUMNS:
            segment.column(name)


def peak_memory_mb(packed: list[bytes], filters: str) -> float:
    """Return the peak memory of a process that only answers the query."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_memory_of_answer, (packed, filters))


def _memory_of_answer(packed: list[bytes], filters: str) -> float:
    filtered_stats(packed, filters)
    return peak_mb()


def _sessions() -> Iterator[Session]:
    first_end = UNTIL - (REPETITIONS - 1) * DRAWN_DAYS * DAY_MS
    plan = plan_traffic(DRAWN_SESSIONS, until=first_end - 1, days=DRAWN_DAYS)
    for one in closed_sessions(plan):
        for number in range(REPETITIONS):
            yield repeat_session(one, number, later_ms=number * DRAWN_DAYS * DAY_MS)


def repeat_session(session: Session, number: int, *, later_ms: int) -> Session:
    """Return the session `later_ms` later, by another visitor; number 0 is the session
    itself."""
    if number == 0:
        return session
    steps = tuple(replace(step, at=step.at + later_ms) for step in session.steps)
    return replace(
        session,
        session_id=new_session_id(steps[0].at, _digest(session.session_id, number, 4)),
        visitor=_digest(session.visitor, number, 6).hex(),
        steps=steps,
    )


def _digest(text: str, number: int, size: int) -> bytes:
    return hashlib.blake2b(f"{text} {number}".encode(), digest_size=size).digest()


def narrow_filter(month: Month) -> tuple[str, float]:
    """Return a filter for countries with about NARROW_SHARE of the sessions, and their
    share."""
    query = Query(month_of_days(), dimensions=(DIMENSIONS["country"],), limit=100)
    rows = report(query, decode_summary(month.of_month))["breakdowns"]["country"]["rows"]
    chosen: list[str] = []
    share = 0.0
    for row in rows:
        more = row["sessions"] / month.sessions
        if row["value"] and share + more <= NARROW_SHARE * 1.02:
            chosen.append(row["value"])
            share += more
    return f"country=={'|'.join(chosen)}", share


def main() -> None:
    for result in measure():
        print(result)


if __name__ == "__main__":
    main()
