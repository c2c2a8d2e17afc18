"""Periods: where they start and end, their buckets, and their comparison periods."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.query.calendar import parse_timezone
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.period import (
    COMPARISONS,
    INTERVALS,
    PERIODS,
    months_before,
    resolve_period,
)
from chalicelib.presentation.stats_response import period_response
from tests.builders import ms

NOW = ms(2026, 11, 21, 15, 30)  # a Saturday


def bounds(period):
    shown = period_response(period)
    return shown["from"][:16], shown["to"][:16]


@pytest.mark.parametrize(
    ("name", "start", "end", "interval", "buckets"),
    [
        ("today", "2026-11-21T00:00", "2026-11-21T15:30", "hour", 16),
        ("yesterday", "2026-11-20T00:00", "2026-11-21T00:00", "hour", 24),
        ("24h", "2026-11-20T16:00", "2026-11-21T15:30", "hour", 24),
        ("7d", "2026-11-15T00:00", "2026-11-21T15:30", "day", 7),
        ("28d", "2026-10-25T00:00", "2026-11-21T15:30", "day", 28),
        ("30d", "2026-10-23T00:00", "2026-11-21T15:30", "day", 30),
        ("91d", "2026-08-23T00:00", "2026-11-21T15:30", "day", 91),
        ("month", "2026-11-01T00:00", "2026-11-21T15:30", "day", 21),
        ("6mo", "2026-06-01T00:00", "2026-11-21T15:30", "week", 25),
        ("12mo", "2025-12-01T00:00", "2026-11-21T15:30", "month", 12),
        ("year", "2026-01-01T00:00", "2026-11-21T15:30", "month", 11),
        ("all", "2024-02-10T00:00", "2026-11-21T15:30", "month", 34),
    ],
)
def test_periods(name, start, end, interval, buckets):
    period = resolve_period(name, now=NOW, first_day=date(2024, 2, 10))

    assert bounds(period) == (start, end)
    assert period.interval == interval
    assert len(period.buckets) == buckets


def test_current_period_includes_the_current_hour():
    assert resolve_period("7d", now=NOW).end == ms(2026, 11, 21, 16)


def test_both_dates_of_a_custom_period_are_included():
    period = resolve_period("custom", now=NOW, from_="2026-03-01", to="2026-03-31")

    assert (period.start, period.end) == (ms(2026, 3, 1), ms(2026, 4, 1))
    assert period.partial_bucket is None


def test_custom_period_ends_now_at_the_latest():
    period = resolve_period("custom", now=NOW, from_="2026-11-20", to="2026-12-31")

    assert bounds(period) == ("2026-11-20T00:00", "2026-11-21T15:30")
    assert period.partial_bucket == len(period.buckets) - 1


def test_all_is_today_if_nothing_is_stored():
    assert resolve_period("all", now=NOW).start == ms(2026, 11, 21)


def test_days_are_in_the_time_zone():
    period = resolve_period("today", now=ms(2026, 11, 21, 23, 30), timezone="Europe/Berlin")

    assert period_response(period)["from"] == "2026-11-22T00:00:00+01:00"


@pytest.mark.parametrize(("to", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_day_of_a_clock_change_has_all_its_hours(to, hours):
    period = resolve_period("custom", now=NOW, timezone="Europe/Berlin", from_=to, to=to)

    assert period.interval == "hour"
    assert len(period.buckets) == hours


def test_weeks_start_on_monday_and_the_first_with_the_period():
    period = resolve_period(
        "custom", now=NOW, from_="2026-11-05", to="2026-11-17", interval="week"
    )

    assert period.buckets == [ms(2026, 11, 5), ms(2026, 11, 9), ms(2026, 11, 16)]


@pytest.mark.parametrize(
    "name", [name for name in PERIODS if name not in ("yesterday", "custom")]
)
def test_last_bucket_is_partial_if_it_includes_now(name):
    period = resolve_period(name, now=NOW)

    assert period.partial_bucket == len(period.buckets) - 1


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2026-11-20T00:00", "2026-11-20T15:30"),
        ("yesterday", "2026-11-19T00:00", "2026-11-20T00:00"),
        ("24h", "2026-11-19T16:00", "2026-11-20T15:30"),
        ("7d", "2026-11-08T00:00", "2026-11-14T15:30"),
        ("month", "2026-10-01T00:00", "2026-10-21T15:30"),
        ("6mo", "2025-12-01T00:00", "2026-05-23T15:30"),
        ("year", "2025-01-01T00:00", "2025-11-21T15:30"),
    ],
)
def test_previous_period_ends_after_the_same_elapsed_time(name, start, end):
    assert bounds(resolve_period(name, now=NOW, compare="previous_period").previous) == (
        start,
        end,
    )


def test_shorter_previous_month_ends_where_this_one_starts():
    previous = resolve_period(
        "month", now=ms(2026, 3, 31, 12), compare="previous_period"
    ).previous

    assert bounds(previous) == ("2026-02-01T00:00", "2026-03-01T00:00")
    assert previous.partial_bucket is None


def test_previous_custom_period_has_as_many_days():
    period = resolve_period(
        "custom", now=NOW, from_="2026-03-01", to="2026-03-31", compare="previous_period"
    )

    assert bounds(period.previous) == ("2026-01-29T00:00", "2026-03-01T00:00")


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", "2025-11-21T00:00", "2025-11-21T15:30"),
        ("24h", "2025-11-20T16:00", "2025-11-21T15:30"),
        ("30d", "2025-10-23T00:00", "2025-11-21T15:30"),
        ("year", "2025-01-01T00:00", "2025-11-21T15:30"),
    ],
)
def test_previous_year_has_the_same_dates(name, start, end):
    assert bounds(resolve_period(name, now=NOW, compare="previous_year").previous) == (
        start,
        end,
    )


def test_last_bucket_of_a_previous_period_is_partial():
    previous = resolve_period("7d", now=NOW, compare="previous_period").previous
    whole_hours = resolve_period(
        "today", now=ms(2026, 11, 21, 15), compare="previous_period"
    ).previous

    assert previous.partial_bucket == 6
    assert whole_hours.partial_bucket is None


def test_all_has_no_previous_period():
    assert resolve_period("all", now=NOW, compare="previous_period").previous is None


@pytest.mark.parametrize(
    ("parameter", "asked"),
    [
        ("period", {"period": "90d"}),
        ("period", {"period": "today", "from_": "2026-01-01"}),
        ("interval", {"interval": "minute"}),
        ("compare", {"compare": "last_year"}),
        ("timezone", {"timezone": "Berlin"}),
        ("from", {"period": "custom"}),
        ("from", {"period": "custom", "from_": "1.3.2026", "to": "2026-03-02"}),
        ("from", {"period": "custom", "from_": "20260301", "to": "2026-03-02"}),
        ("from", {"period": "custom", "from_": "2026-11-22", "to": "2026-11-22"}),
        ("from", {"period": "custom", "from_": "1999-12-31", "to": "2026-11-01"}),
        ("to", {"period": "custom", "from_": "2026-03-01"}),
        ("to", {"period": "custom", "from_": "2026-03-02", "to": "2026-03-01"}),
        ("to", {"period": "custom", "from_": "2026-02-01", "to": "2026-02-30"}),
    ],
)
def test_invalid_parameter_is_named(parameter, asked):
    with pytest.raises(InvalidQuery, match=f"^{parameter} ") as raised:
        resolve_period(**{"period": "today", "now": NOW, **asked})
    assert raised.value.parameter == parameter


def test_series_has_at_most_2000_rows():
    def hours(days):
        first = date(2026, 11, 20) - timedelta(days=days - 1)
        return resolve_period(
            "custom", now=NOW, from_=str(first), to="2026-11-20", interval="hour"
        )

    assert len(hours(83).buckets) == 83 * 24
    with pytest.raises(InvalidQuery, match=r"^interval .* at most 2,000 rows"):
        hours(84)


@given(
    name=st.sampled_from([name for name in PERIODS if name != "custom"]),
    now=st.integers(ms(2001, 1, 1), ms(2037, 1, 1)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia"]),
    interval=st.sampled_from([None, *INTERVALS[1:]]),
    compare=st.sampled_from(COMPARISONS),
)
def test_buckets_start_with_the_period_and_stay_within_it(name, now, zone, interval, compare):
    period = resolve_period(name, now=now, timezone=zone, interval=interval, compare=compare)

    assert period.start <= now
    assert (now < period.end) == (name != "yesterday")
    for one in filter(None, [period, period.previous]):
        assert one.start < one.end or one.buckets == []
        assert one.buckets == sorted(set(one.buckets))
        assert not one.buckets or one.start == one.buckets[0] <= one.buckets[-1] < one.end
        assert one.zone is parse_timezone(zone)
    if period.previous is not None:
        assert period.previous.end <= max(period.start, now)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 5, 31), 1, date(2026, 4, 30)),
    ],
)
def test_months_before(day, months, expected):
    assert months_before(day, months) == expected
