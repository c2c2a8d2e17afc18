"""Dimensions: how they are parsed, and the values that they read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.packs.pack import acquisition_of
from chalicelib.domain.query.dimensions import (
    DEFAULT_DIMENSIONS,
    DIMENSIONS,
    format_prop,
    parse_dimension,
    parse_dimensions,
)
from chalicelib.domain.query.invalid_query import InvalidQuery
from tests.builders import session

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:137.0) Gecko/20100101 Firefox/137.0"


def names(text):
    return [one.name for one in parse_dimensions(text)]


def test_default_dimensions_exclude_versions_region_city_hour_of_week_and_props():
    left_out = {"browser_version", "os_version", "region", "city", "hour_of_week"}

    assert names(None) == names("") == [name for name in DIMENSIONS if name not in left_out]
    assert len(DEFAULT_DIMENSIONS) == 19


def test_dimensions_are_separated_by_commas():
    assert names("page, prop:plan,page") == ["page", "prop:plan"]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        (r"prop:price\, EUR", ["prop:price, EUR"]),
        (r"page, prop:price\, EUR ,prop:a", ["page", "prop:price, EUR", "prop:a"]),
        (r"prop:\,,prop:\,", ["prop:,"]),
        (r"prop:a\\,page", ["prop:a\\", "page"]),
        (r"prop:a\ , prop: b", ["prop:a ", "prop: b"]),
        (r"\p\age", ["page"]),
        ("prop:a\\", ["prop:a\\"]),
        ("prop:a;b==c|d", ["prop:a;b==c|d"]),
        ("prop:a\nb", ["prop:a\nb"]),
        (",, page ,", ["page"]),
    ],
)
def test_backslash_escapes_the_next_character(text, listed):
    assert names(text) == listed


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5, unique=True))
def test_any_property_can_be_written_with_escapes(props):
    written = ",".join("prop:" + "".join(f"\\{c}" for c in prop) for prop in props)

    assert names(written) == [f"prop:{prop}" for prop in props]


@pytest.mark.parametrize("text", ["colour", "page,colour", "prop:", "Page"])
def test_unknown_dimension_is_rejected_with_the_accepted_ones(text):
    with pytest.raises(InvalidQuery, match=r"Expected one of page, .*, prop:NAME") as no:
        parse_dimensions(text)
    assert no.value.parameter == "dimensions"


def test_at_most_fifty_dimensions_are_accepted():
    fifty = [f"prop:{number}" for number in range(50)]

    assert len(names(",".join(fifty))) == 50
    with pytest.raises(InvalidQuery, match="at most 50"):
        parse_dimensions(",".join([*fifty, "page"]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("pro", "pro"),
        (3, "3"),
        (3.0, "3"),
        (0.5, "0.5"),
        (True, "true"),
        (False, "false"),
        (None, None),
    ],
)
def test_props_are_listed_as_text(value, text):
    assert format_prop(value) == text
    assert parse_dimension("prop:plan").value_of({"plan": value}) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("referrer", "https://news.ycombinator.com/item?id=1"),
        ("source", "Hacker News"),
        ("channel", "Organic Social"),
        ("utm_source", None),
    ],
)
def test_dimensions_of_the_acquisition(name, value):
    arrival = acquisition_of(session(referrer="https://news.ycombinator.com/item?id=1"))

    assert parse_dimension(name).value_of(arrival) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("browser", "Firefox"),
        ("browser_version", "137"),
        ("device", "desktop"),
        ("os", "Linux"),
    ],
)
def test_dimensions_of_the_user_agent(name, value):
    assert parse_dimension(name).value_of(FIREFOX) == value
    assert parse_dimension(name).value_of("") is None


def test_empty_text_counts_as_missing():
    assert parse_dimension("language").value_of("") is None
