"""Incoming events: every limit on both sides, and no value that breaks the parser."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.collection.event_payload import InvalidEvent, parse_payload
from tests.builders import START as NOW

DAY_MS = 86_400_000


def parsed(**fields):
    return parse_payload({"event_type": "page_view", **fields}, now=NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("event_type", "x" * 120, id="120 characters"),
        pytest.param("page_url", "https://example.com/" + "x" * 1980, id="2,000 bytes"),
        pytest.param("session_id", "x" * 128, id="128 characters"),
        pytest.param("user_id", "Jürgen Müller", id="printable"),
        pytest.param("props", {f"k{n}": n for n in range(30)}, id="30 keys"),
        pytest.param("props", {"k" * 300: "v" * 2000}, id="300 and 2,000 bytes"),
        pytest.param("props", {"s": "x", "n": 1.5, "b": True}, id="three types"),
        pytest.param("scroll_depth", 100, id="100"),
        pytest.param("engaged_ms", 0, id="0"),
        pytest.param("referrer", None, id="null is not there"),
    ],
)
def test_valid_payload_is_accepted(field, value):
    parsed(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("event_type", "", id="empty"),
        pytest.param("event_type", "x" * 121, id="121 characters"),
        pytest.param("event_type", 5, id="a number"),
        pytest.param("page_url", "https://example.com/" + "x" * 1981, id="2,001 bytes"),
        pytest.param("page_url", "/home", id="relative"),
        pytest.param("page_url", "javascript:alert(1)", id="javascript:"),
        pytest.param("page_url", "https://", id="no host"),
        pytest.param("page_url", "https://a.example:port/", id="no port"),
        pytest.param("page_url", 1, id="number"),
        pytest.param("session_id", "x" * 129, id="129 characters"),
        pytest.param("session_id", "", id="empty id"),
        pytest.param("event_id", "a/b", id="slash"),
        pytest.param("user_id", "a\nb", id="control character"),
        pytest.param("user_id", "[object Object]", id="an object that became text"),
        pytest.param("user_id", "a\ud800", id="half a character"),
        pytest.param("scroll_depth", 101, id="101"),
        pytest.param("scroll_depth", -1, id="-1"),
        pytest.param("engaged_ms", -1, id="negative"),
        pytest.param("engaged_ms", True, id="a flag"),
        pytest.param("timestamp", "now", id="text"),
        pytest.param("age", [], id="list"),
        pytest.param("title", {}, id="object"),
    ],
)
def test_invalid_field_is_rejected_by_name(field, value):
    with pytest.raises(InvalidEvent, match=field):
        parsed(**{field: value})


@pytest.mark.parametrize("body", [None, [], "page_view", 1, True])
def test_event_must_be_an_object(body):
    with pytest.raises(InvalidEvent, match="object"):
        parse_payload(body, now=NOW)


@pytest.mark.parametrize(
    ("field", "longest"),
    [("title", 500), ("language", 35), ("screen", 11), ("timezone", 64), ("referrer", 2000)],
)
def test_long_text_is_truncated(field: str, longest: int):
    assert getattr(parsed(**{field: "x" * 5000}), field) == "x" * longest


def test_referrer_is_never_truncated_inside_a_character():
    assert parsed(referrer="é" * 1500).referrer == "é" * 1000


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        pytest.param({}, NOW, id="arrival"),
        pytest.param({"timestamp": 1_788_602_000}, 1_788_602_000_000, id="seconds"),
        pytest.param({"timestamp": 1_788_602_000_500}, 1_788_602_000_500, id="milliseconds"),
        pytest.param({"timestamp": NOW - DAY_MS}, NOW - DAY_MS, id="24 hours back"),
        pytest.param({"timestamp": NOW - DAY_MS - 1}, NOW, id="more: arrival"),
        pytest.param({"timestamp": NOW + 300_000}, NOW + 300_000, id="5 minutes ahead"),
        pytest.param({"timestamp": NOW + 300_001}, NOW, id="more ahead: arrival"),
        pytest.param({"timestamp": 1_693_900_000}, NOW, id="of 2023"),
        pytest.param({"timestamp": math.nan}, NOW, id="not a number"),
        pytest.param({"timestamp": 10**400}, NOW, id="beyond all doubles"),
        pytest.param({"age": 1000}, NOW - 1000, id="age"),
        pytest.param({"age": 1000, "timestamp": NOW}, NOW - 1000, id="age wins"),
        pytest.param({"age": DAY_MS}, NOW - DAY_MS, id="age of 24 hours"),
        pytest.param({"age": DAY_MS + 1}, NOW, id="older: ignored"),
        pytest.param({"age": -1, "timestamp": NOW - 5}, NOW - 5, id="negative: timestamp"),
    ],
)
def test_event_time(fields, at):
    assert parsed(**fields).at == at


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
FIELDS = (
    "event_type", "page_url", "referrer", "session_id", "event_id", "user_id", "timestamp",
    "age", "title", "language", "screen", "timezone", "props", "engaged_ms", "scroll_depth",
    "automated",
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_json_value_in_any_field_is_accepted_or_rejected(fields):
    try:
        event = parsed(**fields)
    except InvalidEvent:
        return
    json.dumps(dict(event.props)).encode()
    for text in (event.event_type, event.page_url, event.referrer, event.title):
        (text or "").encode()
