"""Any filter matches the same sessions in packs as in plain lists."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.metrics.summary import sort_rows
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query.calendar import days_between
from chalicelib.domain.query.dimensions import DIMENSIONS, parse_dimensions
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.scan.filtering import filter_sessions
from chalicelib.domain.scan.session_columns import SessionColumns
from tests.builders import DAY, MIDNIGHT, act, session, view
from tests.domain import oracle
from tests.domain.strategies import FIRST, HARD_TEXTS, SPAN_MS, lists_of_closed

ALL = parse_dimensions(",".join([*DIMENSIONS, "prop:plan", "prop:n"]))
NAMES = [dimension.name for dimension in ALL]
VALUES = [
    "/",
    "/Blog",
    "signup",
    "Signup",
    "pro",
    "1",
    "true",
    "DE",
    "Google",
    "12",
    *HARD_TEXTS,
]

conditions = st.one_of(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["==", "!="]),
        st.lists(st.sampled_from(["", *VALUES]), min_size=1, max_size=3),
    ),
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["=~", "!~"]),
        st.lists(st.sampled_from(VALUES), min_size=1, max_size=3),
    ),
)


def written(conditions):
    def escaped(text):
        return "".join(f"\\{character}" for character in text)

    return ";".join(
        f"{name}{operator}{'|'.join(map(escaped, values))}"
        for name, operator, values in conditions
    )


@pytest.mark.slow
@given(
    lists_of_closed(),
    st.lists(conditions, min_size=1, max_size=2),
    st.sampled_from(["UTC", "Asia/Kolkata"]).map(ZoneInfo),
)
def test_filters_match_the_same_sessions_in_packs_and_lists(sessions, conditions, zone):
    filters = parse_filters(written(conditions))
    days = days_between(FIRST, FIRST + SPAN_MS, zone)
    segments = [read_pack(write_pack(sessions[::2])), read_pack(write_pack(sessions[1::2]))]

    result = aggregate(segments, days, zone, dimensions=ALL, filters=filters)

    matching = [one for one in sessions if oracle.matches(one, conditions, zone)]
    assert [one for one in sessions if filters.matches(one, zone)] == matching
    assert compute_metrics(result.total)._asdict() == oracle.figures(matching, zone)
    for name in NAMES:
        rows = [
            {"value": value, **compute_metrics(tally)._asdict()}
            for value, tally in sort_rows(result.rows.get(name, {}))
        ]
        assert rows == oracle.breakdown(matching, name, zone)


def test_page_filter_keeps_all_metrics_of_its_sessions():
    zone = ZoneInfo("UTC")
    (day,) = days_between(MIDNIGHT, MIDNIGHT + DAY, zone)
    segment = read_pack(
        write_pack(
            [session("/a", "/b"), session("/c", visitor="ben"), session(act("x"), view("/a"))]
        )
    )

    result = aggregate([segment], [day], zone, filters=parse_filters("page==/a"))

    assert compute_metrics(result.total).pageviews == 3
    assert (
        len(filter_sessions(SessionColumns(segment, day, zone), parse_filters("page==/a"))) == 2
    )
