"""Events of users: which are theirs, which are kept, and which a full row has recorded."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.domain.sessions import active_session
from chalicelib.presentation import serializers
from chalicelib.services.reports import users
from chalicelib.storage.active_table import row_update
from chalicelib.web.reading.reports import event_list, timeline, user_events, user_sessions
from tests.world import START, World, minutes, page_view, visitor

DAY = 24 * 60  # minutes
MIDNIGHT = 14 * 60  # minutes after START


def test_expired_events_are_not_queried(world: World):
    world.send(page_view("/old"), at=START)
    world.close(at=minutes(60))
    a_month_later = START + 31 * 86_400_000
    parameters = {"site": "example.com"}

    assert event_list(parameters, world.context(minutes(61)))["events"] != []
    assert event_list(parameters, world.context(a_month_later)) == {
        "events": [],
        "cursor": None,
    }


def test_full_row_lists_all_of_its_events(world: World, monkeypatch: pytest.MonkeyPatch):
    for module_ in (active_session, row_update):
        monkeypatch.setattr(module_, "MAX_MARKERS", 2)
    first = world.send(page_view("/0"))[0]
    for number in range(1, 5):
        world.send(page_view(f"/{number}", session_id=first.session_id), at=minutes(number))
    result = event_list({"site": "example.com"}, world.context(minutes(5)))

    assert [one["page"] for one in result["events"]] == ["/4", "/3", "/2", "/1", "/0"]


def test_events_of_another_user_in_the_session_are_omitted(world: World):
    first = world.send(page_view("/a", user_id="ann"))[0]
    named = {"session_id": first.session_id}
    world.send(page_view("/b", user_id="bob", **named), at=minutes(1))
    world.close(at=minutes(60))
    sessions = {
        name: user_sessions(name, {}, world.context())["sessions"] for name in ("ann", "bob")
    }
    events = {
        name: user_events(name, {}, world.context(minutes(61)))["events"]
        for name in ("ann", "bob")
    }

    assert sum(map(len, sessions.values())) == len(
        {o["session_id"] for s in sessions.values() for o in s}
    )
    assert [one["page"] for one in events["bob"]] == ["/b"]


def test_user_sessions_can_be_limited_to_one_site(world: World):
    world.send(page_view("https://a.example/", user_id="ann"))
    world.send(page_view("https://b.example/", user_id="ann"), at=minutes(1))

    def sites(**asked: str) -> list[str]:
        result = user_sessions("ann", asked, world.context())
        return [one["site"] for one in result["sessions"]]

    assert sites() == ["b.example", "a.example"]
    assert sites(site="a.example") == ["a.example"]


def test_events_too_large_for_one_response_are_paged(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    for number in range(4):
        body = page_view(f"/{number}", props={"text": "ü" * 900})
        world.send(body, at=minutes(number))
    monkeypatch.setattr(serializers, "MAX_RESPONSE_BYTES", 15_000)
    parameters = {"site": "example.com"}
    first = event_list(parameters, world.context(minutes(5)))
    rest = event_list({**parameters, "cursor": first["cursor"]}, world.context(minutes(5)))
    session_id = first["events"][0]["session_id"]
    told = timeline(session_id, {}, world.context())

    pages = [one["page"] for one in [*first["events"], *rest["events"]]]
    assert pages == ["/3", "/2", "/1", "/0"]
    assert len(first["events"]) == 2
    assert rest["cursor"] is None
    assert told is not None
    assert (len(told["timeline"]), told["timeline_complete"]) == (2, False)


def pages_of(world: World, limit: int = 1, **asked: Any) -> list[str]:
    """Return the pages of the site's events, from all pages of the list."""
    results: list[str] = []
    cursor = ""
    for _ in range(50):
        parameters = {"site": "example.com", "limit": str(limit), "cursor": cursor, **asked}
        page = event_list(parameters, world.context(minutes(3 * DAY)))
        results += [one["page"] for one in page["events"]]
        if page["cursor"] is None:
            return results
        cursor = page["cursor"]
    pytest.fail("no page is the last one")


def long_session(
    world: World, first: int, *paths: str, sender: RequestClient | None = None
) -> None:
    """Send a page view every 25 minutes, starting with minute `first`."""
    named: dict[str, str] = {"user_id": "ann"}
    for number, path in enumerate(paths):
        at = minutes(first + 25 * number)
        sent = world.send(page_view(path, **named), at=at, sender=sender)[0]
        named["session_id"] = str(sent.session_id)


def test_session_past_midnight_keeps_its_order(world: World):
    long_session(world, MIDNIGHT - 20, "/1", "/2", "/3", "/4", "/5")
    for number in range(4):
        world.send(
            page_view(f"/short{number}"), at=minutes(MIDNIGHT + number), sender=visitor(2)
        )
    world.close(at=minutes(2 * DAY))

    shorts = [f"/short{number}" for number in (3, 2, 1, 0)]
    assert pages_of(world) == ["/5", "/4", "/3", "/2", *shorts, "/1"]


def test_events_after_midnight_belong_to_their_own_day(world: World):
    long_session(world, MIDNIGHT - 20, "/before", "/after")
    world.close(at=minutes(2 * DAY))

    next_day: dict[str, Any] = {"from": "2026-09-06"}
    assert pages_of(world, **next_day) == ["/after"]
    assert pages_of(world, to="2026-09-05") == ["/before"]


def test_many_simultaneous_events_do_not_hide_earlier_ones(world: World):
    world.send(page_view("/before"), at=minutes(0), sender=visitor(9))
    for number in range(6):
        world.send(page_view("/crowd"), at=minutes(1), sender=visitor(number))
    world.close(at=minutes(60))

    assert pages_of(world) == ["/crowd"] * 6 + ["/before"]


def test_events_beyond_the_markers_of_a_full_row_are_listed_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    for module in (active_session, row_update):
        monkeypatch.setattr(module, "MAX_MARKERS", 2)
    long_session(world, 3 * DAY - 80, "/0", "/1", "/2")
    for number in range(2):
        at = minutes(3 * DAY - 50 + number)
        world.send(page_view(f"/other{number}"), at=at, sender=visitor(2))

    assert pages_of(world) == ["/2", "/other1", "/other0", "/1", "/0"]


def test_events_of_two_devices_are_listed_in_time_order(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(users, "SESSIONS_AT_ONCE", 1)
    long_session(world, 0, "/a0", "/a25", "/a50", "/a75")
    for number in (30, 31, 32):
        body = page_view(f"/b{number}", user_id="ann")
        world.send(body, at=minutes(number), sender=visitor(2))
    world.close(at=minutes(200))
    results: list[str] = []
    cursor = ""
    while cursor is not None:
        parameters = {"limit": "1", "cursor": cursor}
        page = user_events("ann", parameters, world.context(minutes(201)))
        results += [one["page"] for one in page["events"]]
        cursor = page["cursor"]
        assert len(results) < 20

    assert results == ["/a75", "/a50", "/b32", "/b31", "/b30", "/a25", "/a0"]
