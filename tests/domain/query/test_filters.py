"""Filters: their syntax, and which sessions they match."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.domain.query.filters import OPERATORS, parse_filters
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.presentation.stats_response import filters_response
from tests.builders import act, session, view
from tests.domain.strategies import closed

UTC = ZoneInfo("UTC")


def parsed(text):
    return [
        (condition.dimension.name, condition.operator, *condition.values)
        for condition in parse_filters(text).conditions
    ]


def finds(text, one):
    return parse_filters(text).matches(one, UTC)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        pytest.param("", [], id="none"),
        pytest.param(None, [], id="left out"),
        pytest.param("country==DE", [("country", "==", "DE")], id="one"),
        pytest.param("country!=DE|AT", [("country", "!=", "DE", "AT")], id="or"),
        pytest.param(
            "page=~/blog;source!~goo",
            [("page", "=~", "/blog"), ("source", "!~", "goo")],
            id="and",
        ),
        pytest.param("utm_term==", [("utm_term", "==", "")], id="nothing"),
        pytest.param("utm_term==a|", [("utm_term", "==", "a", "")], id="or nothing"),
        pytest.param(r"page==/a\;b\|c\\d", [("page", "==", r"/a;b|c\d")], id="escaped"),
        pytest.param("page==/?a==b!=c", [("page", "==", "/?a==b!=c")], id="operator in value"),
        pytest.param(r"prop:a\==b==c", [("prop:a==b", "==", "c")], id="operator in name"),
        pytest.param("page==/a;", [("page", "==", "/a")], id="semicolon at the end"),
        pytest.param("page==a\\", [("page", "==", "a\\")], id="backslash at the end"),
        pytest.param("prop:plan==pro", [("prop:plan", "==", "pro")], id="prop"),
    ],
)
def test_filters_are_parsed(text, conditions):
    assert parsed(text) == conditions


@given(
    st.sampled_from(sorted(DIMENSIONS)) | st.text(min_size=1).map("prop:{}".format),
    st.sampled_from(OPERATORS),
    st.lists(st.text(min_size=1), min_size=1, max_size=3),
)
def test_any_value_can_be_written_with_escapes(name, operator, values):
    def escaped(text):
        return "".join(f"\\{character}" for character in text)

    written = f"{escaped(name)}{operator}{'|'.join(map(escaped, values))}"

    assert parsed(f"{written};{written}") == [(name, operator, *values)] * 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("country", "filters must be conditions such as country==DE"),
        ("country=DE", "filters must be conditions such as country==DE"),
        ("==DE", "Unknown dimension in filters. Expected one of page"),
        ("colour==red", "Unknown dimension in filters. Expected one of page"),
        ("prop:==red", "Unknown dimension in filters. Expected one of page"),
        ("page=~", "filters must have a text after =~"),
        ("page!~a|", "filters must have a text after !~"),
        (";".join(["page==/"] * 21), "filters can have at most 20 conditions"),
        ("page==" + "|".join("a" * 101), "filters can have at most 100 values"),
    ],
)
def test_invalid_filter_is_rejected(text, sentence):
    with pytest.raises(InvalidQuery, match=sentence) as raised:
        parse_filters(text)
    assert raised.value.parameter == "filters"


@pytest.mark.parametrize("text", [";".join(["page==/"] * 20), "page==" + "|".join("a" * 100)])
def test_maximum_number_of_conditions_and_values_is_accepted(text):
    assert parse_filters(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("country==DE", True),
        ("country==de", False),
        ("country==AT|DE", True),
        ("country!=AT", True),
        ("country=~d", True),
        ("utm_source==", True),
        ("utm_source!=", False),
        ("page==/b", True),
        ("page==/B", False),
        ("page=~/B", True),
        ("page!=/b", False),
        ("page!~c", True),
        ("entry_page==/a", True),
        ("entry_page==/b", False),
        ("exit_page==/b", True),
        ("event==signup", True),
        ("event==page_view", False),
        ("event==", False),
        ("event!=outbound_link", True),
        ("prop:plan==pro", True),
        ("prop:seats==3", True),
        ("prop:trial==true", True),
        ("prop:other==", True),
        ("prop:plan==", False),
        ("source==Google;country==DE", True),
        ("source==Google;country==AT", False),
        ("hour_of_week==120", True),
        ("hour_of_week=~12", True),
    ],
)
def test_which_sessions_match(text, found):
    one = session(
        view("/a"),
        view("/b", at=1),
        act("signup", at=2, props={"plan": "pro", "seats": 3.0, "trial": True}),
        country="DE",
        referrer="https://www.google.com/",
    )

    assert finds(text, one) is found


@given(
    closed(),
    st.sampled_from([*sorted(DIMENSIONS), "prop:plan"]),
    st.sampled_from(["==", "=~"]),
    st.sampled_from(["/", "signup", "pro", "1", "DE", "google", "x"]),
)
def test_condition_and_its_negation_cover_every_session(one, name, operator, value):
    assert finds(f"{name}{operator}{value}", one) != finds(f"{name}!{operator[1]}{value}", one)


def test_parsed_filters_are_returned():
    assert filters_response(parse_filters("country==DE|;page!~/b")) == [
        {"dimension": "country", "operator": "==", "values": ["DE", None]},
        {"dimension": "page", "operator": "!~", "values": ["/b"]},
    ]
