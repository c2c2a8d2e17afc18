"""Columns survive a round trip, and unreadable bytes are rejected with a reason."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.packs import encoding
from chalicelib.domain.packs.encoding import (
    ByteReader,
    ByteWriter,
    DecodeError,
    decode_column,
    encode_column,
    frame,
    read_fixed_width,
    unframe,
    unzigzag,
    zigzag,
)


def there_and_back(values):
    return list(decode_column(memoryview(encode_column(values)), len(values)))


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_column_survives_a_round_trip(values):
    assert there_and_back(values) == values


@given(st.lists(st.integers(0, 300)), st.integers(1, 2**40))
def test_column_of_multiples_survives_a_round_trip(values, divisor):
    assert there_and_back([value * divisor for value in values]) == [
        value * divisor for value in values
    ]


@pytest.mark.parametrize("highest", [255, 256, 65_535, 65_536, 2**24, 2**32 - 1, 2**32, 2**56])
def test_each_width_survives_a_round_trip(highest):
    assert there_and_back([0, 1, highest]) == [0, 1, highest]


def test_equal_numbers_take_three_bytes():
    assert len(encode_column([300] * 1000)) == 3


def test_common_divisor_takes_no_space():
    tenths = [number * 37 % 256 * 100 for number in range(1000)]

    assert len(encode_column(tenths)) < 1.1 * 1000


def test_big_endian_machine_reads_the_same_bytes(monkeypatch):
    values = [1, 500, 70_000]
    written = encode_column(values)
    # What a big-endian machine does more is to turn the bytes of each number around.
    monkeypatch.setattr(sys, "byteorder", "big")
    turned = encoding.interleave([b"\x01", b"\x02"], 1)

    assert list(turned) == [0x0102]
    monkeypatch.undo()
    assert list(decode_column(memoryview(written), 3)) == values


def test_integers_of_any_width_are_read():
    assert list(read_fixed_width(memoryview(b"\x01\x00\x00\x02\x00\x01"), 3)) == [1, 65_538]


@given(st.integers(-(2**40), 2**40))
def test_small_negative_and_positive_numbers_stay_small(value):
    assert list(unzigzag([zigzag(value)])) == [value]
    assert zigzag(value) <= 2 * abs(value)


@given(st.lists(st.integers(0, 2**70)), st.binary(), st.text() | st.just("\ud800"))
def test_values_are_read_in_the_order_written(numbers, blob, text):
    writer = ByteWriter()
    for number in numbers:
        writer.write_number(number)
    writer.write_bytes(blob)
    writer.write_document([text, None])

    reader = ByteReader(memoryview(writer.to_bytes()))

    assert [reader.read_number() for _ in numbers] == numbers
    assert bytes(reader.read_bytes()) == blob
    assert encoding.read_document(reader.read_bytes()) == [text, None]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"", "packed in version none; this release reads 1", id="nothing"),
        pytest.param(frame(9, b""), "packed in version 9; this release reads 1", id="newer"),
        pytest.param(frame(1, b"abc")[:-1], "checksum differs", id="cut short"),
        pytest.param(frame(1, b"abc")[:-1] + b"d", "checksum differs", id="changed"),
    ],
)
def test_unreadable_bytes_raise_a_reason(content, complaint):
    with pytest.raises(DecodeError, match=complaint):
        unframe(1, content)


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x05abc"])
def test_reading_past_the_end_is_rejected(content):
    with pytest.raises(DecodeError, match="ends too early"):
        ByteReader(memoryview(content)).read_bytes()


def test_column_of_a_wrong_length_is_rejected():
    with pytest.raises(DecodeError, match="another length"):
        decode_column(memoryview(encode_column([1, 2, 300])), 2)
