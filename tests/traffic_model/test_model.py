"""The modelled traffic matches its documentation, on whatever day it is generated."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from chalicelib.domain.collection.event_payload import parse_payload
from local.demo_data import DAYS, OPEN_SESSIONS, SESSIONS
from tests.builders import START as NOW
from traffic_model.arrival_times import NEWSLETTER_DAYS_AGO, TimeShapes
from traffic_model.distributions import ORIGINS
from traffic_model.model import (
    MAX_OPEN_AGE_MS,
    MIN_GAP_MS,
    PlannedSession,
    plan_traffic,
    traffic_totals,
)

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def planned() -> list[PlannedSession]:
    return plan_traffic(SESSIONS, until=NOW, days=DAYS, open_now=OPEN_SESSIONS)


def test_demo_has_the_documented_metrics(planned: list[PlannedSession]):
    result = traffic_totals(planned)

    assert (result.sessions, result.people) == (4_000, 2_352)
    assert (result.pageviews, result.events) == (10_032, 560)
    assert round(result.bounce_rate, 2) == 0.42
    assert len(result.by_origin) == len(ORIGINS) == 18
    assert set(result.by_device) == {"desktop", "mobile", "tablet"}


@pytest.mark.parametrize("days_later", [3, 100])
def test_metrics_do_not_depend_on_the_date(planned: list[PlannedSession], days_later: int):
    later = plan_traffic(SESSIONS, until=NOW + days_later * DAY_MS, open_now=OPEN_SESSIONS)

    assert traffic_totals(later) == traffic_totals(planned)


def test_plan_is_deterministic(planned: list[PlannedSession]):
    again = plan_traffic(SESSIONS, until=NOW, days=DAYS, open_now=OPEN_SESSIONS)

    assert [s.bodies for s in again] == [s.bodies for s in planned]


def test_sessions_are_in_order_and_in_the_past(planned: list[PlannedSession]):
    sent = [session.sent_at for session in planned]

    assert sent == sorted(sent)
    assert sent[-1] <= NOW
    assert min(session.started_at for session in planned) > NOW - (DAYS + 1) * DAY_MS


def test_some_sessions_are_still_active(planned: list[PlannedSession]):
    still_there = [s for s in planned if s.sent_at > NOW - MAX_OPEN_AGE_MS]

    assert len(still_there) >= OPEN_SESSIONS


def test_sessions_of_a_person_do_not_overlap(planned: list[PlannedSession]):
    by_person: dict[int, list[PlannedSession]] = {}
    for session in planned:
        by_person.setdefault(session.person.number, []).append(session)

    gaps = [
        later.started_at - earlier.sent_at
        for sessions in by_person.values()
        for earlier, later in pairwise(sorted(sessions, key=lambda s: s.started_at))
    ]
    assert min(gaps) >= MIN_GAP_MS
    assert len({session.person.address for session in planned}) == len(by_person)


def test_collector_accepts_the_events(planned: list[PlannedSession]):
    for session in planned[::50]:
        bodies = session.bodies
        assert len(bodies) <= 50
        times = [parse_payload(body, now=session.sent_at).at for body in bodies]
        assert times == sorted(times)
        assert times[-1] <= session.sent_at
        assert max((b - a for a, b in pairwise(times)), default=0) < 30 * 60_000
        assert {urlsplit(body["page_url"]).hostname for body in bodies} == {"demo.example"}


def test_event_ids_are_never_used_twice(planned: list[PlannedSession]):
    ids = [
        body["event_id"]
        for session in planned
        for body in session.bodies
        if body["event_type"] != "engagement"
    ]

    assert len(set(ids)) == len(ids)


def test_evenings_are_busier_than_nights():
    shapes = TimeShapes(NOW, 30)
    hours = [
        shapes.time_at("usual", 0, number / 10_000) // 3_600_000 % 24
        for number in range(10_000)
    ]

    assert hours.count(20) > 5 * hours.count(4)


def test_newsletter_brings_most_visitors_on_its_first_days():
    shapes = TimeShapes(NOW, 30)
    moments = [shapes.time_at("newsletter", 0, number / 1_000) for number in range(1_000)]
    ages = [(NOW - moment) / DAY_MS for moment in moments]
    first_days = [
        age for age in ages if any(sent - 2 < age <= sent for sent in NEWSLETTER_DAYS_AGO)
    ]

    assert len(first_days) > 500
