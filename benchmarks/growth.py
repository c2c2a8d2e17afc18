"""Whether an event costs more the more there are, or the more sites there are.

    python -m benchmarks.growth

Measured on tables in this process: units, calls, and CPU of our own code (that of the client's
calls goes by their number). Full closing batches, all on one day, put together as usual; the
sites have the same few sessions each. Larger numbers are modelled in benchmarks/scale.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.capacity import Usage
from benchmarks.product import Product, product
from benchmarks.quick import computed
from benchmarks.result import Result
from benchmarks.speed import slowness
from benchmarks.units import COOKIELESS, PAGES, Variant, replay
from tests.dynamodb.client import QuickDynamoDB
from tests.world import table_definitions

EVENTS = (1_000, 10_000, 30_000)
SITES = (1, 10, 100, 1_000)
SESSIONS_A_SITE = 4
LEAST_SESSIONS = 400
MOST_TIMES = 1.1


@dataclass
class TimedDynamoDB(QuickDynamoDB):
    """Counts the CPU that it takes itself."""

    seconds: float = 0.0

    def _call(self, operation: str, request: Any, do: Callable[[Any], Any]) -> Any:
        began = time.thread_time()
        try:
            return super()._call(operation, request, do)
        finally:
            self.seconds += time.thread_time() - began


@dataclass(frozen=True, slots=True)
class Point:
    """Of an event: units, calls, and ms of CPU at reference speed."""

    write_units: float
    read_units: float
    calls: float
    cpu_ms: float


def measure() -> Iterator[Result]:
    points = {number: of_events(number) for number in EVENTS}
    yield from _results("events", points)
    yield from _results("sites", {number: of_sites(number) for number in SITES})


def of_events(number: int) -> Point:
    return _measured(replace(COOKIELESS, sessions=number // PAGES, apart=_apart(number)))


def of_sites(number: int) -> Point:
    sessions = number * SESSIONS_A_SITE
    return _measured(
        replace(COOKIELESS, sessions=sessions, sites=number, apart=_apart(sessions * PAGES))
    )


def _apart(events: int) -> int:
    """All sessions begin within a thousand seconds."""
    return max(1_000_000 * PAGES // events, 1) if events > PAGES * 1_000 else 1_000


def _measured(variant: Variant) -> Point:
    """Few events are replayed many times, or their CPU would tell nothing."""
    times = max(LEAST_SESSIONS // variant.sessions, 1)
    before = slowness()
    replays = [_replayed(variant) for _ in range(times)]
    speed = (before + slowness()) / 2
    events = variant.sessions * PAGES
    usage = replays[0][0]
    return Point(
        usage.write_units / events,
        usage.read_units / events,
        usage.calls.total() / events,
        sum(seconds for _, seconds in replays) * 1000 / speed / events / times,
    )


def _replayed(variant: Variant) -> tuple[Usage, float]:
    """What it used, and the CPU seconds of our own code."""
    tables = TimedDynamoDB()
    for definition in table_definitions():
        tables.create_table(**definition)
    with computed(tables) as usage, product(tables) as made:
        replay(made, usage, variant)
        seconds = made.seconds - tables.seconds
        _check(made, variant)
    return usage, seconds


def _check(made: Product, variant: Variant) -> None:
    if made.tables.active.contents().rows:
        raise AssertionError(f"{variant.sessions} sessions are not closed")


def _results(of_what: str, points: dict[int, Point]) -> Iterator[Result]:
    least, most = min(points), max(points)
    for number, point in points.items():
        name = f"growth, {number:,} {of_what if number > 1 else of_what[:-1]}"
        yield Result(f"{name}: write units an event", point.write_units, "units")
        yield Result(f"{name}: CPU of our own an event", point.cpu_ms, "ms")
    name = f"growth from {least:,} to {most:,} {of_what}"
    for what, part in (("write units", "write_units"), ("CPU of our own", "cpu_ms")):
        times = getattr(points[most], part) / getattr(points[least], part)
        yield Result(f"{name}, {what}", times, "times", MOST_TIMES)


if __name__ == "__main__":
    for result in measure():
        print(result, flush=True)
