"""Responses have the shape in docs/reference/api.md, and their metrics are consistent."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.counters import ONE_VISITOR
from chalicelib.domain.metrics.summary import OTHER_VALUE, Summary, sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary, encode_summary
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query.calendar import bucket_index
from chalicelib.domain.query.dimensions import DIMENSIONS, parse_dimensions
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.period import COMPARISONS, resolve_period
from chalicelib.domain.query.query import Query
from chalicelib.presentation.stats_response import (
    EXACT,
    SUM_OF_DAYS,
    answer,
    report,
    visitor_counting,
)
from tests.builders import DAY, HOUR, MIDNIGHT, act, session
from tests.domain import oracle
from tests.domain.strategies import FIRST, SPAN_MS, lists_of_closed

NOW = MIDNIGHT + 15 * HOUR + 1  # Saturday, 2026-09-05 15:00
FIGURES = [
    "visitors", "sessions", "pageviews", "events", "views_per_session", "bounce_rate",
    "session_duration", "engaged_time", "scroll_depth",
]  # fmt: skip


def stats_of(*sessions, period="7d", dimensions="page", filters="", **more):
    within = {name: more.pop(name) for name in ("compare", "interval") if name in more}
    query = Query(
        resolve_period(period, now=NOW, **within),
        parse_filters(filters),
        parse_dimensions(dimensions),
        **more,
    )
    return answer([read_pack(write_pack(sessions))], query)


def test_every_part_has_every_metric():
    result = stats_of(session("/"), compare="previous_period")

    assert list(result["totals"]) == FIGURES
    assert list(result["previous"]) == FIGURES
    assert list(result["series"][0]) == ["time", *FIGURES, "partial"]
    assert list(result["previous_series"][0]) == ["time", *FIGURES, "partial"]
    assert list(result["breakdowns"]["page"]["rows"][0]) == ["value", *FIGURES]


def test_without_a_comparison_previous_is_empty():
    assert set(stats_of(session("/"))) == {"totals", "series", "breakdowns"}


def test_series_includes_empty_buckets_and_marks_the_current_one_partial():
    series = stats_of(session("/"))["series"]

    assert [row["time"] for row in series[-2:]] == [
        "2026-09-04T00:00:00+00:00",
        "2026-09-05T00:00:00+00:00",
    ]
    assert [row["sessions"] for row in series] == [0] * 6 + [1]
    assert [row["partial"] for row in series] == [False] * 6 + [True]


def test_previous_metrics_end_after_the_same_elapsed_time():
    result = stats_of(
        session(start=MIDNIGHT - DAY + 14 * HOUR),
        session(start=MIDNIGHT - DAY + 16 * HOUR, visitor="ben"),
        period="today",
        compare="previous_period",
    )

    assert result["previous"]["sessions"] == 1
    assert len(result["previous_series"]) == 16


@pytest.mark.parametrize(
    ("more", "values", "total"),
    [
        pytest.param({}, ["/b", "/a", "/c", None], 4, id="most visitors first, then by value"),
        pytest.param({"limit": 2}, ["/b", "/a"], 4, id="limit"),
        pytest.param({"limit": 2, "offset": 1}, ["/a", "/c"], 4, id="offset"),
        pytest.param({"offset": 9}, [], 4, id="beyond the end"),
        pytest.param({"search": "/C"}, ["/c"], 1, id="search in any case"),
        pytest.param({"search": "none"}, [], 0, id="nothing found"),
        pytest.param({"filters": "country==AT"}, ["/b"], 1, id="filter"),
    ],
)
def test_rows_of_a_breakdown(more, values, total):
    result = stats_of(
        session("/b", visitor="1", country="AT"),
        session("/b", visitor="2"),
        session("/a", visitor="3"),
        session("/c", visitor="4"),
        session(act("signup"), visitor="5"),
        **more,
    )["breakdowns"]["page"]

    assert [row["value"] for row in result["rows"]] == values
    assert result["total"] == total


def test_hours_of_the_week_ignore_the_limit():
    sessions = [session(start=MIDNIGHT - hour * HOUR, visitor=str(hour)) for hour in range(30)]

    result = stats_of(*sessions, dimensions="hour_of_week", limit=2, offset=1)

    assert len(result["breakdowns"]["hour_of_week"]["rows"]) == 30


@pytest.mark.parametrize(("name", "value"), [("event", "signup"), ("prop:plan", "pro")])
def test_rows_without_events_do_not_displace_rows_with_events(name: str, value: str):
    signed_up = session("/", act("signup", props={"plan": "pro"}))
    others = [session("/", visitor=str(number)) for number in range(3)]

    cut = stats_of(signed_up, *others, dimensions=name, limit=1)["breakdowns"][name]
    whole = stats_of(signed_up, *others, dimensions=name)["breakdowns"][name]

    assert [row["value"] for row in cut["rows"]] == [value]
    assert [row["value"] for row in whole["rows"]] == [value, None]
    assert cut["total"] == whole["total"] == 2


def test_rest_of_a_truncated_list_comes_last():
    query = Query(resolve_period("today", now=NOW), dimensions=parse_dimensions("page"))
    rows: dict[str | int | None, int] = {"/": ONE_VISITOR, OTHER_VALUE: 9 * ONE_VISITOR}

    result = report(
        query, Summary(rows={"page": rows}, truncated_dimensions=frozenset(["page"]))
    )

    assert [row["value"] for row in result["breakdowns"]["page"]["rows"]] == ["/", OTHER_VALUE]


def test_visitors_are_exact_for_one_day_and_summed_for_more():
    assert visitor_counting(resolve_period("today", now=NOW)) == EXACT
    assert visitor_counting(resolve_period("24h", now=NOW)) == SUM_OF_DAYS
    assert visitor_counting(resolve_period("7d", now=NOW)) == SUM_OF_DAYS


@pytest.mark.slow
@given(lists_of_closed(), st.sampled_from(["today", "7d", "24h", "month"]))
def test_totals_are_the_sum_of_their_series(sessions, period):
    result = stats_of(*sessions, period=period)

    for name in ("sessions", "pageviews", "events"):
        assert result["totals"][name] == sum(row[name] for row in result["series"])


@pytest.mark.slow
@given(
    lists_of_closed(),
    st.sampled_from(["today", "7d", "24h", "month", "12mo"]),
    st.sampled_from(["hour", "day", "week", "month"]),
    st.sampled_from(COMPARISONS),
    st.sampled_from(["UTC", "America/New_York"]),
)
def test_responses_match_the_reference_implementation(
    sessions, name, interval, compare, timezone
):
    if (name, interval) == ("12mo", "hour"):
        return
    now = FIRST + SPAN_MS - HOUR
    period = resolve_period(
        name, now=now, timezone=timezone, interval=interval, compare=compare
    )
    dimensions = parse_dimensions("page,event,source,hour_of_week")
    query = Query(period, dimensions=dimensions, limit=1000)

    result = answer([read_pack(write_pack(sessions))], query)

    for one, totals, series in (
        (period, result["totals"], result["series"]),
        (period.previous, result["previous"], result["previous_series"]),
    ):
        within = [each for each in sessions if one.start <= each.started_at < one.end]
        assert totals == oracle.figures(within, one.zone)
        for number, row in enumerate(series):
            at = datetime.fromisoformat(row["time"])
            assert at.timestamp() * 1000 == one.buckets[number]
            bucket = [
                each for each in within if bucket_index(one.buckets, each.started_at) == number
            ]
            expected = oracle.figures(bucket, one.zone)
            assert {name: row[name] for name in expected} == expected
    for dimension in dimensions:
        rows = oracle.listed(
            [each for each in sessions if period.start <= each.started_at < period.end],
            dimension.name,
            period.zone,
        )
        assert result["breakdowns"][dimension.name] == {"rows": rows, "total": len(rows)}


@pytest.mark.slow
@given(lists_of_closed(), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_stored_summaries_give_the_same_response_as_sessions(sessions, timezone):
    zone = ZoneInfo(timezone)
    segment = read_pack(write_pack(sessions))
    period = resolve_period("7d", now=FIRST + SPAN_MS, timezone=timezone)
    query = Query(period, dimensions=tuple(DIMENSIONS.values()), limit=1000)
    stored = [
        encode_summary(aggregate([segment], [day], zone, dimensions=query.dimensions))
        for day in period.days
    ]

    result = report(query, sum_summaries(map(decode_summary, stored)))

    assert result == answer([segment], query)
