"""What collecting takes: calls to DynamoDB, and CPU of our own code beside that of the calls.

    python -m benchmarks.collecting

The handler of the app answers requests as the tracker sends them; its client talks to the
emulator, which is another process. Our own is the CPU of the handler, Chalice and JSON with it,
less that of the client's calls.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.emulator import emulator, fresh_stage
from benchmarks.gateway import browser
from benchmarks.product import Product, product
from benchmarks.result import Result
from benchmarks.speed import slowness
from benchmarks.units import PATHS, START, TITLES

VISITORS = 60
BATCH = 50
MOST_SHARE = 40  # percent
MOST_CALLS = {"a continuing session": 2, "a new session": 6, "a batch of 50": 6}


@dataclass(slots=True)
class Watched:
    """What the calls of a client take: their number and CPU seconds."""

    calls: int = 0
    seconds: float = 0.0
    operations: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Request:
    """What one request took, in seconds of CPU: in all, and in its calls."""

    kind: str
    calls: int
    seconds: float
    in_calls: float


def watch(client: Any) -> Watched:
    """Have the client count what its calls take from now on."""
    watched, call = Watched(), client._make_api_call

    def timed(operation: str, request: Any) -> Any:
        began = time.process_time()
        try:
            return call(operation, request)
        finally:
            watched.seconds += time.process_time() - began
            watched.calls += 1
            watched.operations[operation] += 1

    client._make_api_call = timed
    return watched


def measure(visitors: int = VISITORS) -> Iterator[Result]:
    with emulator() as started:
        client, tables = fresh_stage(started)
        watched = watch(client)
        with product(client, **tables) as made:
            before = slowness()
            requests = list(_requests(made, watched, visitors))
            speed = (before + slowness()) / 2
    yield from results(requests, speed)


def results(requests: list[Request], speed: float) -> Iterator[Result]:
    """`speed` is how many times the reference this machine takes."""
    # The first visitor's find the salts of the day.
    for kind, most in MOST_CALLS.items():
        calls = [one.calls for one in requests if one.kind == kind][1:]
        yield Result(f"calls to DynamoDB, {kind}", max(calls), "calls", most)
    usual = [one for one in requests if one.kind == "a continuing session"]
    share = median((one.seconds - one.in_calls) / one.in_calls for one in usual)
    yield Result("collecting, CPU of our own", share * 100, "% of calls", MOST_SHARE)
    for kind in MOST_CALLS:
        seconds = median(one.seconds for one in requests if one.kind == kind)
        yield Result(f"collecting, CPU of {kind}", seconds * 1000 / speed, "ms")


def _requests(made: Product, watched: Watched, visitors: int) -> Iterator[Request]:
    for number in range(visitors):
        session_id = None
        for page, kind in enumerate(("a new session", *["a continuing session"] * 3)):
            at = START + number * 1_000 + page * 10_000
            bodies = [_view(number, page, session_id)]
            request, answer = _answered(made, watched, kind, bodies, number, at)
            session_id = answer["session_id"]
            yield request
        if number % 10 == 0:
            batch = [_view(number, page) for page in range(100, 100 + BATCH)]
            at = START + number * 1_000
            yield _answered(made, watched, "a batch of 50", batch, visitors + number, at)[0]


def _answered(
    made: Product, watched: Watched, kind: str, bodies: Any, number: int, at: int
) -> tuple[Request, Any]:
    calls, in_calls, seconds = watched.calls, watched.seconds, made.seconds
    answer = made.post(bodies, browser(number), at=at)
    used = Request(
        kind, watched.calls - calls, made.seconds - seconds, watched.seconds - in_calls
    )
    return used, answer


def _view(number: int, page: int, session_id: str | None = None) -> dict[str, Any]:
    return {
        "event_type": "page_view",
        "event_id": f"{number:08x}-{page:04x}-4000-8000-000000000000",
        "page_url": f"https://demo.example{PATHS[page % len(PATHS)]}",
        "referrer": "https://www.google.com/",
        "title": TITLES[page % len(TITLES)],
        "language": "de-DE",
        "screen": "1920x1080",
        "timezone": "Europe/Berlin",
        "age": 3,
        **({"session_id": session_id} if session_id else {}),
    }


if __name__ == "__main__":
    for result in measure():
        print(result)
