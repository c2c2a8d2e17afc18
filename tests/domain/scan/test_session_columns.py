"""The columns of the sessions that start on a day."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.query import dimensions as dim
from chalicelib.domain.query.calendar import days_between
from chalicelib.domain.scan.session_columns import SessionColumns
from tests.builders import DAY, MIDNIGHT, MINUTE, act, session, view

UTC = ZoneInfo("UTC")
SESSIONS = [
    session(view("/a"), view("/b", at=20_000), visitor="ann"),
    session(
        view("/a"), act("signup", page="/a", at=5_000), start=MIDNIGHT + MINUTE, visitor="bob"
    ),
]


def columns_of(*sessions, day: int = 0) -> SessionColumns:
    start = MIDNIGHT + day * DAY
    (whole,) = days_between(start, start + DAY, UTC)
    return SessionColumns(read_pack(write_pack(sessions)), whole, UTC)


def test_columns_of_the_example_in_the_docstring():
    columns = columns_of(*SESSIONS)

    assert list(columns.step_counts) == [2, 2]
    assert columns.offsets == [0, 2, 4]
    assert columns.step_sessions == [0, 0, 1, 1]
    assert list(columns.page_view_mask) == [1, 1, 1, 0]
    assert columns.page_view_offsets == [0, 2, 3]
    assert columns.page_view_counts == [2, 1]
    assert columns.durations == [20_000, 5_000]
    assert columns.session_column(dim.EXIT) == ([1, 0], ["/a", "/b", None])


def test_masked_columns_are_those_of_the_remaining_sessions():
    masked = columns_of(*SESSIONS).filtered(bytes([0, 1]))
    alone = columns_of(SESSIONS[1])

    assert list(masked.indices) == [1]
    assert masked.offsets == alone.offsets
    assert masked.durations == alone.durations
    assert masked.page_view_mask == alone.page_view_mask


def test_columns_leave_out_the_sessions_of_other_days():
    later = session(view("/c"), start=MIDNIGHT + DAY)
    columns = columns_of(*SESSIONS, later, day=1)

    assert list(columns.indices) == [2]
    assert list(columns.starts) == [MIDNIGHT + DAY]
    assert columns.page_view_counts == columns_of(later, day=1).page_view_counts
