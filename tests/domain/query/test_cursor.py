"""Cursors: every returned one is accepted, and nothing else is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.query.cursor import MAX_TIMESTAMP_MS, Cursor, parse_cursor
from chalicelib.domain.query.invalid_query import InvalidQuery

printable = st.text(max_size=200).filter(str.isprintable)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@given(st.integers(0, MAX_TIMESTAMP_MS - 1), printable)
def test_cursor_survives_a_round_trip(at: int, key: str):
    cursor = Cursor(at, key)

    assert parse_cursor(cursor.text()) == cursor
    assert cursor.text().isascii()
    assert cursor.text().replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("text", [None, ""])
def test_first_page_has_no_cursor(text: str | None):
    assert parse_cursor(text) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("%%%", id="no base64"),
        pytest.param("x", id="impossible length"),
        pytest.param("A" * 1_001, id="too long"),
        pytest.param(encoded(b"\xff"), id="no text"),
        pytest.param(encoded(b"12"), id="no dot"),
        pytest.param(encoded(b".a"), id="no time"),
        pytest.param(encoded(b"-1.a"), id="negative"),
        pytest.param(encoded(b"1e3.a"), id="no whole number"),
        pytest.param(encoded(b"007.a"), id="leading zeros"),
        pytest.param(encoded("١.a".encode()), id="other digits"),
        pytest.param(encoded(f"{MAX_TIMESTAMP_MS}.a".encode()), id="beyond all calendars"),
        pytest.param(encoded(b"1.a\n"), id="not printable"),
        pytest.param(encoded(b"1.a") + "=", id="padded"),
        pytest.param(encoded(b"1.a") + "\n", id="line break"),
        pytest.param("MS5h ", id="space"),
        pytest.param("MS5", id="cut off in the middle"),
        pytest.param("é", id="not ASCII"),
    ],
)
def test_invalid_cursor_is_rejected_by_name(text: str):
    with pytest.raises(InvalidQuery, match="cursor must be") as refusal:
        parse_cursor(text)

    assert refusal.value.parameter == "cursor"


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_rejected(text: str):
    try:
        cursor = parse_cursor(text)
    except InvalidQuery:
        return

    assert cursor is None or cursor.text() == text


def test_cursors_are_ordered_by_time_then_key():
    assert Cursor(1, "b") > Cursor(1, "a") > Cursor(1) > Cursor(0, "z")
