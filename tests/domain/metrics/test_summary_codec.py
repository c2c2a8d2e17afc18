"""Packed summaries fit an item and survive a round trip."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given

from chalicelib.domain.metrics.counters import ONE_SESSION, ONE_VISITOR
from chalicelib.domain.metrics.summary import EMPTY_SUMMARY, OTHER_VALUE, Summary
from chalicelib.domain.metrics.summary_codec import (
    MAX_STORED_VALUES,
    MAX_SUMMARY_BYTES,
    decode_summary,
    encode_summary,
)
from chalicelib.domain.packs.encoding import DecodeError
from tests.domain.metrics.test_summary import summaries


@given(summaries)
def test_summary_survives_a_round_trip(summary):
    assert decode_summary(encode_summary(summary)) == summary


def test_only_requested_dimensions_are_read():
    summary = Summary(
        {0: 1}, {0: 1}, {"page": {"/": 1}, "source": {None: 1}}, frozenset(["page"])
    )

    assert decode_summary(encode_summary(summary), {"source", "city"}) == Summary(
        {0: 1}, {0: 1}, {"source": {None: 1}}
    )


def test_stored_encoded_paths_and_hosts_are_read_decoded():
    summary = Summary(
        rows={
            "page": {
                "/caf%C3%A9": 1,
                "/caf%c3%a9": 2,
                "/café": 4,
                "/a%2fb": 8,
                OTHER_VALUE: 16,
            },
            "entry_page": {None: 1, "/%ED%95%9C": 2},
            "utm_campaign": {"50%25": 1, "50%": 2},
            "source": {"xn--bcher-kva.example": 1, "bücher.example": 2, "Google": 4},
            "hostname": {"xn--bcher-kva.example": 1, None: 2},
        }
    )

    result = decode_summary(encode_summary(summary))

    assert result.rows == {
        "page": {"/café": 7, "/a%2Fb": 8, OTHER_VALUE: 16},
        "entry_page": {None: 1, "/한": 2},
        "utm_campaign": {"50%25": 1, "50%": 2},
        "source": {"bücher.example": 3, "Google": 4},
        "hostname": {"bücher.example": 1, None: 2},
    }
    assert decode_summary(encode_summary(result)) == result


def rows(number, length=20):
    def value(n):
        return (hashlib.sha256(b"%d" % n).hexdigest() * (length // 64 + 1))[:length] + str(n)

    return {value(n): (n % 97 + 1) * ONE_VISITOR + n * ONE_SESSION for n in range(number)}


def test_lists_are_limited_to_a_thousand_values():
    summary = Summary(rows={"page": rows(1500)})

    result = decode_summary(encode_summary(summary))

    assert len(result.rows["page"]) == MAX_STORED_VALUES + 1
    assert OTHER_VALUE in result.rows["page"]
    assert result.truncated_dimensions == {"page"}
    assert sum(result.rows["page"].values()) == sum(summary.rows["page"].values())


def test_summary_always_fits_an_item():
    summary = Summary(rows={f"prop:{n}": rows(900, length=1_500) for n in range(25)})

    packed = encode_summary(summary)

    assert len(packed) <= MAX_SUMMARY_BYTES
    assert decode_summary(packed).truncated_dimensions == summary.rows.keys()


@pytest.mark.parametrize(("place", "complaint"), [(0, "packed in version 0"), (9, "damaged")])
def test_damaged_bytes_are_rejected(place, complaint):
    packed = bytearray(encode_summary(EMPTY_SUMMARY))
    packed[place] ^= 1

    with pytest.raises(DecodeError, match=complaint):
        decode_summary(bytes(packed))
