"""`make load`: mixed traffic against the app on the emulator, reconciled exactly.

    python -m benchmarks.load.load_test [--seconds 12] [--most 40000]

Events go to the collect function, as at its Function URL. Two processes serve it, and their
jobs overlap. In the middle of each step the emulator restarts, and senders repeat what got no
answer.

Each step has twice as many senders as the one before. A sender plays sessions of the traffic
model one after the other, as fast as the app responds: page views with the engagement of the
previous page, clicks, and the dashboard's queries now and then. At the end, after every session
is closed, sent = answered = stored = counted, or the test fails. It sends to this machine only.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from statistics import mean, quantiles
from typing import Any

from benchmarks.load.load_client import LoadClient, SentRequest
from benchmarks.load.load_target import LoadTarget, running_target
from traffic_model.model import PlannedSession, plan_traffic
from traffic_model.session_script import SITE

SENDERS = (1, 2, 4, 8)
STEP_SECONDS = 12.0
MAX_REQUESTS = 40_000
SESSIONS = 16_000
SESSIONS_PER_QUERY = 5  # sessions
DASHBOARD_QUERIES = (
    f"/api/realtime?site={SITE}",
    f"/api/stats?site={SITE}&period=today",
    f"/api/sessions?site={SITE}&period=today",
)
MAX_WAIT_SECONDS = 120
ANSWERED = ("stored", "duplicate")  # the latter if the response to the first attempt was lost


@dataclass(slots=True)
class Load:
    """The state that all senders share."""

    client: LoadClient
    sessions: Iterator[PlannedSession]
    max_requests: int
    sent: list[SentRequest] = field(default_factory=list)
    events: int = 0  # page views and others, without engagement
    answered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send_until(self, deadline: float) -> None:
        for number in count():
            with self.lock:
                session = next(self.sessions, None)
            if session is None or self._is_over(deadline):
                return
            for bodies in requests_of(session):
                self._collect(session, bodies)
            if number % SESSIONS_PER_QUERY == 0:
                self._note(
                    self.client.get(
                        DASHBOARD_QUERIES[number // SESSIONS_PER_QUERY % len(DASHBOARD_QUERIES)]
                    )
                )

    def _is_over(self, deadline: float) -> bool:
        return time.monotonic() > deadline or len(self.sent) >= self.max_requests

    def _collect(self, session: PlannedSession, bodies: list[dict[str, Any]]) -> None:
        response = self.client.collect(bodies, session)
        events = sum(body["event_type"] != "engagement" for body in bodies)
        with self.lock:
            self.events += events
            self.answered += sum(
                one["status"] in ("stored", "duplicate") and body["event_type"] != "engagement"
                for one, body in zip(response.results, bodies, strict=False)
            )
        self._note(response)

    def _note(self, sent: SentRequest) -> None:
        with self.lock:
            self.sent.append(sent)


def requests_of(session: PlannedSession) -> Iterator[list[dict[str, Any]]]:
    """Yield the session's requests as the tracker sends them: engagement waits for the next
    event."""
    waiting: list[dict[str, Any]] = []
    for _, body in session.script.events:
        waiting = [*waiting, body]
        if body["event_type"] != "engagement":
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def run_step(load: Load, senders: int, seconds: float) -> list[SentRequest]:
    """Run one step and return its requests."""
    before = len(load.sent)
    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(target=load.send_until, args=(deadline,)) for _ in range(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return load.sent[before:]


def run_step_with_restart(
    load: Load, target: LoadTarget, senders: int, seconds: float
) -> list[SentRequest]:
    """Run one step, and restart the emulator in the middle of it."""
    timer = threading.Timer(seconds / 2, target.restart_emulator)
    timer.start()
    sent = run_step(load, senders, seconds)
    timer.join()
    return sent


def step_summary(senders: int, sent: list[SentRequest], seconds: float) -> str:
    failed = sum(one.status != 200 for one in sent)
    return (
        f"{senders:>3} senders {len(sent):>7,} requests {len(sent) / seconds:>7.1f} a second "
        f"{failed / max(len(sent), 1):>7.2%} failed  {_latencies(sent)}"
    )


def route_latencies(sent: list[SentRequest]) -> Iterator[str]:
    for route in sorted({one.route for one in sent}):
        some = [one for one in sent if one.route == route]
        yield f"    {route:28} {len(some):>7,}  {_latencies(some)}"


def _latencies(sent: list[SentRequest]) -> str:
    times = sorted(one.seconds * 1000 for one in sent)
    if len(times) < 2:
        return "too few requests"
    cuts = quantiles(times, n=100)
    return f"median {cuts[49]:6.1f} ms  95 % {cuts[94]:6.1f} ms  99 % {cuts[98]:6.1f} ms"


def time_breakdown(product: LoadTarget, sent: list[SentRequest]) -> Iterator[str]:
    """Yield where the time of a collect request goes, as its sender measures it."""
    seen = mean(one.seconds * 1000 for one in sent if one.route == "POST /events")
    handled = mean(product.handler_ms())
    yield f"    in the handler {handled:.1f} ms of {seen:.1f}; the rest is HTTP and waiting"
    for name, seconds in product.cpu_seconds().items():
        yield f"    CPU of the {name}: {seconds:.1f} s"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load.load_test",
        description="Run a load test, and check that every event was counted exactly once.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    seconds_help = "duration of each step"
    parser.add_argument("--seconds", type=float, default=STEP_SECONDS, help=seconds_help)
    parser.add_argument(
        "--most", type=int, default=MAX_REQUESTS, help="maximum number of requests"
    )
    options = parser.parse_args(arguments)
    planned = plan_traffic(SESSIONS, until=time.time_ns() // 1_000_000, days=1)
    with running_target() as product:
        client = LoadClient(product.url, product.collect_urls)
        load = Load(client, iter(planned), options.most)
        for senders in SENDERS:
            began = time.monotonic()
            sent = run_step_with_restart(load, product, senders, options.seconds)
            print(step_summary(senders, sent, time.monotonic() - began), flush=True)
        print("\nlatency by route")
        print("\n".join(route_latencies(load.sent)))
        print("\nwhere time goes")
        print("\n".join(time_breakdown(product, load.sent)))
        counts = {
            "sent": load.events,
            "answered as stored": load.answered,
            "stored": product.stored_events(),
            "counted": product.counted_events(MAX_WAIT_SECONDS),
        }
    retried = sum(one.attempts > 1 for one in load.sent)
    print(f"\n{product.restarts} restarts of the emulator, {retried:,} requests sent again")
    print(" = ".join(f"{name} {number:,}" for name, number in counts.items()))
    failed = [one for one in load.sent if one.status != 200]
    if failed or len(set(counts.values())) > 1:
        sys.exit(f"{len(failed)} requests failed. All counts above must be equal.")


if __name__ == "__main__":
    main(sys.argv[1:])
