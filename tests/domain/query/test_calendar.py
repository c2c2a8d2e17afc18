"""Days and hours of time zones, on days with 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.query.calendar import (
    HOUR_MS,
    bucket_index,
    day_start,
    days_between,
    format_iso,
    hour_end,
    hour_of_week,
    hour_start,
    local_date,
    parse_timezone,
    whole_day,
)
from chalicelib.domain.query.invalid_query import InvalidQuery
from tests.builders import ms

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo"]
moments = st.integers(946_684_800_000, 2_000_000_000_000)  # 2000 to 2033
zones = st.sampled_from(ZONES).map(parse_timezone)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 3, 29), 23, id="clocks go forward"),
        pytest.param(date(2026, 10, 25), 25, id="clocks go back"),
        pytest.param(date(2026, 11, 21), 24, id="usual"),
    ],
)
def test_hours_of_a_day(day, hours):
    berlin = parse_timezone("Europe/Berlin")

    result = whole_day(day, berlin).hours(berlin)

    assert len(result) == hours
    assert result[0] == day_start(day, berlin)
    assert {later - earlier for earlier, later in pairwise(result)} == {HOUR_MS}


def test_day_with_a_skipped_midnight_starts_after_the_gap():
    cairo = parse_timezone("Africa/Cairo")  # 2026-04-24 goes from 00:00 to 01:00

    assert format_iso(day_start(date(2026, 4, 24), cairo), cairo) == "2026-04-24T01:00:00+03:00"
    assert local_date(day_start(date(2026, 4, 24), cairo), cairo) == date(2026, 4, 24)


@given(moments, zones)
def test_each_time_is_in_its_day_and_hour(at, zone):
    day = whole_day(local_date(at, zone), zone)

    assert day.start <= at < day.end
    assert hour_start(at, zone) <= at < hour_end(at, zone)
    assert hour_start(at, zone) in day.hours(zone)


@given(moments, st.integers(0, 10 * 24 * HOUR_MS), zones)
def test_days_cover_a_range_without_gap_or_overlap(start, length, zone):
    days = days_between(start, start + length, zone)

    edges = [(day.start, day.end) for day in days]
    assert [start, *(end for _, end in edges)][: len(edges)] == [begin for begin, _ in edges]
    assert not edges or edges[-1][1] == start + length
    assert all(day == whole_day(day.date, zone) for day in days if day.is_whole)
    assert all(day.is_whole for day in days[1:-1])


def test_partial_day_starts_with_a_partial_hour():
    utc = parse_timezone("UTC")
    (day,) = days_between(ms(2026, 9, 5, 10, 30), ms(2026, 9, 5, 12), utc)

    assert day.hours(utc) == [ms(2026, 9, 5, 10, 30), ms(2026, 9, 5, 11)]
    assert not day.is_whole


@pytest.mark.parametrize(
    ("at", "zone", "hour"),
    [
        pytest.param(ms(2026, 9, 7), "UTC", 0, id="Monday 00:00"),
        pytest.param(ms(2026, 9, 6, 23, 59), "UTC", 167, id="Sunday 23:59"),
        pytest.param(ms(2026, 9, 6, 22), "Europe/Berlin", 0, id="Monday in Berlin"),
    ],
)
def test_hour_of_week(at, zone, hour):
    assert hour_of_week(at, parse_timezone(zone)) == hour


def test_times_are_formatted_with_the_utc_offset():
    assert format_iso(ms(2026, 11, 21, 15, 30) + 999, parse_timezone("Asia/Kolkata")) == (
        "2026-11-21T21:00:00+05:30"
    )


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "/etc/localtime", "../UTC", "Europe", "\0"]
)
def test_unknown_time_zone_is_rejected(name):
    with pytest.raises(InvalidQuery, match="timezone must be an IANA time zone") as no:
        parse_timezone(name)
    assert no.value.parameter == "timezone"


def test_time_belongs_to_the_bucket_that_started_last():
    assert [bucket_index([10, 20, 30], at) for at in (10, 19, 20, 99)] == [0, 0, 1, 2]
