"""Sessions are a pure function of the events, in any order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.collection.event import Event
from chalicelib.domain.collection.ids import is_session_id
from chalicelib.domain.sessions.session import (
    ENDED_BY_LIMIT,
    ENDED_BY_MAX_AGE,
    ENDED_BY_TIMEOUT,
    build_sessions,
)
from chalicelib.domain.sessions.session_limits import (
    MAX_SESSION_EVENTS,
    MAX_SESSION_MS,
    SESSION_TIMEOUT_MS,
)
from tests.builders import event


def closed(*events: Event):
    return build_sessions(events, visitor_key=b"key")


def only(*events: Event):
    (session,) = closed(*events)
    return session


@pytest.mark.parametrize(
    ("gap", "sessions"),
    [
        pytest.param(SESSION_TIMEOUT_MS - 1, 1, id="29:59.999 continues"),
        pytest.param(SESSION_TIMEOUT_MS, 2, id="30:00.000 ends"),
    ],
)
def test_session_splits_at_the_timeout(gap: int, sessions: int):
    assert len(closed(event(0), event(gap))) == sessions


def test_first_split_session_keeps_the_id_and_the_others_refer_to_it():
    first, second = closed(event(0), event(SESSION_TIMEOUT_MS))

    assert (first.session_id, first.storage_session_id) == (event().session_id, None)
    assert is_session_id(second.session_id)
    assert second.session_id != first.session_id
    assert second.storage_session_id == first.session_id


def test_session_ends_after_a_day():
    step = SESSION_TIMEOUT_MS - 1
    events = [event(ms) for ms in range(0, MAX_SESSION_MS + step, step)]
    first, second = closed(*events)

    assert first.ended_by == ENDED_BY_MAX_AGE
    assert second.started_at - first.started_at >= MAX_SESSION_MS
    assert second.ended_by == ENDED_BY_TIMEOUT


def test_session_ends_after_1000_events():
    first, second = closed(*[event(ms) for ms in range(MAX_SESSION_EVENTS + 1)])

    assert first.ended_by == ENDED_BY_LIMIT
    assert (len(first.steps), len(second.steps)) == (MAX_SESSION_EVENTS, 1)


def test_session_ends_at_the_size_limit_of_an_item():
    long = "/" + "x" * 1_900
    sessions = closed(*[event(ms, f"{long}{ms}") for ms in range(300)])

    assert len(sessions) == 3
    assert sum(len(session.steps) for session in sessions) == 300


@given(st.lists(st.integers(0, 3 * SESSION_TIMEOUT_MS), min_size=1, max_size=20, unique=True))
def test_order_of_events_does_not_matter(times: list[int]):
    events = [event(ms) for ms in times]
    shuffled = random.Random(1).sample(events, len(events))

    assert closed(*events) == closed(*shuffled)


def test_entry_and_exit_are_page_views():
    session = only(
        event(0, "/first", "click"), event(1, "/a"), event(2, "/b"), event(3, "/z", "signup")
    )

    assert (session.entry_page, session.exit_page) == ("/a", "/b")
    assert (session.pageviews, session.events) == (2, 2)
    assert session.duration_ms == 3


@pytest.mark.parametrize(
    ("events", "is_bounce"),
    [
        pytest.param([event(0)], True, id="one page view"),
        pytest.param([event(0), event(1)], False, id="two page views"),
        pytest.param([event(0), event(1, event_type="signup")], False, id="a custom event"),
        pytest.param([event(0, event_type="signup")], False, id="no page view"),
    ],
)
def test_bounce_needs_one_page_view_and_no_interaction(events: list[Event], is_bounce: bool):
    assert only(*events).is_bounce is is_bounce


def test_source_and_device_come_from_the_first_event_and_user_id_from_the_last():
    session = only(
        event(0, "/?utm_source=news&gclid=1", referrer="https://a.example/", user_agent="one"),
        event(1, "/b?utm_source=other", referrer="https://b.example/", user_id="ann"),
        event(2, "/c", user_agent="two", user_id="bob"),
        event(3, "/d"),
    )

    assert (session.utm_source, session.click_id) == ("news", "gclid")
    assert (session.referrer, session.user_agent) == ("https://a.example/", "one")
    assert session.user_id == "bob"


def test_internal_referrer_is_none():
    assert only(event(0, referrer="https://www.example.com/before")).referrer is None


def test_user_id_identifies_the_visitor():
    on_monday = only(event(0, user_id="ann", visitor_id="1" * 12))
    on_tuesday = only(event(0, user_id="ann", visitor_id="2" * 12))
    unnamed = only(event(0, visitor_id="2" * 12))

    assert on_monday.visitor == on_tuesday.visitor != unnamed.visitor == "2" * 12
