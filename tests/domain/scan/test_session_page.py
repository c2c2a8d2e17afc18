"""Pages of a list contain every matching session once, newest first, wherever it is stored."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.packs.pack import Pack, read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.packs.session_reader import read_sessions
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.period import Period, resolve_period
from chalicelib.domain.scan import session_page as module
from chalicelib.domain.scan.session_page import SessionPage, SessionQuery, session_page
from chalicelib.domain.sessions.session import Session
from tests.builders import DAY, MIDNIGHT, MINUTE, session
from tests.domain.strategies import FIRST, SPAN_MS, closed, lists_of_closed

FILTERS = ["", "page==/", "page!=/|/Blog", "source==Google", "hour_of_week==96", "country==DE"]
MOST_PAGES = 50
ALL = resolve_period("custom", now=FIRST + 9 * DAY, from_="2026-09-01", to="2026-09-30")


def by_last_start(*lists: list[Session]) -> list[Pack]:
    segments = [read_pack(write_pack(sessions)) for sessions in lists if sessions]
    return sorted(segments, key=lambda segment: -segment.last_start)


def pages(
    open_sessions: list[Session],
    segments: list[Pack],
    period: Period,
    filters: str,
    limit: int,
) -> list[SessionPage]:
    results: list[SessionPage] = []
    after: Cursor | None = None
    while len(results) < MOST_PAGES:
        query = SessionQuery(period, parse_filters(filters), after, limit)
        results.append(session_page(open_sessions, segments, query))
        after = results[-1].cursor
        if after is None:
            return results
    pytest.fail("no page is the last one")


def key(one: Session) -> tuple[int, str]:
    return one.started_at, one.session_id


def in_list(sessions: list[Session], period: Period, filters: str) -> list[tuple[int, str]]:
    chosen = parse_filters(filters)
    return sorted(
        (
            key(one)
            for one in sessions
            if period.start <= one.started_at < period.end and chosen.matches(one, period.zone)
        ),
        reverse=True,
    )


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(closed(), st.integers(0, 3)), max_size=12, unique_by=lambda x: x[0].session_id
    ),
    st.sampled_from(FILTERS),
    st.integers(1, 5),
    st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
    st.booleans(),
    st.sampled_from([0, 2, 500_000]),
)
def test_pages_match_the_reference_implementation(
    sessions, filters: str, limit: int, zone: str, is_cut: bool, most_scanned: int
):
    places: list[list[Session]] = [[], [], [], []]
    for one, place in sessions:
        places[place].append(one)
    period = resolve_period(
        "custom", now=FIRST + 9 * DAY, from_="2026-09-05", to="2026-09-06", timezone=zone
    ) if is_cut else ALL  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_SCANNED_SESSIONS", most_scanned)
        patch.setattr(module, "MIN_PACK_COST_SESSIONS", 1)
        result = pages(places[0], by_last_start(*places[1:]), period, filters, limit)

    seen = [key(one) for page in result for one in page.sessions]
    assert seen == in_list([one for one, _ in sessions], period, filters)
    assert all(len(page.sessions) <= limit for page in result)
    if most_scanned == 500_000:
        assert all(len(page.sessions) == limit for page in result[:-1])


def test_session_closed_after_its_row_was_read_is_listed_once():
    one = session("/a")
    page = session_page(
        [one], by_last_start([one]), SessionQuery(ALL, parse_filters(""), None, 10)
    )

    assert [key(found) for found in page.sessions] == [key(one)]


def test_closed_row_that_no_longer_matches_leaves_no_gap():
    gone = [session("/a", name=str(number), start=MIDNIGHT + 9 * MINUTE) for number in range(5)]
    older = [session("/a", name=f"older{number}") for number in range(5)]
    closed_ones = [
        session("/b", name=str(number), start=MIDNIGHT + 9 * MINUTE) for number in range(5)
    ]
    query = SessionQuery(ALL, parse_filters("page==/a"), None, 3)
    page = session_page(gone, by_last_start(closed_ones, older), query)

    assert len(page.sessions) == 3
    assert page.cursor is not None
    assert {one.started_at for one in page.sessions} == {MIDNIGHT}


def test_closed_open_session_does_not_hide_another_result():
    gone = session("/a", name="gone", start=MIDNIGHT + MINUTE)
    first = [session("/a", start=MIDNIGHT + 2 * MINUTE), session("/a", name="old")]
    second = [session("/b", name="gone", start=MIDNIGHT + MINUTE)]
    result = pages([gone], by_last_start(first, second), ALL, "page==/a", 1)

    assert [key(one) for page in result for one in page.sessions] == list(map(key, first))


def test_simultaneous_sessions_are_ordered_by_id():
    crowd = [session(name=str(number)) for number in range(9)]
    result = pages(crowd[:3], by_last_start(crowd[3:6], crowd[6:]), ALL, "", 2)

    assert [one.session_id for page in result for one in page.sessions] == sorted(
        (one.session_id for one in crowd), reverse=True
    )


def test_sparse_search_ends_early_and_resumes(monkeypatch):
    monkeypatch.setattr(module, "MAX_SCANNED_SESSIONS", 2)
    monkeypatch.setattr(module, "MIN_PACK_COST_SESSIONS", 1)
    days = [[session("/x", name=f"{day}", start=MIDNIGHT + day * DAY)] for day in range(6)]
    days[0] = [session("/rare", start=MIDNIGHT)]
    result = pages([], by_last_start(*days), ALL, "page==/rare", 10)

    assert [len(page.sessions) for page in result] == [0, 0, 1]


def test_page_reads_only_the_packs_it_needs():
    def segments():
        yield from by_last_start([session("/b", start=MIDNIGHT + DAY)])
        yield from by_last_start([session("/a", start=MIDNIGHT)])
        yield from by_last_start([session("/older", start=MIDNIGHT - DAY)])
        pytest.fail("read on")

    page = session_page([], segments(), SessionQuery(ALL, parse_filters(""), None, 1))

    assert [one.entry_page for one in page.sessions] == ["/b"]


@given(lists_of_closed(span_ms=SPAN_MS), st.data())
def test_sessions_read_by_index_match_the_whole_pack(sessions, data):
    if not sessions:
        return
    segment = read_pack(write_pack(sessions))
    places = data.draw(st.lists(st.integers(0, segment.count - 1), unique=True))

    assert read_sessions(segment, places) == [segment.sessions()[place] for place in places]
    assert segment.session_ids(places) == [segment.session_ids()[place] for place in places]


def test_requested_time_zone_decides_the_day():
    late = session("/", start=MIDNIGHT - 30 * MINUTE)  # 23:30 of the day before in UTC
    berlin = resolve_period(
        "custom",
        now=MIDNIGHT + 9 * DAY,
        from_="2026-09-05",
        to="2026-09-05",
        timezone="Europe/Berlin",
    )
    utc = resolve_period("custom", now=MIDNIGHT + 9 * DAY, from_="2026-09-05", to="2026-09-05")

    assert berlin.zone == ZoneInfo("Europe/Berlin")
    assert [len(p.sessions) for p in pages([], by_last_start([late]), berlin, "", 5)] == [1]
    assert [len(p.sessions) for p in pages([], by_last_start([late]), utc, "", 5)] == [0]
