"""The model agrees with replays, and limits are reached in order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.price.scale import (
    READS_OF_ENGAGEMENT,
    READS_PER_SESSION,
    STEPS,
    live_up_to,
    scanned_units,
    simulate_month,
    units_per_event,
)
from benchmarks.suites.price.scale_limits import max_sites
from benchmarks.suites.work.write_units import (
    COOKIELESS,
    ONE_SESSION_PER_RUN,
    WITH_ENGAGEMENT,
    Replay,
    Variant,
    replay,
)
from benchmarks.targets.fake_app import fake_app


def replayed(variant: Variant) -> Replay:
    with fake_app() as (app, usage):
        return replay(app, usage, variant)


@pytest.fixture(scope="module")
def known() -> Measurements:
    return replace(
        load_measurements(),
        units_full=replayed(replace(COOKIELESS, sessions=388)).write_units,
        units_one=replayed(replace(ONE_SESSION_PER_RUN, sessions=80)).write_units,
    )


def test_model_reproduces_its_measured_inputs(known: Measurements):
    assert units_per_event(97, known) == pytest.approx(known.units_full)
    assert units_per_event(1, known) == pytest.approx(known.units_one)


@pytest.fixture(scope="module")
def eight_a_run() -> Replay:
    return replayed(replace(COOKIELESS, sessions=320, sessions_per_run=8))


def test_interpolated_units_match_a_replay(known: Measurements, eight_a_run: Replay):
    assert units_per_event(8, known) == pytest.approx(eight_a_run.write_units, rel=0.03)


def test_reads_match_a_replay(eight_a_run: Replay):
    sessions = eight_a_run.pageviews / 3
    reads = sessions * READS_PER_SESSION + scanned_units(eight_a_run.pageviews)

    assert reads == pytest.approx(eight_a_run.usage.read_units, rel=0.1)


def test_engagement_takes_one_more_read_per_session(eight_a_run: Replay):
    engaged = replayed(replace(WITH_ENGAGEMENT, sessions=320, sessions_per_run=8))
    more = engaged.usage.read_units - eight_a_run.usage.read_units

    assert more / (engaged.pageviews / 3) == pytest.approx(READS_OF_ENGAGEMENT, abs=0.2)


@pytest.mark.parametrize("events", STEPS)
def test_ten_times_the_events_cost_at_most_ten_times_as_much(events: int, known: Measurements):
    once, ten_times = simulate_month(events, known), simulate_month(10 * events, known)

    assert once.cost.total < ten_times.cost.total <= 10 * once.cost.total
    assert ten_times.units <= once.units * 1.000_001


def test_limits_are_reached_in_order(known: Measurements):
    reached = [
        {limit.name for limit in simulate_month(events, known).limits if limit.share_used >= 1}
        for events in STEPS
    ]

    assert reached[0] == set()
    assert all(before <= after for before, after in pairwise(reached))
    assert reached[-1]


def test_nearest_limit_comes_first(known: Measurements):
    for events in STEPS:
        used = [limit.share_used for limit in simulate_month(events, known).limits]
        assert used == sorted(used, reverse=True)


def test_realtime_reads_up_to_one_page_of_rows_on_every_request(known: Measurements):
    on_average, in_the_busiest_minute = (result.value for result in live_up_to())

    for events, is_reached in (
        (in_the_busiest_minute * 0.95, False),
        (in_the_busiest_minute * 1.1, True),
    ):
        used = {
            limit.name: limit.share_used
            for limit in simulate_month(round(events), known).limits
        }
        assert (used["active sessions that realtime reads on every request"] > 1) == is_reached
    assert on_average == pytest.approx(3 * in_the_busiest_minute, rel=0.05)


def test_price_includes_the_dashboard(known: Measurements):
    for events in STEPS:
        step = simulate_month(events, known)
        assert 0 < step.dashboard_usd < step.cost.total


def test_site_registry_holds_more_sites_than_needed():
    assert max_sites() > 10_000


def limits_used(events: int, known: Measurements) -> dict[str, float]:
    return {limit.name: limit.share_used for limit in simulate_month(events, known).limits}


def test_configured_limits_are_included(known: Measurements):
    """The function accepts 100 requests a second by default; three page views take five with
    the tracker, and the busiest minute is three times as busy as the mean."""
    a_second = 100 * 3 / 5
    used = limits_used(round(a_second / 3 * 60 * 43_200), known)
    assert used["the requests that the collect function accepts"] == pytest.approx(1, rel=0.01)

    used = limits_used(round(800 * 3 / 4 / 3 * 43_200), known)
    assert used["collecting that `MAX_USD` allows"] == pytest.approx(0.8, rel=0.01)
    assert 0 < used["reading active sessions that `MAX_USD` allows"] < 1
