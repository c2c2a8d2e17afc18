"""A live snapshot of rows in memory equals a plain reading of the rows into sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attributes.source import source_of
from chalicelib.domain.attributes.user_agent import parse_user_agent
from chalicelib.domain.collection.event import PAGE_VIEW, Event, Location
from chalicelib.domain.sessions.active_session import ActiveSession, new_active_session
from chalicelib.domain.sessions.joined_rows import join_rows, to_sessions
from chalicelib.domain.sessions.live_rows import LiveRows
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import MAX_SESSION_EVENTS, SESSION_TIMEOUT_MS
from chalicelib.domain.sessions.session_summary import summarize_session
from chalicelib.domain.urls.paths import readable_path
from chalicelib.presentation.serializers import serialize_session
from chalicelib.services.reports.live_snapshot import FEED_LENGTH, LiveSnapshot, SnapshotData
from devkit.user_agent_header import CHROME
from tests.builders import DAY, MINUTE, START
from tests.world import settings

SITES = ("example.com", "other.org")
SETTINGS = settings()
LISTS = ("pages", "sources", "countries", "devices")
GAPS = (
    0,
    1,
    999,
    20_000,
    5 * MINUTE,
    20 * MINUTE,
    30 * MINUTE - 1,
    30 * MINUTE,
    DAY - MINUTE,
)

maybe = st.sampled_from


@st.composite
def rows(draw: st.DrawFn, number: int) -> ActiveSession:
    """Draw a row of one of three visitors, which may name rows of lower numbers."""
    at = START - draw(
        maybe([0, 1, MINUTE, 4 * MINUTE, 5 * MINUTE, 29 * MINUTE, 40 * MINUTE, DAY])
    )
    visitor, site = draw(maybe("abc")) * 12, draw(maybe(SITES))
    user_id = draw(maybe([None, None, "ann"]))
    referrer = draw(
        maybe([None, "https://news.ycombinator.com/", f"https://{SITES[0]}/x", "?"])
    )
    events = []
    for position in range(draw(maybe([1, 1, 1, 2, 2, 3, 5, 12]))):
        at += draw(maybe(GAPS)) if position else 0
        events.append(
            Event(
                session_id=f"sess_20260905_{number:08x}",
                event_id=draw(maybe(["e", f"e{position}", f"e{position}"])),
                event_type=draw(maybe([PAGE_VIEW, PAGE_VIEW, "signup"])),
                at=at,
                received_at=at + draw(maybe([0, 0, 5, 40 * MINUTE])),
                position=draw(maybe([0, 0, 1])),
                site=site,
                visitor_id=visitor,
                page_url=f"https://www.example.com{draw(maybe(PATHS))}",
                user_id=user_id,
                referrer=referrer,
                user_agent=draw(maybe(["", CHROME])),
                location=Location(draw(maybe([None, "DE", "AT"]))),
            )
        )
    row = new_active_session(
        events,
        pointer_key="p",
        now=max(event.received_at for event in events),
        earlier=frozenset(draw(st.sets(st.integers(0, 8), max_size=2).map(_ids))),
    )
    return draw(_changed(row))


PATHS = (
    "/",
    "/b",
    "/c|d",
    "/a?utm_source=news&gclid=1",
    "/%E4?q",
    "//x/",
    "/caf%C3%A9#utm_source=x",
)


def _ids(numbers: Iterable[int]) -> set[str]:
    return {f"sess_20260905_{number:08x}" for number in numbers}


@st.composite
def _changed(draw: st.DrawFn, row: ActiveSession) -> ActiveSession:
    """Draw what engagement, a missing marker, and the limits can change."""
    reads = [None, None, row.last_activity + 10 * MINUTE, row.last_activity + 40 * MINUTE]
    seen = [(), (), (row.last_activity + 25 * MINUTE,), (row.last_activity + 60 * MINUTE,)]
    return replace(
        row,
        read_until=draw(maybe(reads)),
        seen_at=frozenset(draw(maybe(seen))),
        last_activity=row.last_activity + draw(maybe([0, 0, 0, MINUTE])),
        start_time=row.start_time - draw(maybe([0, 0, 0, MINUTE])),
        events=draw(maybe([row.events] * 5 + [MAX_SESSION_EVENTS])),
        size=draw(maybe([row.size] * 5 + [64_000])),
        views=draw(maybe([row.views] * 5 + [frozenset()])),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[ActiveSession]:
    """Draw rows in the order in which a reader sees them; a row can return changed."""
    numbers = draw(st.lists(st.integers(0, 8), max_size=14))
    return [draw(rows(number)) for number in numbers]


@given(histories(), st.sets(st.integers(0, 8)), maybe([0, 1, 59_999, 4 * MINUTE, 31 * MINUTE]))
def test_rows_in_memory_show_the_sessions_of_a_plain_reading(
    history: Sequence[ActiveSession], closed: set[int], passed: int
):
    copy = LiveRows(SESSION_TIMEOUT_MS)
    for row in history:
        copy.put(row)
        list(copy.sessions(row.site))  # computes the sessions that a later change replaces
    for session_id in sorted(_ids(closed)):
        copy.drop(session_id)

    left = {row.session_id: row for row in history if row.session_id not in _ids(closed)}
    now = START + passed
    for site in SITES:
        own = [row for row in left.values() if row.site == site]
        assert _as_read(copy, site, now) == _as_defined(own, now)


def _as_read(copy: LiveRows, site: str, now: int) -> Mapping[str, Any]:
    snapshot = LiveSnapshot(SETTINGS, now)
    for session in copy.sessions(site):
        snapshot.add_session(session)
    return _comparable(snapshot.to_dict())


def _as_defined(own: Iterable[ActiveSession], now: int) -> Mapping[str, Any]:
    """Compute the snapshot of a site from the sessions of its rows, one number at a time."""
    first_minute = now // MINUTE - 29
    open_sessions = cut_sessions = 0
    visitors, current = set(), set()
    views: dict[int, list[str]] = {}
    values: dict[str, set[tuple[str | None, str]]] = {name: set() for name in LISTS}
    feed: list[Session] = []
    for joined in join_rows(own, SESSION_TIMEOUT_MS):
        sessions = to_sessions(joined, visitor_key=b"", timeout_ms=SESSION_TIMEOUT_MS)
        if not sessions:
            continue
        last = sessions[-1]
        newest = max(joined.rows, key=lambda row: row.last_activity)
        is_of_today = now < last.started_at + DAY
        open_sessions += is_of_today and joined.is_open(now, SESSION_TIMEOUT_MS)
        cut_sessions += joined.is_truncated
        feed.append(last)
        if newest.last_activity >= first_minute * MINUTE:
            visitors.add(last.visitor)
        for step in (step for session in sessions for step in session.steps):
            if step.is_page_view and step.at >= first_minute * MINUTE:
                views.setdefault(step.at // MINUTE, []).append(last.visitor)
        if newest.last_activity > now - 5 * MINUTE:
            current.add(last.visitor)
            device = parse_user_agent(last.user_agent).device
            values["pages"].add((readable_path(newest.current_page), last.visitor))
            values["sources"].add((source_of(last).name, last.visitor))
            values["countries"].add((last.location.country, last.visitor))
            values["devices"].add((device, last.visitor))
    feed.sort(key=lambda session: (-session.last_activity, session.session_id))
    return {
        "current_visitors": len(current),
        "visitors": len(visitors),
        "pageviews": sum(map(len, views.values())),
        "open_sessions": open_sessions,
        "cut_sessions": cut_sessions,
        **{name: Counter(value for value, _ in values[name]) for name in LISTS},
        "minutes": {(at, len(who), len(set(who))) for at, who in views.items()},
        "feed": [
            serialize_session(summarize_session(session), SETTINGS)
            for session in feed[:FEED_LENGTH]
        ],
        "at": now,
    }


def _comparable(snapshot: SnapshotData) -> Mapping[str, Any]:
    return {
        **snapshot,
        **{name: Counter(dict(snapshot[name])) for name in LISTS},
        "minutes": set(snapshot["minutes"]),
    }


def test_row_with_a_gap_shows_its_last_session():
    row = _row(0, START - DAY, START - MINUTE)

    snapshot = _of([row], START)

    assert snapshot["open_sessions"] == 1
    assert [one["duration"] for one in snapshot["feed"]] == [0]


def test_feed_has_the_newest_sessions_of_many():
    own = [_row(number, START - number * 7 % 500) for number in range(1_000)]

    assert _of(own, START) == _as_defined(own, START)


def _of(own: Iterable[ActiveSession], now: int) -> Mapping[str, Any]:
    copy = LiveRows(SESSION_TIMEOUT_MS)
    for row in own:
        copy.put(row)
    return _as_read(copy, SITES[0], now)


def _row(number: int, *times: int) -> ActiveSession:
    """Return the row of a visitor with page views at these times."""
    events = [
        Event(
            session_id=f"sess_20260905_{number:08x}",
            event_id=f"e{at}",
            event_type=PAGE_VIEW,
            at=at,
            received_at=at,
            site=SITES[0],
            visitor_id=f"{number:012x}",
            page_url="https://example.com/",
        )
        for at in times
    ]
    return new_active_session(events, pointer_key="p", now=times[-1])
