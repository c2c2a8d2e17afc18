"""Properties: which are stored, truncated or dropped, and that dropped ones are reported."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.collection.event import encode_props
from chalicelib.domain.collection.props import MAX_PROPS_BYTES, clean_props


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param("text", "text", id="text"),
        pytest.param("", "", id="no text"),
        pytest.param("x" * 2000, "x" * 2000, id="2,000 bytes"),
        pytest.param("x" * 2001, "x" * 2000, id="2,001 bytes"),
        pytest.param("é" * 1001, "é" * 1000, id="never half a character"),
        pytest.param("a\ud800", "a?", id="a lone surrogate"),
        pytest.param(29.9, 29.9, id="number"),
        pytest.param(True, True, id="boolean"),
        pytest.param([1, "é"], '[1,"é"]', id="list"),
        pytest.param({"a": [None]}, '{"a":[null]}', id="object"),
        pytest.param(["x" * 3000], '["' + "x" * 1998, id="long list"),
    ],
)
def test_valid_props_are_kept(value: object, kept: object):
    assert clean_props({"key": value}) == ({"key": kept}, ())


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(math.nan, id="NaN"),
        pytest.param(math.inf, id="infinity"),
        pytest.param(10**400, id="larger than a double"),
    ],
)
def test_value_that_cannot_be_stored_is_dropped(value: object):
    result = clean_props({"coupon": value, "plan": "team"})

    assert result.props == {"plan": "team"}
    assert result.note == "props left out: 'coupon' (no value)."


@pytest.mark.parametrize(("length", "kept"), [(300, 1), (301, 0)])
def test_props_key_length_is_limited(length: int, kept: int):
    assert len(clean_props({"k" * length: 1}).props) == kept


def test_the_first_30_keys_are_kept():
    result = clean_props({f"k{number}": number for number in range(37)})

    assert list(result.props) == [f"k{number}" for number in range(30)]
    assert result.note.endswith("'k34' (more than 30 keys) and 2 more.")


def test_total_of_4_kb_is_kept():
    result = clean_props({"a": "x" * 2000, "b": "x" * 2000, "c": "x" * 200, "d": 1})

    assert list(result.props) == ["a", "b", "d"]
    assert result.left_out == ("'c' (more than 4 KB in all)",)


@pytest.mark.parametrize("value", [[], "text", 3, True])
def test_props_that_are_not_an_object_are_dropped(value: object):
    assert clean_props(value) == ({}, ("all (props must be an object)",))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(json_values | st.dictionaries(st.text(), json_values, max_size=40))
def test_any_value_gives_props_that_can_be_stored_and_read(value: object):
    result = clean_props(value)
    text = encode_props(result.props)

    assert len(text.encode()) <= MAX_PROPS_BYTES
    assert json.loads(text or "{}") == result.props
