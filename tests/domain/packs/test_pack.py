"""Packs return the sessions that were packed, except for the user_id."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from chalicelib.domain.packs.encoding import DecodeError
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from tests.builders import HOUR, MIDNIGHT, session, view
from tests.domain.strategies import lists_of_closed


@given(lists_of_closed())
def test_sessions_survive_a_round_trip(sessions):
    assert read_pack(write_pack(sessions)).sessions() == sessions


@given(lists_of_closed())
def test_ids_can_be_read_alone(sessions):
    ids = [one.session_id for one in sessions]

    assert read_pack(write_pack(sessions)).session_ids() == ids


@given(lists_of_closed())
def test_numbers_and_booleans_in_props_keep_their_type(sessions):
    def types(of):
        return [
            {name: type(value) for name, value in step.props.items()}
            for one in of
            for step in one.steps
        ]

    assert types(read_pack(write_pack(sessions)).sessions()) == types(sessions)


def test_columns_of_the_example_in_the_docstring():
    ann, bob = ("ann", "de"), ("bob", "en")
    pack = read_pack(
        write_pack(
            session(
                *steps, start=MIDNIGHT + at, visitor=visitor, name=str(at), language=language
            )
            for at, (visitor, language), steps in [
                (0, ann, [view("/a"), view("/b", at=20_000)]),
                (60_000, bob, [view("/a")]),
                (300_000, ann, [view("/a")]),
            ]
        )
    )

    assert {name: list(pack.column(name)) for name in ("start", "steps", "language")} == {
        "start": [0, 60_000, 240_000],
        "steps": [2, 1, 1],
        "language": [0, 1, 0],
    }
    assert list(pack.column("is_returning")) == [0, 0, 1]
    assert list(pack.column("returning")) == [0]
    assert list(pack.column("page")) == [0, 1, 0, 0]
    assert list(pack.column("gap")) == [20_000]
    assert pack.texts()["language"] == ["de", "en"]
    assert pack.texts()["page"] == ["/a", "/b"]


def test_order_of_packing_does_not_matter():
    early, late = session("/a"), session("/b", start=MIDNIGHT + HOUR)

    assert read_pack(write_pack([late, early])).sessions() == [early, late]


def test_user_id_is_not_packed():
    named = replace(session("/"), user_id="anna@example.com")

    packed = write_pack([named])

    assert b"anna" not in packed
    assert read_pack(packed).sessions() == [replace(named, user_id=None)]


def test_header_has_counts_and_times():
    segment = read_pack(
        write_pack([session("/", view("/b", at=9)), session("/", start=MIDNIGHT + HOUR)])
    )

    assert (segment.count, segment.step_count) == (2, 3)
    assert (segment.first_start, segment.last_start) == (MIDNIGHT, MIDNIGHT + HOUR)


def test_empty_pack_has_no_sessions():
    assert read_pack(write_pack([])).sessions() == []


@pytest.mark.parametrize("place", [1, 5, 20, -1])
def test_damaged_bytes_are_rejected(place):
    packed = bytearray(write_pack([session("/"), session("/a")]))
    packed[place] ^= 1

    with pytest.raises(DecodeError, match="damaged"):
        read_pack(bytes(packed))


def test_newer_version_is_rejected_by_number():
    with pytest.raises(DecodeError, match="packed in version 2; this release reads 1"):
        read_pack(b"\x02" + write_pack([])[1:])
