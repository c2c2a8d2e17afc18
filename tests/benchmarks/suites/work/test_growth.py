"""A prepared day costs what a day costs that was collected in full."""

from __future__ import annotations

import pytest

from benchmarks.suites.work import growth
from benchmarks.suites.work.stored_day import DAY, SITE, closed_sessions_of_day, store_before
from benchmarks.suites.work.write_units import START
from benchmarks.targets.fake_app import fake_app

EVENTS = 3_000
FEW = 200  # sessions: more than two recents


@pytest.mark.slow
def test_prepared_day_costs_the_same_units_as_a_collected_one(monkeypatch):
    collected = growth.cost_with_events(EVENTS)
    monkeypatch.setattr(growth, "MAX_COLLECTED", EVENTS // 3)
    prepared = growth.cost_with_events(EVENTS)

    assert prepared.write_units == pytest.approx(collected.write_units, rel=0.01)
    assert prepared.read_units == pytest.approx(collected.read_units, rel=0.05)


def test_prepared_sessions_count_as_other_visitors():
    sessions = growth.drawn_sessions()
    with fake_app() as (app, _):
        looks = list(store_before(app, sessions, FEW))
        told = app.read(f"/api/stats?site={SITE}&period=custom&from={DAY}&to={DAY}", at=START)

        assert len(closed_sessions_of_day(app)) == FEW
    assert told["totals"]["sessions"] == told["totals"]["visitors"] == FEW
    assert all(at < START for at in looks)


def test_missing_session_is_detected():
    with (
        fake_app() as (app, _),
        pytest.raises(AssertionError, match="0 of 1 are counted"),
    ):
        growth.check(app, 1)
