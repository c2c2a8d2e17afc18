"""A model of a site's traffic: who comes, when, from where, what they look at and do.

The demo, the load test and the benchmarks use it. Everything is drawn from one seed, and
nothing that is drawn depends on the date: so many sessions always have the same figures.

    sessions   come at the hours of a shop (traffic_times), from the origins of traffic_tables
    people     four in ten sessions are by somebody who has been there before
    pages      each origin has its share that leaves after one page; the others go on for an
               inverse Gaussian number: Huberman et al., "Strong Regularities in World Wide Web
               Surfing" (1998)
    time       on a page is Weibull with a shape below 1, so who stays, stays: Liu, White and
               Dumais, "Understanding Web Browsing Behaviors through Weibull Analysis of Dwell
               Time" (2010)

Times are ms since 1970 in UTC. A session is what its browser sends, in one request at its end.
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
from traffic_model.session_script import Script, drawn_from, write_script

SEED = 20_250_905
RETURNING = 0.40
RETURNING_DIRECT = 0.5  # of those who come back, by bookmark or memory
MEMBERS = 0.06  # of the people: the site knows them, and says their user_id
LEAST_GAP_MS = 45 * 60_000  # between two sessions of a person, so that they are two
FRESHEST_MS, OLDEST_OPEN_MS = 5_000, 25 * 60_000


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """`bodies` are its events as the tracker sends them; they leave at `sent_at`."""

    person: Person
    origin: Origin
    script: Script
    started_at: int

    @property
    def sent_at(self) -> int:
        return self.started_at + self.script.length_ms

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [
            {**body, "timestamp": self.started_at + offset}
            for offset, body in self.script.events
        ]

    def later(self, by_ms: int) -> PlannedSession:
        return replace(self, started_at=self.started_at + by_ms)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan comes to, whatever its dates."""

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
    """That many sessions in the `days` before `until`, in the order in which they are sent.

    `open_now` of them are still going on: their last event lies in the last 25 minutes.
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
        started_at = shapes.moment(origin.when, person.country.utc_offset, drawn)
        if is_open_now:
            ago = FRESHEST_MS + int(drawn**2 * (OLDEST_OPEN_MS - FRESHEST_MS))
            started_at = until - ago - script.length_ms
        planned.append(PlannedSession(person, origin, script, started_at))
    return sorted(
        _apart(planned, until), key=lambda session: (session.sent_at, session.person.number)
    )


def figures(planned: Sequence[PlannedSession]) -> Figures:
    scripts = [session.script for session in planned]
    return Figures(
        people=len({session.person.number for session in planned}),
        sessions=len(planned),
        pageviews=sum(script.pageviews for script in scripts),
        events=sum(script.others for script in scripts),
        bounces=sum(script.is_bounce for script in scripts),
        by_device=Counter(session.person.device for session in planned),
        by_origin=Counter(session.origin.name for session in planned),
    )


def _person(
    rng: random.Random, people: list[Person], *, may_be_back: bool
) -> tuple[Person, bool]:
    """Somebody who has been there before, or somebody new, who is then one of the people."""
    if may_be_back and people and rng.random() < RETURNING:
        return rng.choice(people), True
    number = len(people)
    device = drawn_from(rng, DEVICES)
    person = Person(
        number=number,
        # Of a private network: never an address that anybody has.
        address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        user_agent=drawn_from(rng, BROWSERS[device]),
        device=device,
        screen=drawn_from(rng, SCREENS[device]),
        country=drawn_from(rng, COUNTRIES),
        user_id=f"gardener-{number}" if rng.random() < MEMBERS else None,
    )
    people.append(person)
    return person, False


def _origin(rng: random.Random, *, is_back: bool) -> Origin:
    origin = drawn_from(rng, ORIGINS)
    if is_back and rng.random() < RETURNING_DIRECT:
        return next(other for other, _ in ORIGINS if other.name == "direct")
    return origin


def _apart(planned: Iterable[PlannedSession], until: int) -> Iterable[PlannedSession]:
    """Nobody is there twice at once, or after `until`: what overlaps is moved back in time."""
    by_person: dict[int, list[PlannedSession]] = {}
    for session in planned:
        by_person.setdefault(session.person.number, []).append(session)
    for sessions in by_person.values():
        latest_end = until
        for session in sorted(sessions, key=lambda session: session.started_at, reverse=True):
            moved = min(session.started_at, latest_end - session.script.length_ms)
            latest_end = moved - LEAST_GAP_MS
            yield replace(session, started_at=moved)
