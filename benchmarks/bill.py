"""The price of a million page views, and of a month in which nobody comes.

    python -m benchmarks.bill

A million a month are eight sessions a minute: so many a run of the job finds. The full batches
of the design come with twelve times as many. Engagement goes as the tracker sends it: four
requests for three page views.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import mean

from benchmarks.closing import measure as measure_closing
from benchmarks.collecting import AND_ENGAGEMENT, CONTINUING, LEFT, NEW, Collecting
from benchmarks.collecting import measure as measure_collecting
from benchmarks.price import (
    GB,
    MILLION,
    PRICES,
    RUNS_A_MONTH,
    Cost,
    Effort,
    cost_of,
    request,
    run_of_job,
)
from benchmarks.quick import quick_product
from benchmarks.result import Result
from benchmarks.speed import cpu_ms
from benchmarks.units import (
    COOKIELESS,
    ENDED_AFTER_MS,
    PAGES,
    START,
    WITH_ENGAGEMENT,
    Replayed,
    Variant,
    replay,
)
from tests.dynamodb.table import size_of

MOST_USD, MOST_USD_WITH_ENGAGEMENT, MOST_USD_IDLE = 6.6, 9.5, 0.10
A_RUN = 8  # sessions: a million page views in a month of 43,200 minutes
AN_HOUR = 60 * A_RUN
IDLE_RUNS = 20
CPU_OF_A_CALL_MS = 0.6  # of the client, in the job: what the stand-in has not


@dataclass(frozen=True, slots=True)
class Idle:
    """A run of the job with nothing to do."""

    cpu_ms: float
    calls: float
    read_units: float
    write_units: float

    @property
    def effort(self) -> Effort:
        return run_of_job(
            cpu_ms=self.cpu_ms + self.calls * CPU_OF_A_CALL_MS,
            round_trips=self.calls,
            read_units=self.read_units,
            write_units=self.write_units,
        )


def results(collecting: Collecting, closing_ms: float) -> Iterator[Result]:
    """`closing_ms` is the CPU of closing a session."""
    for name, variant, most in (
        ("page views alone", COOKIELESS, MOST_USD),
        ("with engagement", WITH_ENGAGEMENT, MOST_USD_WITH_ENGAGEMENT),
    ):
        in_batches = million_of(_replayed(variant), collecting, closing_ms)
        spread = replace(variant, sessions=AN_HOUR, a_run=A_RUN)
        in_a_month = million_of(_replayed(spread), collecting, closing_ms) + _job_alone()
        price = cost_of(in_batches).total
        yield Result(f"a million page views, {name}", price, "USD", most)
        in_month = cost_of(in_a_month)
        yield Result(f"a million page views in one month, {name}", in_month.total, "USD")
        for part, usd in parts(in_month).items():
            yield Result(f"a million page views in one month, {name}: {part}", usd, "USD")
    yield Result("idle month", cost_of(_job_alone()).total, "USD", MOST_USD_IDLE)
    yield from storage()


def storage() -> Iterator[Result]:
    """What is stored as items, the packed sessions left out."""
    with quick_product() as (made, usage):
        replay(made, usage, replace(COOKIELESS, sessions=A_RUN))
        tables = made.tables.database.client.tables
        events = [
            size_of(item)
            for item in tables[made.tables.events.name].in_order()
            if "event_type" in item
        ]
        outlines = [size_of(item) for item in tables[made.tables.sessions.name].in_order()]
    usd = mean(events) * MILLION / GB * PRICES["dynamodb_storage_gb_month"]
    yield Result("storage of an event", round(mean(events)), "bytes")
    yield Result("storage of the outline of a session", round(mean(outlines)), "bytes")
    yield Result("storage of a million events, a month", usd, "USD")


def parts(cost: Cost) -> dict[str, float]:
    return {name: getattr(cost, name) for name in Cost.__slots__}


def million_of(found: Replayed, collecting: Collecting, closing_ms: float) -> Effort:
    """A million page views like those replayed, without the runs that have nothing to do."""
    times = MILLION / found.pageviews
    line_bytes = sum(len(line) + 1 for line in found.lines) / found.requests
    requests = Effort()
    sessions = found.pageviews / PAGES
    for kind, number in _kinds(found).items():
        one = request(
            cpu_ms=collecting.cpu_ms[kind],
            round_trips=collecting.calls[kind],
            line_bytes=line_bytes,
        )
        requests += one * (number * sessions)
    tables = Effort(write_units=found.usage.write_units, read_units=found.usage.read_units)
    closing = replace(run_of_job(cpu_ms=closing_ms, round_trips=0), invocations=0, log_bytes=0)
    return (requests + tables + closing * sessions) * times


def idle() -> Idle:
    """The job on tables that hold what they hold when nobody has come for days."""
    with quick_product() as (made, usage):
        replay(made, usage, replace(COOKIELESS, sessions=1))
        at = START + 90 * 86_400_000
        for _ in range(3):  # the salts and what was due are gone
            made.run_job(at=at)
        before = usage.copy()
        began = at + ENDED_AFTER_MS

        def run() -> None:
            for number in range(IDLE_RUNS):
                made.run_job(at=began + number * 60_000)

        cpu, _ = cpu_ms(run, times=1)
        used = usage - before
    return Idle(
        cpu / IDLE_RUNS,
        used.calls.total() / IDLE_RUNS,
        used.read_units / IDLE_RUNS,
        used.write_units / IDLE_RUNS,
    )


def _job_alone() -> Effort:
    return idle().effort * RUNS_A_MONTH


def _replayed(variant: Variant) -> Replayed:
    with quick_product() as (made, usage):
        return replay(made, usage, variant)


def _kinds(found: Replayed) -> dict[str, float]:
    """The requests of a session."""
    if found.requests == found.pageviews:
        return {NEW: 1, CONTINUING: PAGES - 1}
    return {NEW: 1, AND_ENGAGEMENT: PAGES - 1, LEFT: 1}


if __name__ == "__main__":
    closing = next(iter(measure_closing())).value
    for result in results(measure_collecting(), closing):
        print(result)
