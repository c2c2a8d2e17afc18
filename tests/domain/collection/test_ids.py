from __future__ import annotations

import pytest

from chalicelib.domain.collection import ids

AT = 1_757_086_449_000  # 2025-09-05 15:34:09 UTC


def test_ids_have_the_documented_format():
    assert ids.new_event_id(AT, bytes.fromhex("3a7c66d5")) == "evt_20250905_153409_3a7c66d5"
    assert ids.new_session_id(AT, bytes.fromhex("3ef5a49f")) == "sess_20250905_3ef5a49f"


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("sess_20250905_3ef5a49f", True),
        ("sess_20250905_3EF5A49F", False),
        ("sess_20250905_3ef5a49f\n", False),
        ("sess_2025_3ef5a49f", False),
        ("optional", False),
        ("", False),
    ],
)
def test_session_id_format(text: str, is_ours: bool):
    assert ids.is_session_id(text) is is_ours


def test_split_session_id_is_derived_from_the_first():
    first = ids.derived_session_id("sess_20250905_3ef5a49f", 1, AT)

    assert ids.is_session_id(first)
    assert first == ids.derived_session_id("sess_20250905_3ef5a49f", 1, AT)
    assert first != ids.derived_session_id("sess_20250905_3ef5a49f", 2, AT)
