"""What happens from 10 thousand to 10 billion page views a month: price, first limits, changes.

    python -m benchmarks.scale          the table of docs/cost.md

A calculation from the measured figures of results.json, for one site with sessions of three
page views. Its assumptions, which tests/benchmarks/test_scale.py holds against replays:

    a session takes so many units, and a closing so many more, of up to 97 sessions: both follow
    from the replays of full batches and of one session a run
    a run is once a minute, and closes what has ended in that minute
    a row is open for 33 minutes and read each minute, beyond 100,000 rows each five
    the busiest minute has three times the mean's events, the busiest day one and a half
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lambda_time import billed_ms
from benchmarks.price import RUNS_A_MONTH, Cost, Effort, cost_of, request, run_of_job
from benchmarks.result import Result
from benchmarks.scale_limits import MOST_A_CLOSING, PAGES, Limit, Times, limits

STEPS = tuple(10**n for n in range(4, 11))
OPEN_MINUTES = 33.0
ROW_BYTES = 700  # of the replay
MOST_ROWS_A_MINUTE = 100_000
READS_A_SESSION = 4.5  # to open it, and to read its events on closing
LINE_BYTES = 338
RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """Write units an event, in full batches and one session a run; CPU in ms."""

    units_full: float
    units_one: float
    new_ms: float
    continuing_ms: float
    closing_ms: float

    @property
    def a_closing(self) -> float:
        """Units that a closing takes, whatever the number of its sessions."""
        return (self.units_one - self.units_full) * PAGES / (1 - 1 / MOST_A_CLOSING)

    @property
    def a_session(self) -> float:
        return self.units_full * PAGES - self.a_closing / MOST_A_CLOSING


@dataclass(frozen=True, slots=True)
class Step:
    """A month of so many page views; `units` are those of one."""

    events: int
    units: float
    cost: Cost
    limits: tuple[Limit, ...]


def measured(path: Path = RESULTS) -> Measured:
    rows = {row["name"]: row["value"] for row in json.loads(path.read_text(encoding="utf-8"))}
    return Measured(
        units_full=rows["write units an event, cookieless"],
        units_one=rows["write units an event, one session a run"],
        new_ms=rows["collecting, CPU of a new session"],
        continuing_ms=rows["collecting, CPU of a continuing session"],
        closing_ms=rows["closing, CPU a session"],
    )


def simulated(events: int, known: Measured) -> Step:
    units = units_an_event(events / PAGES / RUNS_A_MONTH, known)
    times = Times(known.continuing_ms, known.closing_ms)
    return Step(events, units, cost_of(_effort(events, units, known)), limits(events, times))


def units_an_event(sessions_a_minute: float, known: Measured) -> float:
    closings = max(sessions_a_minute / MOST_A_CLOSING, min(sessions_a_minute, 1.0))
    a_minute = sessions_a_minute * known.a_session + closings * known.a_closing
    return a_minute / (sessions_a_minute * PAGES)


def scanned_units(events: int) -> float:
    """Read units of a month for reading the open rows again and again."""
    sessions = events / PAGES
    rows = sessions / RUNS_A_MONTH * OPEN_MINUTES
    times = OPEN_MINUTES if rows <= MOST_ROWS_A_MINUTE else OPEN_MINUTES / 5
    return sessions * times * ROW_BYTES / 4096 / 2


def _effort(events: int, units: float, known: Measured) -> Effort:
    sessions = events / PAGES
    new = request(cpu_ms=known.new_ms, round_trips=4, line_bytes=LINE_BYTES)
    continuing = request(cpu_ms=known.continuing_ms, round_trips=2, line_bytes=LINE_BYTES)
    idle = run_of_job(cpu_ms=2.0, round_trips=3, read_units=2.0)
    closing = Effort(billed_ms=billed_ms(known.closing_ms, round_trips=0))
    tables = Effort(
        write_units=events * units,
        read_units=sessions * READS_A_SESSION + scanned_units(events),
    )
    collecting = new * sessions + continuing * (events - sessions)
    return collecting + closing * sessions + idle * RUNS_A_MONTH + tables


def measure() -> Iterator[Result]:
    known = measured()
    for events in STEPS:
        step = simulated(events, known)
        yield Result(f"{events:,} page views in one month (modelled)", step.cost.total, "USD")


def table(known: Measured) -> list[str]:
    return [
        "| page views a month | units each | USD a month | limits that are reached | change |",
        "| ---: | ---: | ---: | --- | --- |",
        *(_row(simulated(events, known)) for events in STEPS),
    ]


def _row(step: Step) -> str:
    reached = [limit for limit in step.limits if limit.used >= 1]
    names = "; ".join(f"{limit.name}, {limit.used:.1f} times" for limit in reached)
    nearest = step.limits[0]
    names = names or f"none; nearest: {nearest.name}, {nearest.used:.0%}"
    changes = "; ".join(limit.change for limit in reached) or "nothing"
    usd = Result("", step.cost.total, "").rounded
    return f"| {step.events:,} | {step.units:.2f} | {usd:,} | {names} | {changes} |"


if __name__ == "__main__":
    for line in table(measured()):
        print(line)
