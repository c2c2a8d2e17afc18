"""What figures cost: CPU and memory of answers, and the bytes that closed sessions take.

    python -m benchmarks.stats

A month of 1,000,000 page views of the traffic model, packed as stored. Six days of it are drawn
and repeated five times with other ids and visitors, which takes a fifth of the time.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import resource
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.result import Result
from benchmarks.speed import cpu_ms, slowness
from benchmarks.traffic import plan_traffic
from benchmarks.traffic_sessions import closed_sessions
from chalicelib.domain.answer import answer, report
from chalicelib.domain.calendar import HOUR_MS, zone_of
from chalicelib.domain.counting import count
from chalicelib.domain.dimensions import DEFAULT, DIMENSIONS
from chalicelib.domain.filters import parse_filters
from chalicelib.domain.ids import session_id
from chalicelib.domain.packing import split_packed
from chalicelib.domain.period import Period, resolve
from chalicelib.domain.query import Query
from chalicelib.domain.segment import SESSION_COLUMNS, STEP_COLUMNS, Segment, unpack
from chalicelib.domain.session import Session
from chalicelib.domain.summary import add_all
from chalicelib.domain.summary_packing import pack_summary, unpack_summary

DAY_MS = 24 * HOUR_MS
UNTIL = int(datetime(2026, 10, 31, tzinfo=UTC).timestamp() * 1000)  # 30 days end here
DRAWN_DAYS, REPEATED = 6, 5
DRAWN_SESSIONS = 80_000  # with 2.5 page views each
SHARE = 0.2  # of the sessions that a narrow filter should find


@dataclass(frozen=True, slots=True)
class Month:
    """`packed` are the segments of 30 days, `summaries` one of each day and one of all."""

    packed: list[bytes]
    summaries: list[bytes]
    summary_of_month: bytes
    sessions: int
    pageviews: int


def measure() -> list[Result]:
    month = stored_month()
    narrow, share = _narrow_filter(month)
    wide = "page!=/there-is-no-such-page"
    broad_ms, _ = cpu_ms(lambda: filtered(month.packed, wide))
    narrow_ms, _ = cpu_ms(lambda: filtered(month.packed, narrow))
    summed_ms, _ = cpu_ms(lambda: summed(month.summaries))
    year_ms, _ = cpu_ms(lambda: summed([month.summary_of_month] * 12))
    decode_ms, _ = cpu_ms(lambda: decode(month.packed))
    size = sum(map(len, month.packed))
    print(
        f"{month.sessions:,} sessions, {month.pageviews:,} page views in {size:,} bytes; "
        f"{narrow} finds {share:.0%}; this machine takes {slowness():.1f} times the reference"
    )
    return [
        Result("stats without a filter, CPU", summed_ms, "ms", 150),
        Result("stats of a year without a filter, CPU", year_ms, "ms", 300),
        Result("stats with a filter for 20 %, CPU", narrow_ms, "ms", 700),
        Result("stats with a filter for all, CPU", broad_ms, "ms", 2_500),
        Result("stats, peak memory", peak_memory_mb(month.packed, wide), "MB", 200),
        Result("storage of closed sessions", size / month.sessions, "bytes/session", 30),
        Result("largest summary of a day", max(map(len, month.summaries)), "bytes", 300_000),
        Result("reading all columns, CPU", decode_ms, "ms"),
    ]


def stored_month() -> Month:
    packed: list[bytes] = []
    sessions = pageviews = 0
    by_day: dict[int, list[Session]] = {}
    for one in _sessions():
        by_day.setdefault(one.started_at // DAY_MS, []).append(one)
        sessions += 1
        pageviews += one.pageviews
    for day in sorted(by_day):
        packed += split_packed(by_day.pop(day))
    period = month_of_days()
    segments = list(map(unpack, packed))
    dimensions = tuple(DIMENSIONS.values())
    summaries = [
        pack_summary(count(segments, [day], period.zone, dimensions=dimensions))
        for day in period.days
    ]
    of_month = pack_summary(add_all(map(unpack_summary, summaries)))
    return Month(packed, summaries, of_month, sessions, pageviews)


def month_of_days() -> Period:
    return resolve("30d", now=UNTIL - 1, timezone=zone_of("UTC").key)


def filtered(packed: list[bytes], filters: str) -> dict[str, Any]:
    return answer(map(unpack, packed), Query(month_of_days(), parse_filters(filters)))


def summed(summaries: list[bytes]) -> dict[str, Any]:
    names = {dimension.name for dimension in DEFAULT}
    return report(
        Query(month_of_days()), add_all(unpack_summary(each, names) for each in summaries)
    )


def decode(packed: list[bytes]) -> None:
    for content in packed:
        segment: Segment = unpack(content)
        segment.texts()
        for name in SESSION_COLUMNS + STEP_COLUMNS:
            segment.numbers(name)


def peak_memory_mb(packed: list[bytes], filters: str) -> float:
    """Of a process that does nothing but answer."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_memory_of_answer, (packed, filters))


def _memory_of_answer(packed: list[bytes], filters: str) -> float:
    filtered(packed, filters)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _sessions() -> Iterator[Session]:
    first_end = UNTIL - (REPEATED - 1) * DRAWN_DAYS * DAY_MS
    plan = plan_traffic(DRAWN_SESSIONS, until=first_end - 1, days=DRAWN_DAYS)
    for one in closed_sessions(plan):
        for number in range(REPEATED):
            yield _again(one, number) if number else one


def _again(session: Session, number: int) -> Session:
    """The same some days later, by somebody else."""
    later = number * DRAWN_DAYS * DAY_MS
    steps = tuple(replace(step, at=step.at + later) for step in session.steps)
    return replace(
        session,
        session_id=session_id(steps[0].at, _digest(session.session_id, number, 4)),
        visitor=_digest(session.visitor, number, 6).hex(),
        steps=steps,
    )


def _digest(text: str, number: int, size: int) -> bytes:
    return hashlib.blake2b(f"{text} {number}".encode(), digest_size=size).digest()


def _narrow_filter(month: Month) -> tuple[str, float]:
    """The country or device whose share of the sessions is nearest to SHARE."""
    dimensions = (DIMENSIONS["country"], DIMENSIONS["device"], DIMENSIONS["source"])
    asked = Query(month_of_days(), dimensions=dimensions, limit=100)
    found = report(asked, unpack_summary(month.summary_of_month))["breakdowns"]
    shares = [
        (f"{name}=={row['value'] or ''}", row["sessions"] / month.sessions)
        for name, breakdown in found.items()
        for row in breakdown["rows"]
    ]
    return min(shares, key=lambda one: abs(one[1] - SHARE))


def main() -> None:
    for result in measure():
        print(result)


if __name__ == "__main__":
    main()
