"""A model of a site's traffic: who comes, when, from where, and what they do.

The demo, the load test and the benchmarks use it. Everything is sampled from one seed and does
not depend on the date, so a number of sessions always has the same metrics.

    sessions   begin at the hours of a shop (arrival_times), from the origins of distributions
    people     four in ten sessions are by returning visitors
    pages      each origin has its bounce rate; other sessions have an inverse Gaussian number
               of pages: Huberman et al., "Strong Regularities in World Wide Web
               Surfing" (1998)
    time       on a page follows a Weibull distribution with a shape below 1: Liu, White and
               Dumais, "Understanding Web Browsing Behaviors through Weibull Analysis of Dwell
               Time" (2010)

Times are in ms since the epoch. A session is one request, which its browser sends at the end.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from traffic_model.arrival_times import TimeShapes
from traffic_model.distributions import (
    BROWSERS,
    COUNTRIES,
    DEVICES,
    ORIGINS,
    SCREENS,
    Origin,
)
from traffic_model.person import Person
from traffic_model.session_script import Script, draw, write_script

SEED = 20_250_905
RETURNING_SHARE = 0.40
RETURNING_DIRECT_SHARE = 0.5  # of returning visitors, without a referrer
MEMBER_SHARE = 0.06  # of people, whose user_id the site knows
MIN_GAP_MS = 45 * 60_000  # between two sessions of a person, longer than the session timeout
MIN_OPEN_AGE_MS, MAX_OPEN_AGE_MS = 5_000, 25 * 60_000


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """`bodies` are its events as the tracker sends them, at `sent_at`."""

    person: Person
    origin: Origin
    script: Script
    started_at: int

    @property
    def sent_at(self) -> int:
        return self.started_at + self.script.duration_ms

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [
            {**body, "timestamp": self.started_at + offset}
            for offset, body in self.script.events
        ]

    def shifted(self, by_ms: int) -> PlannedSession:
        return replace(self, started_at=self.started_at + by_ms)


@dataclass(frozen=True, slots=True)
class TrafficTotals:
    """The metrics of a plan."""

    people: int
    sessions: int
    pageviews: int
    events: int
    bounces: int
    by_device: Counter[str]
    by_origin: Counter[str]

    @property
    def bounce_rate(self) -> float:
        return self.bounces / self.sessions


def plan_traffic(
    sessions: int, *, until: int, days: int = 30, open_now: int = 0, seed: int = SEED
) -> list[PlannedSession]:
    """Return the sessions of the `days` before `until` (ms), in the order of sending.

    `open_now` of them are still active: their last event is at most 25 minutes old.
    """
    rng = random.Random(seed)
    shapes = TimeShapes(until, days)
    people: list[Person] = []
    planned: list[PlannedSession] = []
    for number in range(sessions):
        is_open_now = number >= sessions - open_now
        person, is_back = _person(rng, people, may_be_back=not is_open_now)
        origin = _origin(rng, is_back=is_back)
        script = write_script(rng, origin, person)
        drawn = rng.random()
        started_at = shapes.time_at(origin.when, person.country.utc_offset, drawn)
        if is_open_now:
            ago = MIN_OPEN_AGE_MS + int(drawn**2 * (MAX_OPEN_AGE_MS - MIN_OPEN_AGE_MS))
            started_at = until - ago - script.duration_ms
        planned.append(PlannedSession(person, origin, script, started_at))
    return sorted(
        _without_overlaps(planned, until),
        key=lambda session: (session.sent_at, session.person.number),
    )


def traffic_totals(planned: Sequence[PlannedSession]) -> TrafficTotals:
    scripts = [session.script for session in planned]
    return TrafficTotals(
        people=len({session.person.number for session in planned}),
        sessions=len(planned),
        pageviews=sum(script.pageviews for script in scripts),
        events=sum(script.other_events for script in scripts),
        bounces=sum(script.is_bounce for script in scripts),
        by_device=Counter(session.person.device for session in planned),
        by_origin=Counter(session.origin.name for session in planned),
    )


def _person(
    rng: random.Random, people: list[Person], *, may_be_back: bool
) -> tuple[Person, bool]:
    """Return a person, and whether they are returning; a new one is added to `people`."""
    if may_be_back and people and rng.random() < RETURNING_SHARE:
        return rng.choice(people), True
    number = len(people)
    device = draw(rng, DEVICES)
    person = Person(
        number=number,
        # A private address, which no visitor has.
        address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        user_agent=draw(rng, BROWSERS[device]),
        device=device,
        screen=draw(rng, SCREENS[device]),
        country=draw(rng, COUNTRIES),
        user_id=f"gardener-{number}" if rng.random() < MEMBER_SHARE else None,
    )
    people.append(person)
    return person, False


def _origin(rng: random.Random, *, is_back: bool) -> Origin:
    origin = draw(rng, ORIGINS)
    if is_back and rng.random() < RETURNING_DIRECT_SHARE:
        return next(other for other, _ in ORIGINS if other.name == "direct")
    return origin


def _without_overlaps(
    planned: Iterable[PlannedSession], until: int
) -> Iterable[PlannedSession]:
    """Move sessions back in time so that a person's do not overlap and end before `until`."""
    by_person: dict[int, list[PlannedSession]] = {}
    for session in planned:
        by_person.setdefault(session.person.number, []).append(session)
    for sessions in by_person.values():
        latest_end = until
        for session in sorted(sessions, key=lambda session: session.started_at, reverse=True):
            moved = min(session.started_at, latest_end - session.script.duration_ms)
            latest_end = moved - MIN_GAP_MS
            yield replace(session, started_at=moved)
