"""From 10 thousand to 10 billion page views a month: price, limits, and changes.

    python -m benchmarks.suites.price.scale          the table of docs/explanation/cost.md

Calculated from results.json, for one site with sessions of three page views, the tracker's
engagement, and a dashboard that is open eight hours a day. Its assumptions, which
tests/benchmarks/suites/price/test_scale.py compares with replays:

    a session and a closing of up to 97 sessions each take a fixed number of units, which follow
    from the replays of full batches and of one session per run; engagement is added
    the job runs once a minute, and closes the sessions that ended in that minute
    a row is active for 33 minutes and read every minute, beyond 100,000 rows every five
    the busiest minute has three times the mean number of events, the busiest day 1.5 times
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.harness.lambda_time import API_MB, billed_ms, gb_seconds
from benchmarks.harness.result import Result
from benchmarks.suites.price.cost_model import (
    LINE_BYTES,
    RUNS_PER_MONTH,
    Consumption,
    Cost,
    cost_of,
    job_run,
)
from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.price.monthly_price import (
    cold_start_count,
    cold_start_time,
    dashboard_reads,
    health_checks,
    session,
)
from benchmarks.suites.price.open_dashboard import (
    OPEN_MINUTES,
    ROW_BYTES,
    ROWS_PER_PAGE,
    active_rows,
)
from benchmarks.suites.price.scale_limits import (
    MAX_SESSIONS_PER_CLOSING,
    PAGES,
    PEAK,
    CpuTimes,
    ScaleLimit,
    limits,
)
from benchmarks.suites.work.collecting import CONTINUING
from devkit.infrastructure.price_list import MILLION, PRICES

STEPS = tuple(10**n for n in range(4, 11))
MAX_ROWS_READ_EACH_MINUTE = 100_000
READS_PER_SESSION = 4.5  # to open the session, and to read its events on closing
READS_OF_ENGAGEMENT = 1.0  # more per session


@dataclass(frozen=True, slots=True)
class MonthAtScale:
    """A month with `events` page views; `units` are per page view. `dashboard_usd` is the part
    of the cost that an open dashboard causes."""

    events: int
    units: float
    cost: Cost
    dashboard_usd: float
    limits: tuple[ScaleLimit, ...]


def units_per_closing(measurements: Measurements) -> float:
    """Return the fixed units of a closing."""
    return (
        (measurements.units_one - measurements.units_full)
        * PAGES
        / (1 - 1 / MAX_SESSIONS_PER_CLOSING)
    )


def units_per_session(measurements: Measurements) -> float:
    return (
        measurements.units_full * PAGES
        - units_per_closing(measurements) / MAX_SESSIONS_PER_CLOSING
    )


def simulate_month(events: int, measurements: Measurements) -> MonthAtScale:
    units = units_per_event(events / PAGES / RUNS_PER_MONTH, measurements)
    units += measurements.units_engaged - measurements.units_full
    times = CpuTimes(measurements.cpu_ms[CONTINUING], measurements.closing_ms)
    unwatched = _effort(events, units, measurements)
    cost = cost_of(
        unwatched + dashboard_reads(events / PAGES, measurements, line_bytes=LINE_BYTES)
    )
    dashboard_usd = cost.total - cost_of(unwatched).total
    return MonthAtScale(events, units, cost, dashboard_usd, limits(events, times))


def units_per_event(sessions_a_minute: float, measurements: Measurements) -> float:
    """Return the units per event, without engagement."""
    closings = max(sessions_a_minute / MAX_SESSIONS_PER_CLOSING, min(sessions_a_minute, 1.0))
    a_minute = sessions_a_minute * units_per_session(
        measurements
    ) + closings * units_per_closing(measurements)
    return a_minute / (sessions_a_minute * PAGES)


def scanned_units(events: int) -> float:
    """Return the monthly read units of the job's scans of active rows."""
    sessions = events / PAGES
    times = (
        OPEN_MINUTES if active_rows(sessions) <= MAX_ROWS_READ_EACH_MINUTE else OPEN_MINUTES / 5
    )
    return sessions * times * ROW_BYTES / 4096 / 2


def _effort(events: int, units: float, measurements: Measurements) -> Consumption:
    sessions = events / PAGES
    idle = job_run(cpu_ms=2.0, round_trips=3, read_units=2.0)
    tables = Consumption(
        write_units=events * units,
        read_units=sessions * (READS_PER_SESSION + READS_OF_ENGAGEMENT) + scanned_units(events),
    )
    collecting = session(measurements, has_engagement=True, line_bytes=LINE_BYTES) * sessions
    job = idle * RUNS_PER_MONTH + health_checks(measurements)
    return collecting + cold_start_time(sessions, measurements) + job + tables


def measure() -> Iterator[Result]:
    measurements = load_measurements()
    for events in STEPS:
        step = simulate_month(events, measurements)
        yield Result(f"{events:,} page views in one month (modelled)", step.cost.total, "USD")
    few = STEPS[0] / PAGES
    yield Result(
        "cold starts in a month of 10,000 page views (modelled)",
        round(cold_start_count(few, measurements)),
        "starts",
    )
    usd = cost_of(cold_start_time(few, measurements)).total
    yield Result("cold starts in a month of 10,000 page views, price", usd, "USD")
    yield from live_up_to()
    yield from memory_sizes(measurements)


def memory_sizes(measurements: Measurements) -> Iterator[Result]:
    """Yield the price and the speed of two memory sizes of the API function."""
    all_ms = measurements.filtered_ms
    for memory in (512, API_MB):
        milliseconds = billed_ms(
            measurements.cpu_ms[CONTINUING],
            round_trips=measurements.calls[CONTINUING],
            memory_mb=memory,
        )
        usd = gb_seconds(milliseconds, memory_mb=memory) * PRICES["lambda_arm_gb_second"]
        title = f"in {memory:,} MB (modelled)"
        yield Result(
            f"Lambda time of a million continuing requests, {title}", usd * MILLION, "USD"
        )
        seconds = billed_ms(all_ms, round_trips=0, memory_mb=memory) / 1000
        yield Result(f"stats of a million page views with a filter, {title}", seconds, "s")


def live_up_to() -> Iterator[Result]:
    """Yield the page views a month whose active rows fit one page of a scan."""
    on_average = ROWS_PER_PAGE / OPEN_MINUTES * RUNS_PER_MONTH * PAGES
    name = "page views a month up to which realtime reads the active sessions"
    yield Result(f"{name}, on average", round(on_average, -5), "")
    yield Result(f"{name}, in the busiest minute", round(on_average / PEAK, -5), "")


def table(measurements: Measurements) -> list[str]:
    return [
        "| page views a month | write units each | USD a month | limits reached | change |",
        "| ---: | ---: | ---: | --- | --- |",
        *(_row(simulate_month(events, measurements)) for events in STEPS),
    ]


def _row(step: MonthAtScale) -> str:
    reached = [limit for limit in step.limits if limit.share_used >= 1]
    names = "; ".join(f"{limit.name} ({limit.share_used:,.1f}×)" for limit in reached)
    nearest = step.limits[0]
    names = names or f"none; closest: {nearest.name} ({nearest.share_used:.0%})"
    changes = "; ".join(dict.fromkeys(limit.change for limit in reached)) or "nothing"
    usd = Result("", step.cost.total, "").rounded
    return f"| {step.events:,} | {step.units:.2f} | {usd:,} | {names} | {changes} |"


if __name__ == "__main__":
    for line in table(load_measurements()):
        print(line)
