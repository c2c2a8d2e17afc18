"""Collecting: calls to DynamoDB, and the CPU of our own code compared with that of the calls.

    python -m benchmarks.suites.work.collecting

The collect function receives requests like the tracker's; its client uses the emulator in
another process. "Our own" is the CPU of the function, less that of the client's calls.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.harness.lambda_events import browser
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.suites.work.write_units import PATHS, START, TITLES
from benchmarks.targets.emulated_stage import emulator, fresh_stage
from benchmarks.targets.in_process_app import InProcessApp, in_process_app
from chalicelib.storage.aws.client import dynamodb_client
from chalicelib.web.requests import MAX_BODY_BYTES

VISITORS = 60
BATCH = 50
MAX_SHARE_PERCENT = 100  # percent
CONTINUING, NEW, BATCHED = "a continuing session", "a new session", "a batch of 50"
VIEW_AND_ENGAGEMENT, ENGAGEMENT_ALONE = "a page view with engagement", "engagement alone"
TRACKER = "tracker.js"
LARGEST = "the largest request"  # as many events and bytes as a request may have
SESSIONS_OF_THREE = {  # requests of a session with three page views
    "": (NEW, CONTINUING, CONTINUING),
    ", with engagement": (NEW, VIEW_AND_ENGAGEMENT, VIEW_AND_ENGAGEMENT, ENGAGEMENT_ALONE),
}
MAX_CALLS = {
    CONTINUING: 2, NEW: 6, BATCHED: 6, VIEW_AND_ENGAGEMENT: None, ENGAGEMENT_ALONE: None,
    TRACKER: 0, LARGEST: None,
}  # fmt: skip


@dataclass(slots=True)
class CallUsage:
    """The number and CPU seconds of a client's calls."""

    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MeasuredRequest:
    """One request: its CPU seconds, in total and in its calls."""

    kind: str
    calls: int
    seconds: float
    in_calls: float


def measure_calls(client: Any) -> CallUsage:
    """Measure the client's calls from now on."""
    watched, call = CallUsage(), client._call

    def timed(operation: str, request: Any) -> Any:
        began = time.process_time()
        try:
            return call(operation, request)
        finally:
            watched.seconds += time.process_time() - began
            watched.calls += 1

    client._call = timed
    return watched


@dataclass(frozen=True, slots=True)
class Collecting:
    """Per kind of request: the maximum of calls, and CPU in ms at reference speed."""

    calls: dict[str, int]
    cpu_ms: dict[str, float]
    own_share: float  # of a continuing session, relative to the CPU of its calls

    def results(self) -> Iterator[Result]:
        for kind, most in MAX_CALLS.items():
            yield Result(f"calls to DynamoDB, {kind}", self.calls[kind], "calls", most)
        yield Result(
            "collecting, CPU of the app",
            self.own_share * 100,
            "% of the calls'",
            MAX_SHARE_PERCENT,
        )
        for kind, cpu_ms in self.cpu_ms.items():
            yield Result(f"collecting, CPU of {kind}", cpu_ms, "ms")
        for name, kinds in SESSIONS_OF_THREE.items():
            cpu_ms = sum(self.cpu_ms[kind] for kind in kinds) / 3
            yield Result(f"collecting, CPU per page view{name}", cpu_ms, "ms")


def measure(visitors: int = VISITORS) -> Collecting:
    with emulator() as started:
        _, tables = fresh_stage(started)
        client: Any = dynamodb_client(started.environment)
        watched = measure_calls(client)
        with in_process_app(client, **tables) as app:
            before = slowness()
            requests = list(_requests(app, watched, visitors))
            speed = (before + slowness()) / 2
    return summarize(requests, speed)


def summarize(requests: list[MeasuredRequest], speed: float) -> Collecting:
    """Summarize the requests; `speed` is a multiple of the reference's time. Calls leave out
    the first visitor's requests, which read the day's salts once per process."""
    of_kind = {kind: [one for one in requests if one.kind == kind] for kind in MAX_CALLS}
    usual = of_kind[CONTINUING]
    return Collecting(
        calls={k: max(one.calls for one in some[1:]) for k, some in of_kind.items()},
        cpu_ms={
            k: median(one.seconds for one in some) * 1000 / speed for k, some in of_kind.items()
        },
        own_share=median((one.seconds - one.in_calls) / one.in_calls for one in usual),
    )


def _requests(
    app: InProcessApp, watched: CallUsage, visitors: int
) -> Iterator[MeasuredRequest]:
    for number in range(visitors):
        yield _measure_tracker(app, watched, number)
        session_id = None
        for page, kind in enumerate(
            (NEW, CONTINUING, VIEW_AND_ENGAGEMENT, CONTINUING, ENGAGEMENT_ALONE)
        ):
            bodies = [page_view(number, page, session_id)] if kind != ENGAGEMENT_ALONE else []
            if kind in (VIEW_AND_ENGAGEMENT, ENGAGEMENT_ALONE):
                bodies.insert(0, _engagement(number, page - 1, session_id))
            at = START + number * 1_000 + page * 10_000
            request, answer = _answered(app, watched, kind, bodies, number, at)
            session_id = answer["session_id"]
            yield request
        if number % 10 == 0:
            batch = [page_view(number, page) for page in range(100, 100 + BATCH)]
            at = START + number * 1_000
            yield _answered(app, watched, BATCHED, batch, visitors + number, at)[0]
            yield _answered(
                app, watched, LARGEST, largest_request(number), 2 * visitors + number, at
            )[0]


def _answered(
    app: InProcessApp, watched: CallUsage, kind: str, bodies: Any, number: int, at: int
) -> tuple[MeasuredRequest, Any]:
    calls, in_calls, seconds = watched.calls, watched.seconds, app.seconds
    answer = app.post(bodies, browser(number), at=at)
    used = MeasuredRequest(
        kind, watched.calls - calls, app.seconds - seconds, watched.seconds - in_calls
    )
    return used, answer


def _measure_tracker(app: InProcessApp, watched: CallUsage, number: int) -> MeasuredRequest:
    calls, in_calls, seconds = watched.calls, watched.seconds, app.seconds
    app.load_tracker(browser(number), at=START + number * 1_000)
    return MeasuredRequest(
        TRACKER, watched.calls - calls, app.seconds - seconds, watched.seconds - in_calls
    )


def page_view(number: int, page: int, session_id: str | None = None) -> dict[str, Any]:
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


def largest_request(number: int) -> list[dict[str, Any]]:
    """Return the events of the largest accepted request, with the longest ids, which the
    response repeats."""
    events = [
        page_view(number, page)
        | {"event_id": f"{number:08x}-{page:04x}-".ljust(128, "x"), "props": {}}
        for page in range(200, 200 + BATCH)
    ]
    room = (MAX_BODY_BYTES - len(json.dumps(events))) // BATCH - len('"k": ""')
    return [event | {"props": {"k": "x" * room}} for event in events]


def _engagement(number: int, page: int, session_id: str | None) -> dict[str, Any]:
    engagement = {"event_type": "engagement", "engaged_ms": 8_400, "scroll_depth": 72}
    seen = page_view(number, page, session_id)
    return {name: seen[name] for name in seen if name not in ("title", "referrer")} | engagement


if __name__ == "__main__":
    for result in measure().results():
        print(result)
