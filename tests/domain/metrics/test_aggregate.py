"""Aggregation computes the metrics as defined: examples, and comparisons with an oracle."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.metrics.aggregate import MAX_DAY_VALUES, aggregate
from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.metrics.summary import OTHER_VALUE, sort_rows
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query.calendar import bucket_index, days_between
from chalicelib.domain.query.dimensions import DIMENSIONS, parse_dimensions
from chalicelib.domain.sessions.session import Session
from tests.builders import DAY, HOUR, MIDNIGHT, MINUTE, SECOND, act, session, view
from tests.domain import oracle
from tests.domain.strategies import FIRST, SPAN_MS, lists_of_closed

UTC = ZoneInfo("UTC")
ALL = parse_dimensions(",".join([*DIMENSIONS, "prop:plan", "prop:n"]))


def counted(*sessions, dimensions="page", days=3, zone=UTC):
    return aggregate(
        [read_pack(write_pack(sessions))],
        days_between(MIDNIGHT, MIDNIGHT + days * DAY, zone),
        zone,
        dimensions=parse_dimensions(dimensions),
    )


def totals(*sessions, **more):
    return compute_metrics(counted(*sessions, **more).total)


def row(name, value, *sessions):
    return compute_metrics(counted(*sessions, dimensions=name).rows[name][value])


def test_no_sessions_give_empty_metrics():
    assert totals() == compute_metrics(0)
    assert counted().rows == {}


def test_visitor_with_two_sessions_in_a_day_counts_once():
    result = totals(session(), session(start=MIDNIGHT + HOUR))

    assert (result.visitors, result.sessions) == (1, 2)


def test_visitor_on_two_days_counts_on_each():
    assert totals(session(), session(start=MIDNIGHT + DAY)).visitors == 2


def test_visitor_in_two_hours_counts_in_each_and_once_in_the_day():
    result = counted(session(), session(start=MIDNIGHT + HOUR), session(visitor="ben"))

    assert [compute_metrics(tally).visitors for tally in result.hours.values()] == [2, 1]
    assert compute_metrics(result.total).visitors == 2


def test_day_is_in_the_report_time_zone():
    late = session(start=MIDNIGHT + 21 * HOUR)
    later = session(start=MIDNIGHT + 23 * HOUR)

    assert totals(late, later).visitors == 1
    assert totals(late, later, zone=ZoneInfo("Europe/Berlin")).visitors == 2


def test_session_counts_in_the_hour_it_started():
    over_midnight = session(
        view("/", engaged_ms=5 * SECOND), view("/b", at=HOUR), start=MIDNIGHT + DAY - MINUTE
    )
    result = counted(over_midnight)

    assert list(result.days) == [MIDNIGHT]
    assert list(result.hours) == [MIDNIGHT + 23 * HOUR]
    assert compute_metrics(result.days[MIDNIGHT]).pageviews == 2


def test_single_page_view_without_interaction_is_a_bounce():
    assert totals(session("/")).bounce_rate == 1
    assert totals(session("/", "/b")).bounce_rate == 0
    assert totals(session(view("/"), act("signup"))).bounce_rate == 0
    assert totals(session(act("signup"))).bounce_rate == 0


def test_means_are_per_session_and_scroll_depth_per_report():
    result = totals(
        session(view("/", engaged_ms=4 * SECOND, scroll_depth=100), view("/", at=MINUTE)),
        session(view("/", scroll_depth=0), visitor="ben"),
    )

    assert result.session_duration == 30
    assert result.engaged_time == 2
    assert result.scroll_depth == 50
    assert result.views_per_session == 1.5


def test_page_row_has_its_own_views_and_the_metrics_of_its_sessions():
    saw_it_twice = session(
        view("/a", engaged_ms=6 * SECOND),
        view("/b", at=MINUTE, engaged_ms=50 * SECOND),
        view("/a", at=2 * MINUTE, engaged_ms=2 * SECOND, scroll_depth=40),
    )
    bounced = session(view("/a", engaged_ms=2 * SECOND, scroll_depth=20), visitor="ben")

    result = row("page", "/a", saw_it_twice, bounced)

    assert (result.visitors, result.sessions) == (2, 2)
    assert result.pageviews == 3
    assert result.engaged_time == 5
    assert result.session_duration == 60
    assert result.bounce_rate == 0.5
    assert result.scroll_depth == 30


def test_page_counts_a_visitor_of_two_sessions_once():
    result = row("page", "/a", session("/a"), session("/a", "/b", start=MIDNIGHT + HOUR))

    assert (result.visitors, result.sessions, result.pageviews) == (1, 2, 2)


def test_event_row_counts_events_and_sessions():
    result = row(
        "event",
        "signup",
        session(view("/"), act("signup", at=1), act("signup", at=2), act("save", at=3)),
        session("/", visitor="ben"),
    )

    assert (result.visitors, result.sessions) == (1, 1)
    assert result.events == 2
    assert result.pageviews == 1


def test_prop_row_counts_events_with_its_value():
    sessions = [
        session(
            view("/", props={"plan": "pro"}),
            act("signup", at=1, props={"plan": "pro"}),
            act("save", at=2, props={"plan": "free"}),
        ),
        session("/", visitor="ben"),
    ]

    assert row("prop:plan", "pro", *sessions).events == 2
    assert row("prop:plan", "free", *sessions).events == 1
    assert row("prop:plan", None, *sessions).sessions == 1
    assert row("prop:plan", None, *sessions).events == 0


def test_props_with_equal_text_are_one_value():
    rows = counted(
        session(act("a", props={"n": 1}), act("a", at=1, props={"n": "1", "m": 2})),
        dimensions="prop:n",
    ).rows["prop:n"]

    assert list(rows) == ["1"]
    assert compute_metrics(rows["1"]).events == 2


def test_missing_value_is_none():
    result = counted(session(act("signup")), dimensions="page,entry_page,utm_source,country")

    assert {name: list(rows) for name, rows in result.rows.items()} == {
        "page": [None],
        "entry_page": [None],
        "utm_source": [None],
        "country": [None],
    }


def test_entry_and_exit_pages_are_page_views():
    one = session(act("a", page="/x"), view("/a", at=1), view("/b", at=2), act("c", at=3))

    result = counted(one, dimensions="entry_page,exit_page").rows

    assert (list(result["entry_page"]), list(result["exit_page"])) == (["/a"], ["/b"])


def test_long_list_of_a_day_ends_with_the_rest_in_one_row():
    many = [session(f"/{number}", visitor=str(number)) for number in range(MAX_DAY_VALUES + 10)]

    result = counted(*many)

    assert len(result.rows["page"]) == MAX_DAY_VALUES + 1
    assert compute_metrics(result.rows["page"][OTHER_VALUE]).sessions == 10
    assert result.truncated_dimensions == {"page"}


@pytest.mark.slow
@given(
    sessions=lists_of_closed(),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]).map(
        ZoneInfo
    ),
    pieces=st.integers(1, 3),
    hours=st.integers(0, 40),
)
def test_metrics_match_the_reference_implementation(sessions, zone, pieces, hours):
    start, end = FIRST + hours * HOUR, FIRST + SPAN_MS - hours * HOUR // 2
    days = days_between(start, end, zone)
    segments = [read_pack(write_pack(sessions[piece::pieces])) for piece in range(pieces)]

    result = aggregate(segments, days, zone, dimensions=ALL)

    within = [one for one in sessions if start <= one.started_at < end]
    assert compute_metrics(result.total)._asdict() == oracle.figures(within, zone)
    assert metrics_by_start(result.days) == by_start(within, [day.start for day in days], zone)
    hours_of_days = [at for day in days for at in day.hours(zone)]
    assert metrics_by_start(result.hours) == by_start(within, hours_of_days, zone)
    for dimension in ALL:
        rows = [
            {"value": value, **compute_metrics(tally)._asdict()}
            for value, tally in sort_rows(result.rows.get(dimension.name, {}))
        ]
        assert rows == oracle.breakdown(within, dimension.name, zone)


def metrics_by_start(tallies):
    return {at: compute_metrics(tally)._asdict() for at, tally in tallies.items() if tally}


def by_start(sessions, starts, zone):
    """Return the metrics of each day or hour that has any."""
    groups: dict[Any, list[Session]] = {}
    for one in sessions:
        groups.setdefault(starts[bucket_index(starts, one.started_at)], []).append(one)
    return {at: oracle.figures(group, zone) for at, group in groups.items()}


@pytest.mark.slow
@settings(max_examples=30)
@given(lists_of_closed())
def test_packing_does_not_change_metrics(sessions):
    days = days_between(FIRST, FIRST + SPAN_MS, UTC)

    together = aggregate([read_pack(write_pack(sessions))], days, UTC, dimensions=ALL)
    alone = aggregate(
        [read_pack(write_pack([each])) for each in sessions], days, UTC, dimensions=ALL
    )

    assert together == alone
