"""Packs stay within the size limit, whatever the sessions contain."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import (
    MAX_TRUNCATED_CHARACTERS,
    write_pack,
    write_packs,
)
from tests.builders import MIDNIGHT, MINUTE, act, session, view
from tests.domain.strategies import in_order, lists_of_closed


def noise(name: object, length: int = 1_000) -> str:
    """Return text that cannot be compressed to less than half."""
    digits = (
        hashlib.sha256(f"{name}{part}".encode()).hexdigest() for part in range(length // 64 + 1)
    )
    return "".join(digits)[:length]


def unpacked(packed: list[bytes]):
    return [one for content in packed for one in read_pack(content).sessions()]


@given(lists_of_closed())
def test_packs_together_hold_each_session_once(sessions):
    assert unpacked(write_packs(sessions, limit_bytes=1_000)) == sessions


def test_few_sessions_make_one_pack():
    assert write_packs([session("/"), session("/a", visitor="ben")]) == [
        write_pack([session("/"), session("/a", visitor="ben")])
    ]


def test_no_sessions_make_no_pack():
    assert write_packs([]) == []


def test_no_pack_exceeds_the_limit():
    sessions = in_order(
        session(f"/{noise(number)}", visitor=str(number), start=MIDNIGHT + number)
        for number in range(60)
    )

    packed = write_packs(sessions, limit_bytes=10_000)

    assert max(map(len, packed)) <= 10_000
    assert len(packed) < 2 * sum(map(len, packed)) / 10_000
    assert unpacked(packed) == sessions


def test_oversized_session_loses_props_and_ends_of_paths():
    huge = session(
        *(
            act(
                "save",
                at=number,
                page=f"/{noise(number)}",
                props={"text": noise(number, 2_000)},
            )
            for number in range(400)
        )
    )
    small = session("/", start=MIDNIGHT + MINUTE, visitor="ben")

    packed = write_packs([huge, small])

    assert max(map(len, packed)) <= 300_000
    kept = unpacked(packed)
    assert kept[1] == small
    assert [step.page for step in kept[0].steps] == [
        step.page[:MAX_TRUNCATED_CHARACTERS] for step in huge.steps
    ]
    assert not any(step.props for step in kept[0].steps)


def test_single_session_fits_one_write_unit():
    usual = replace(
        session(view("/", engaged_ms=12_345, scroll_depth=80), view("/blog/why", at=23_456)),
        user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
        "Gecko) Chrome/142.0.0.0 Safari/537.36",
        referrer="https://www.google.com/",
        language="en-US",
        screen="1920x1080",
    )

    assert len(write_pack([usual])) < 500
