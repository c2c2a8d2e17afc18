"""Write units per event, as the emulator reports them for the app's handlers.

    python -m benchmarks.suites.work.write_units

Sessions of three page views begin a second apart, with ten seconds between pages. They are
closed when all have ended, or about one per run of the job; the next day they are compacted,
and the next month they are summarized. All of that counts. Engagement is sent as the tracker
does: that of a page with the next page's request, that of the last page alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.harness.lambda_events import browser
from benchmarks.harness.result import Result
from benchmarks.targets.capacity import Usage, count_units
from benchmarks.targets.emulated_stage import emulator, fresh_stage
from benchmarks.targets.in_process_app import InProcessApp, in_process_app
from chalicelib.domain.query.calendar import HOUR_MS
from devkit.emulated_aws.emulator import Emulator

MINUTE_MS = 60_000
DAY_MS = 24 * HOUR_MS
NEXT_DAY_MS = 16 * HOUR_MS  # from START to two in the morning
NEXT_MONTH_MS = NEXT_DAY_MS + 26 * DAY_MS

START = 1_788_602_400_000  # Saturday 2026-09-05 10:00 UTC
PAGES = 3
PAGE_MS = 10_000
ENDED_AFTER_MS = 33 * MINUTE_MS  # the session timeout, and time for late events
SESSIONS = 1_000
PATHS = ("/seeds/salad.html", "/journal/tomatoes-on-the-fourth-floor.html", "/delivery.html")
TITLES = ("Seeds · Larkspur", "Tomatoes on the fourth floor · Larkspur", "Delivery · Larkspur")


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    goal: float | None = None
    sessions: int = SESSIONS
    has_users: bool = False
    has_engagement: bool = False
    sessions_per_run: int | None = None  # if set, the job runs every minute; otherwise once
    gap_ms: int = 1_000  # between two sessions, if the job runs once
    sites: int = 1

    @property
    def session_gap_ms(self) -> int:
        return MINUTE_MS // self.sessions_per_run if self.sessions_per_run else self.gap_ms

    @property
    def ended_at(self) -> int:
        last = START + (self.sessions - 1) * self.session_gap_ms
        return last + PAGES * PAGE_MS + ENDED_AFTER_MS

    def job_times(self) -> list[int]:
        """Return the times of the job in ms, up to the next month."""
        each_minute = (
            range(START + 30_000, self.ended_at, MINUTE_MS) if self.sessions_per_run else ()
        )
        return [*each_minute, self.ended_at, START + NEXT_DAY_MS, START + NEXT_MONTH_MS]


COOKIELESS = Variant("write units per event, cookieless", 3.5)
WITH_USERS = Variant("write units per event, with user_id", 3.9, has_users=True)
ONE_SESSION_PER_RUN = Variant(
    "write units per event, one session per run", 6, sessions_per_run=1
)
WITH_ENGAGEMENT = Variant(
    "write units per page view, with engagement", 4.5, has_engagement=True
)
VARIANTS = (COOKIELESS, WITH_USERS, ONE_SESSION_PER_RUN, WITH_ENGAGEMENT)


@dataclass(frozen=True, slots=True)
class Replay:
    """The usage of a replay, in total and of collecting; `lines` are the collector's logs."""

    usage: Usage
    collecting: Usage
    pageviews: int
    requests: int
    lines: list[str]

    @property
    def write_units(self) -> float:
        """Write units per page view."""
        return self.usage.write_units / self.pageviews


@dataclass(frozen=True, slots=True, order=True)
class _Request:
    """Page 0 to PAGES - 1 of a session, or PAGES for leaving the last one."""

    at: int
    session: int
    page: int


def measure(variants: tuple[Variant, ...] = VARIANTS) -> Iterator[tuple[Result, Replay]]:
    with emulator() as started:
        for variant in variants:
            replay = replay_on(started, variant)
            yield Result(variant.name, replay.write_units, "units", variant.goal), replay


def replay_on(started: Emulator, variant: Variant) -> Replay:
    client, tables = fresh_stage(started)
    with count_units(client) as usage, in_process_app(client, **tables) as app:
        return replay(app, usage, variant)


def replay(app: InProcessApp, usage: Usage, variant: Variant) -> Replay:
    """Collect, close and compact; the app's client counts into `usage`."""
    collecting = Usage()
    jobs = variant.job_times()
    app.keep_lines = True
    before = usage.copy()
    for at in send_requests(app, variant):
        collecting += usage - before
        while jobs[0] < at:
            _run_job(app, jobs.pop(0))
        before = usage.copy()
    for at in jobs:
        _run_job(app, at)
    return Replay(usage.copy(), collecting, variant.sessions * PAGES, app.requests, app.lines)


def send_requests(app: InProcessApp, variant: Variant) -> Iterator[int]:
    """Send all requests; yield after each one the time (ms) of the next."""
    session_ids: dict[int, str] = {}
    for request, following in pairwise([*_requests(variant), None]):
        assert request
        bodies = _bodies(request, variant, session_ids.get(request.session))
        answer = app.post(bodies, browser(request.session), at=request.at)
        session_ids[request.session] = answer["session_id"]
        yield following.at if following else request.at


def _run_job(app: InProcessApp, at: int) -> None:
    app.keep_lines = False
    app.run_minute_job(at=at)
    app.keep_lines = True


def _requests(variant: Variant) -> list[_Request]:
    pages = PAGES + variant.has_engagement
    return sorted(
        _Request(START + number * variant.session_gap_ms + page * PAGE_MS, number, page)
        for number in range(variant.sessions)
        for page in range(pages)
    )


def _bodies(
    request: _Request, variant: Variant, session_id: str | None
) -> list[dict[str, Any]]:
    """Return the events of a request as the tracker sends them."""
    bodies: list[dict[str, Any]] = []
    number = request.session % variant.sites
    site = f"site-{number:04}.example" if variant.sites > 1 else "demo.example"
    if request.page and variant.has_engagement:
        engagement = {"engaged_ms": 8_400, "scroll_depth": 72}
        bodies.append(
            _event("engagement", request.session, request.page - 1, site) | engagement
        )
    if request.page < PAGES:
        came_from = PATHS[request.page - 1] if request.page else None
        referrer = (
            f"https://demo.example{came_from}" if came_from else "https://www.google.com/"
        )
        more = {"title": TITLES[request.page], "referrer": referrer}
        bodies.append(_event("page_view", request.session, request.page, site) | more)
    always = {"session_id": session_id} if session_id else {}
    always |= {"user_id": f"gardener-{request.session}"} if variant.has_users else {}
    return [body | always for body in bodies]


def _event(event_type: str, session: int, page: int, site: str) -> dict[str, Any]:
    return {
        "event_type": event_type,
        "event_id": f"{session:08x}-{page:04x}-4000-8000-000000000000",
        "page_url": f"https://{site}{PATHS[page]}",
        "language": "de-DE",
        "screen": "1920x1080",
        "timezone": "Europe/Berlin",
        "age": 3,
    }


if __name__ == "__main__":
    for result, _ in measure():
        print(result, flush=True)
