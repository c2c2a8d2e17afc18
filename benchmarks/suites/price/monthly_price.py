"""The price of a million page views, and of an idle month.

    python -m benchmarks.suites.price.monthly_price

Units are replayed here; CPU and sizes are those of results.json. A million page views a month
are eight sessions a minute, which one run of the job closes. Full batches need twelve times as
many; their price is what a large site pays for one more million. Engagement is sent as the
tracker does: four requests for three page views. The tracker's file is requested once per
session, although browsers cache it for a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import mean

from benchmarks.harness.lambda_time import (
    API_MB,
    COLLECT_MB,
    JOB_MB,
    LIFE_MINUTES,
    billed_ms,
    cold_starts,
    gb_seconds,
    start_ms,
)
from benchmarks.harness.reference_speed import cpu_ms
from benchmarks.harness.result import Result
from benchmarks.suites.price.cost_model import (
    LINE_BYTES,
    LOG_EVENT_BYTES,
    RUNS_PER_MONTH,
    Consumption,
    Cost,
    collect_request,
    cost_of,
    job_run,
    job_time,
    platform_bytes,
)
from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.price.open_dashboard import active_rows, open_dashboard
from benchmarks.suites.work.collecting import (
    CONTINUING,
    ENGAGEMENT_ALONE,
    NEW,
    TRACKER,
    VIEW_AND_ENGAGEMENT,
)
from benchmarks.suites.work.write_units import (
    COOKIELESS,
    ENDED_AFTER_MS,
    PAGES,
    START,
    WITH_ENGAGEMENT,
    Replay,
    Variant,
    replay,
)
from benchmarks.targets.fake_app import fake_app
from devkit.infrastructure.price_list import ITEM_OVERHEAD_BYTES, MILLION
from testing.fake_dynamodb.fake_table import size_of

# The first calculation with the collect function, rounded up;
# docs/decisions/what-the-price-includes.md
MAX_USD_PER_MILLION, MAX_USD_WITH_ENGAGEMENT = 5.0, 5.5
MAX_USD_IN_ONE_MONTH, MAX_USD_IDLE = 6.5, 0.05
REQUESTS_AND_TABLES = "a million requests with events in one month: Lambda and tables"
SESSIONS_PER_RUN = 8  # a million page views in a month of 43,200 minutes
SESSIONS_PER_HOUR = 60 * SESSIONS_PER_RUN
IDLE_RUNS = 20
CHECKS_PER_MONTH = 24 * 30
HEALTH_READ_UNITS = 4  # one consistent read of each table
CALL_CPU_MS = 0.2  # of the client in the job, which the fake app lacks
EVENT_MONTHS = 1.0  # EVENT_RETENTION_DAYS
SESSION_DAYS = (
    400  # PERSONAL_RETENTION_DAYS of session summaries; packs are counted for as long
)
SESSION_MONTHS = SESSION_DAYS / 30
KINDS = {
    False: {TRACKER: 1, NEW: 1, CONTINUING: PAGES - 1},
    True: {TRACKER: 1, NEW: 1, VIEW_AND_ENGAGEMENT: PAGES - 1, ENGAGEMENT_ALONE: 1},
}  # requests of a session, without and with engagement


@dataclass(frozen=True, slots=True)
class IdleRun:
    """A run of the job that has nothing to do."""

    cpu_ms: float
    calls: float
    read_units: float
    write_units: float

    @property
    def consumption(self) -> Consumption:
        return job_run(
            cpu_ms=self.cpu_ms + self.calls * CALL_CPU_MS,
            round_trips=self.calls,
            read_units=self.read_units,
            write_units=self.write_units,
        )


def results() -> Iterator[Result]:
    measurements = load_measurements()
    alone = _job_alone(measurements)
    for name, variant, most, most_in_a_month in (
        ("page views alone", COOKIELESS, MAX_USD_PER_MILLION, None),
        ("with engagement", WITH_ENGAGEMENT, MAX_USD_WITH_ENGAGEMENT, MAX_USD_IN_ONE_MONTH),
    ):
        replayed = _replayed(variant)
        yield Result(
            f"a million page views, {name}",
            cost_of(million_pageviews(replayed, measurements)).total,
            "USD",
            most,
        )
        replayed = _replayed(
            replace(variant, sessions=SESSIONS_PER_HOUR, sessions_per_run=SESSIONS_PER_RUN)
        )
        sessions = MILLION / PAGES
        in_a_month = (
            million_pageviews(replayed, measurements)
            + alone
            + cold_start_time(sessions, measurements)
        )
        watched = dashboard_reads(sessions, measurements, line_bytes=_line_bytes(replayed))
        cost = cost_of(in_a_month + watched)
        title = f"a million page views in one month, {name}"
        yield Result(title, cost.total, "USD", most_in_a_month)
        for part, usd in parts(cost).items():
            yield Result(f"{title}: {part}", usd, "USD")
        if variant is COOKIELESS:
            yield Result(
                REQUESTS_AND_TABLES,
                requests_and_tables_usd(in_a_month, sessions, measurements),
                "USD",
            )
        if variant is WITH_ENGAGEMENT:
            usd = cost.total - cost_of(in_a_month).total
            yield Result("a dashboard open eight hours a day, a million page views", usd, "USD")
    yield Result("idle month", cost_of(alone).total, "USD", MAX_USD_IDLE)
    yield Result(
        "a dashboard open eight hours a day, idle month",
        cost_of(dashboard_reads(0, measurements, line_bytes=LINE_BYTES)).total,
        "USD",
    )


def requests_and_tables_usd(
    in_a_month: Consumption, sessions: float, measurements: Measurements
) -> float:
    """Return the price without the tracker's file, logs, transfer and storage."""
    cost = cost_of(in_a_month + _request(TRACKER, measurements, line_bytes=0) * -sessions)
    return cost.function + cost.writes + cost.reads


def storage() -> Iterator[Result]:
    """Measure the size of events and session summaries."""
    with fake_app() as (app, usage):
        replay(app, usage, replace(COOKIELESS, sessions=SESSIONS_PER_RUN))
        tables = app.tables.database.client.tables
        events = [
            size_of(item)
            for item in tables[app.tables.events.name].in_order()
            if "event_type" in item
        ]
        outlines = [size_of(item) for item in tables[app.tables.sessions.name].in_order()]
    yield Result("storage of an event", round(mean(events)), "bytes")
    yield Result("storage of a session item", round(mean(outlines)), "bytes")


def parts(cost: Cost) -> dict[str, float]:
    return {name: getattr(cost, name) for name in Cost.__slots__}


def million_pageviews(replay: Replay, measurements: Measurements) -> Consumption:
    """Scale the replay to a million page views, without idle runs of the job."""
    sessions = replay.pageviews / PAGES
    tables = Consumption(
        write_units=replay.usage.write_units, read_units=replay.usage.read_units
    )
    has_engagement = replay.requests != replay.pageviews
    one = session(measurements, has_engagement=has_engagement, line_bytes=_line_bytes(replay))
    return (one * sessions + tables) * (MILLION / replay.pageviews)


def session(
    measurements: Measurements, *, has_engagement: bool, line_bytes: float
) -> Consumption:
    """Return the consumption of a session of three page views, without reads and writes."""
    requests = Consumption()
    for kind, number in KINDS[has_engagement].items():
        requests += _request(kind, measurements, line_bytes=line_bytes) * number
    return (
        requests
        + job_time(measurements.closing_ms)
        + Consumption(byte_months=stored(measurements))
    )


def _request(kind: str, measurements: Measurements, *, line_bytes: float) -> Consumption:
    return collect_request(
        cpu_ms=measurements.cpu_ms[kind],
        round_trips=measurements.calls[kind],
        bytes_out=measurements.answer_bytes[kind],
        line_bytes=line_bytes,
    )


def stored(measurements: Measurements) -> float:
    """Return the byte-months of a session of three page views."""
    events = PAGES * (measurements.event_bytes + ITEM_OVERHEAD_BYTES) * EVENT_MONTHS
    closed = measurements.outline_bytes + ITEM_OVERHEAD_BYTES + measurements.packed_bytes
    return events + closed * SESSION_MONTHS


def cold_start_time(sessions: float, measurements: Measurements) -> Consumption:
    """Return the cold starts of the collect function in a month with `sessions`."""
    one = gb_seconds(start_ms(measurements.collect_start_ms), memory_mb=COLLECT_MB)
    return Consumption(gb_seconds=one) * cold_start_count(sessions, measurements)


def cold_start_count(sessions: float, measurements: Measurements) -> float:
    seconds = session(measurements, has_engagement=True, line_bytes=0).gb_seconds * sessions
    busy = seconds / (COLLECT_MB / 1024) / (RUNS_PER_MONTH * 60)
    return cold_starts(sessions, busy=busy)


def dashboard_reads(
    sessions: float, measurements: Measurements, *, line_bytes: float
) -> Consumption:
    """Return the consumption of an open dashboard in a month with `sessions`."""
    rows = active_rows(sessions)
    return open_dashboard(rows, sessions / 30, measurements, line_bytes=line_bytes)


def idle() -> IdleRun:
    """Measure idle runs of the job, on the tables of a site without recent visitors."""
    with fake_app() as (app, usage):
        replay(app, usage, replace(COOKIELESS, sessions=1))
        at = START + 90 * 86_400_000
        for _ in range(3):  # deletes salts and completes pending work
            app.run_minute_job(at=at)
        before = usage.copy()
        began = at + ENDED_AFTER_MS

        def run() -> None:
            for number in range(IDLE_RUNS):
                app.run_minute_job(at=began + number * 60_000)

        cpu, _ = cpu_ms(run, times=1)
        used = usage - before
    return IdleRun(
        cpu / IDLE_RUNS,
        used.calls.total() / IDLE_RUNS,
        used.read_units / IDLE_RUNS,
        used.write_units / IDLE_RUNS,
    )


def health_checks(measurements: Measurements) -> Consumption:
    """Return the consumption of the job's hourly check of the API function, which bypasses API
    Gateway. Each is a cold start, as on an idle site, and uses the CPU of a continuing
    request."""
    milliseconds = start_ms(measurements.start_ms) + billed_ms(
        measurements.cpu_ms[CONTINUING], round_trips=1, memory_mb=API_MB
    )
    one = Consumption(
        invocations=1,
        gb_seconds=gb_seconds(milliseconds, memory_mb=API_MB),
        read_units=HEALTH_READ_UNITS,
        log_bytes=LINE_BYTES + LOG_EVENT_BYTES + platform_bytes(),
    )
    return one * CHECKS_PER_MONTH


def _job_alone(measurements: Measurements) -> Consumption:
    """Return the consumption of the job: idle runs, health checks, and a start every two hours,
    as it is never idle for long."""
    starts = RUNS_PER_MONTH / LIFE_MINUTES
    one = gb_seconds(start_ms(measurements.start_ms), memory_mb=JOB_MB)
    runs = idle().consumption * RUNS_PER_MONTH + health_checks(measurements)
    return runs + Consumption(gb_seconds=one) * starts


def _replayed(variant: Variant) -> Replay:
    with fake_app() as (app, usage):
        return replay(app, usage, variant)


def _line_bytes(replay: Replay) -> float:
    return sum(len(line) + 1 for line in replay.lines) / replay.requests


if __name__ == "__main__":
    for result in results():
        print(result)
