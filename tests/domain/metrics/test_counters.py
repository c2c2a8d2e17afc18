"""Counters: addition adds each one, and no counter overflows into the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.metrics import counters as bits
from chalicelib.domain.metrics.counters import (
    ONE_EVENT,
    ONE_SESSION,
    ONE_VISITOR,
    Metrics,
    compute_metrics,
)

MOST = 10**11


def tally(*, visitors=0, sessions=0, bounces=0, events=0, pageviews=0, **sums):
    return (
        visitors * ONE_VISITOR
        + sessions * ONE_SESSION
        + bounces * bits.ONE_BOUNCE
        + events * ONE_EVENT
        + pageviews * bits.ONE_PAGEVIEW
        + (sums.get("duration_ms", 0) << bits.DURATION)
        + (sums.get("engaged_ms", 0) << bits.ENGAGED)
        + (sums.get("scroll_sum", 0) << bits.SCROLL_SUM)
        + (sums.get("scrolled", 0) << bits.SCROLL_REPORTS)
    )


def test_rates_and_means():
    result = compute_metrics(
        tally(
            visitors=2,
            sessions=3,
            bounces=1,
            events=4,
            pageviews=7,
            duration_ms=100_000,
            engaged_ms=10_000,
            scroll_sum=150,
            scrolled=2,
        )
    )

    assert result == Metrics(
        visitors=2,
        sessions=3,
        pageviews=7,
        events=4,
        views_per_session=2.3333,
        bounce_rate=0.3333,
        session_duration=33,
        engaged_time=3,
        scroll_depth=75,
    )


def test_ratio_with_a_zero_denominator_is_none():
    assert compute_metrics(0) == Metrics(0, 0, 0, 0, None, None, None, None, None)


def test_missing_scroll_depth_is_not_zero():
    assert compute_metrics(tally(sessions=1, pageviews=1)).scroll_depth is None
    assert compute_metrics(tally(sessions=1, pageviews=1, scrolled=1)).scroll_depth == 0


@pytest.mark.parametrize(
    "name", ["visitors", "sessions", "bounces", "events", "pageviews", "scrolled"]
)
def test_counter_holds_a_hundred_billion(name):
    full = tally(**{name: MOST})
    others = {"visitors", "sessions", "events", "pageviews"} - {name}

    assert all(getattr(compute_metrics(full), other) == 0 for other in others)
    assert full.bit_length() <= bits.COUNTERS_BYTES * 8


@given(st.lists(st.tuples(*[st.integers(0, 1000)] * 5), max_size=20))
def test_addition_adds_each_counter(counts):
    names = ("visitors", "sessions", "bounces", "events", "pageviews")
    sums = [sum(column) for column in zip(*counts, strict=True)] or [0] * 5
    added = sum(tally(**dict(zip(names, row, strict=True))) for row in counts)

    assert added == tally(**dict(zip(names, sums, strict=True)))
