"""Whether the cost of an event grows with the number of events or sites.

    python -m benchmarks.suites.work.growth

Measured on a fake DynamoDB: units, and the CPU of our own code (that of the client's calls
depends on their number). The last sessions of a day are collected and closed; for the earlier
ones, the recents that closing would have left are stored. All of them are compacted, during the
day and at night. The cost of an event is that of one of the last, and its share of the day's
compaction.

Each site has the same few sessions. benchmarks/suites/price/scale.py models larger
numbers.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from statistics import median
from typing import Any

from benchmarks.harness.reference_speed import CurrentSlowness
from benchmarks.harness.result import Result
from benchmarks.suites.work.stored_day import (
    DAY,
    SESSIONS_PER_RECENT,
    SITE,
    closed_sessions_of_day,
    store_before,
)
from benchmarks.suites.work.write_units import (
    COOKIELESS,
    NEXT_DAY_MS,
    NEXT_MONTH_MS,
    PAGES,
    START,
    Variant,
    replay,
    send_requests,
)
from benchmarks.targets.capacity import Usage
from benchmarks.targets.fake_app import compute_units
from benchmarks.targets.in_process_app import InProcessApp, in_process_app
from chalicelib.domain.sessions.session import Session
from testing.fake_dynamodb.fake_client import FakeDynamoDB
from testing.table_definitions import table_definitions

EVENTS = (1_000, 10_000, 100_000, 1_000_000)
MAX_COLLECTED = 3_000  # the last events of a day; earlier ones are stored already

SITES = (1, 10, 100, 1_000)
SESSIONS_PER_SITE = 4

MIN_EVENTS = 6_000  # smaller numbers are measured repeatedly, up to this
COLLECT_GARBAGE_AFTER = 1_000  # events; a garbage collection empties the processor's caches
MAX_RATIO = 1.1
SPEED = CurrentSlowness()


@dataclass
class TimedDynamoDB(FakeDynamoDB):
    """Counts its own CPU time."""

    seconds: float = 0.0

    def _call(self, operation: str, request: Any, do: Callable[[Any], Any]) -> Any:
        began = time.thread_time()
        try:
            return super()._call(operation, request, do)
        finally:
            self.seconds += time.thread_time() - began


@dataclass(frozen=True, slots=True)
class EventCost:
    """The cost of an event: units, and CPU ms at reference speed."""

    write_units: float
    read_units: float
    cpu_ms: float


@dataclass(slots=True)
class MeasuredApp:
    """The app on empty tables, with its units and the CPU of our own code."""

    app: InProcessApp
    usage: Usage
    tables: TimedDynamoDB

    def point(self, work: Callable[[], object], events: int) -> EventCost:
        """Run `work` and return its cost per event."""
        usage, seconds, before = self.usage.copy(), self._seconds(), SPEED.now()
        work()
        used, cpu_ms = self.usage - usage, (self._seconds() - seconds) * 1000
        speed = (before + SPEED.now()) / 2
        return EventCost(
            used.write_units / events, used.read_units / events, cpu_ms / speed / events
        )

    def _seconds(self) -> float:
        return self.app.seconds - self.tables.seconds


def measure() -> Iterator[Result]:
    with _without_collector():
        cost_with_sites(1)  # a first run, for one-time work
        yield from _results("events", _points(cost_with_events, {n: n for n in EVENTS}))
        events = {number: number * SESSIONS_PER_SITE * PAGES for number in SITES}
        yield from _results("sites", _points(cost_with_sites, events))


def cost_with_events(number: int) -> EventCost:
    """Return the cost of an event on a day with `number` events."""
    last = min(number, MAX_COLLECTED)
    variant = replace(COOKIELESS, sessions=last // PAGES)
    before = (number - last) // PAGES
    with _product() as measured:
        app = measured.app
        by_day = [
            measured.point(lambda at=at: app.run_minute_job(at=at), number)  # type: ignore[misc]
            for at in store_before(app, drawn_sessions() if before else (), before)
        ]
        at_the_end = measured.point(lambda: _collect_and_close(app, variant), last)
        at_night = measured.point(lambda: _run_at_night(app), number)
        check(app, before + variant.sessions)
    return _sum([*by_day, at_the_end, at_night])


def cost_with_sites(number: int) -> EventCost:
    """Return the cost of an event with `number` sites."""
    sessions = number * SESSIONS_PER_SITE
    gap_ms = max(1_000_000 // sessions, 1)
    variant = replace(COOKIELESS, sessions=sessions, sites=number, gap_ms=gap_ms)
    with _product() as measured:
        app, usage = measured.app, measured.usage
        return measured.point(lambda: replay(app, usage, variant), sessions * PAGES)


@contextmanager
def _product() -> Iterator[MeasuredApp]:
    tables = TimedDynamoDB()
    for definition in table_definitions():
        tables.create_table(**definition)
    with compute_units(tables) as usage, in_process_app(tables) as app:
        yield MeasuredApp(app, usage, tables)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Disable garbage collection, which would traverse the items of the fake tables."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def drawn_sessions() -> Sequence[Session]:
    """Return the closed sessions of one recent."""
    with _product() as measured:
        _collect_and_close(measured.app, replace(COOKIELESS, sessions=SESSIONS_PER_RECENT))
        return closed_sessions_of_day(measured.app)


def _collect_and_close(app: InProcessApp, variant: Variant) -> None:
    for _at in send_requests(app, variant):
        pass
    app.run_minute_job(at=variant.ended_at)


def _run_at_night(app: InProcessApp) -> None:
    app.run_minute_job(at=START + NEXT_DAY_MS)
    app.run_minute_job(at=START + NEXT_MONTH_MS)


def check(app: InProcessApp, sessions: int) -> None:
    """Raise unless all sessions are closed and counted."""
    stats = app.read(
        f"/api/stats?site={SITE}&period=custom&from={DAY}&to={DAY}", at=START + NEXT_MONTH_MS
    )
    if app.tables.active_scan.read().rows or stats["totals"]["sessions"] != sessions:
        raise AssertionError(f"{stats['totals']['sessions']:,} of {sessions:,} are counted")


def _sum(points: Sequence[EventCost]) -> EventCost:
    return EventCost(*(sum(getattr(one, f.name) for one in points) for f in fields(EventCost)))


def _points(
    measured: Callable[[int], EventCost], numbers: Mapping[int, int]
) -> dict[int, EventCost]:
    """Return the cost per number: median CPU over the rounds; units are equal in all. Rounds
    alternate between the numbers."""
    rounds: dict[int, list[EventCost]] = {number: [] for number in numbers}
    for times in range(max(MIN_EVENTS // events for events in numbers.values())):
        for number, events in numbers.items():
            if times * events < MIN_EVENTS:
                rounds[number].append(measured(number))
            if events >= COLLECT_GARBAGE_AFTER:
                gc.collect()
    return {
        number: replace(points[0], cpu_ms=median(point.cpu_ms for point in points))
        for number, points in rounds.items()
    }


def _results(of_what: str, points: dict[int, EventCost]) -> Iterator[Result]:
    least, most = min(points), max(points)
    for number, point in points.items():
        name = f"growth, {number:,} {of_what if number > 1 else of_what[:-1]}"
        yield Result(f"{name}: write units per event", point.write_units, "units")
        yield Result(f"{name}: CPU of the app per event", point.cpu_ms, "ms")
    name = f"growth from {least:,} to {most:,} {of_what}"
    for what, part in (("write units", "write_units"), ("CPU of the app", "cpu_ms")):
        times = getattr(points[most], part) / getattr(points[least], part)
        yield Result(f"{name}, {what}", times, "times", MAX_RATIO)


if __name__ == "__main__":
    for result in measure():
        print(result, flush=True)
