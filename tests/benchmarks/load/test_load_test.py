from __future__ import annotations

import threading

import pytest

from benchmarks.load.load_client import SentRequest
from benchmarks.load.load_test import Load, requests_of, route_latencies, run_step, step_summary
from tests.builders import START as UNTIL
from traffic_model.model import PlannedSession, plan_traffic


@pytest.fixture(scope="module")
def planned() -> list[PlannedSession]:
    return plan_traffic(60, until=UNTIL, days=1)


def test_requests_of_a_session_contain_each_event_once_in_order(planned: list[PlannedSession]):
    for session in planned:
        requests = list(requests_of(session))
        assert [body for bodies in requests for body in bodies] == [
            body for _, body in session.script.events
        ]


def test_engagement_is_sent_with_the_next_event(planned: list[PlannedSession]):
    for session in planned:
        requests = list(requests_of(session))
        kinds = [[body["event_type"] == "engagement" for body in bodies] for bodies in requests]
        assert all(one[-1] is False for one in kinds[:-1])
        assert kinds[-1] == [True]


class Answering:
    """A client that answers at once, sometimes with a failure."""

    def __init__(self, failing_every: int = 0) -> None:
        self.failing_every = failing_every
        self.asked = 0
        self.lock = threading.Lock()

    def collect(self, bodies, _session) -> SentRequest:
        with self.lock:
            self.asked += 1
            fails = bool(self.failing_every) and self.asked % self.failing_every == 0
        results = [] if fails else [{"status": "stored"} for _ in bodies]
        return SentRequest("POST /events", 500 if fails else 200, 0.001, results)

    def get(self, path: str) -> SentRequest:
        return SentRequest(f"GET {path}", 200, 0.002, [])


def load_of(planned, client, most: int = 10_000) -> Load:
    return Load(client, iter(planned), most)


@pytest.mark.parametrize("senders", [1, 4])
def test_every_sent_event_is_counted_once(planned: list[PlannedSession], senders: int):
    load = load_of(planned, Answering())

    sent = run_step(load, senders, seconds=30)

    assert load.events == sum(s.script.pageviews + s.script.other_events for s in planned)
    assert load.answered == load.events
    assert sent == load.sent


def test_failed_request_is_not_counted_as_answered(planned: list[PlannedSession]):
    load = load_of(planned, Answering(failing_every=7))

    sent = run_step(load, 2, seconds=30)

    assert load.answered < load.events
    assert any(one.status == 500 for one in sent)
    assert "0.00% failed" not in step_summary(2, sent, 1)


def test_load_is_bounded(planned: list[PlannedSession]):
    load = load_of(planned, Answering(), most=20)

    run_step(load, 1, seconds=30)

    assert 20 <= len(load.sent) < 60


def test_latencies_are_reported_by_route(planned: list[PlannedSession]):
    load = load_of(planned, Answering())
    sent = run_step(load, 1, seconds=30)

    routes = [told.split()[:2] for told in route_latencies(sent)]

    assert ["POST", "/events"] in routes
    assert ["GET", "/api/realtime?site=demo.example"] in routes
