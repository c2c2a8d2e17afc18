"""Events and users in small: what is theirs, what is kept, and what a full row has noted."""

from __future__ import annotations

import pytest

from chalicelib.domain import active_session
from chalicelib.services import replies
from chalicelib.services.event_list import event_list
from chalicelib.services.timeline import timeline
from chalicelib.services.users import user_events, user_sessions
from chalicelib.storage import active_sessions
from tests.world import START, World, minutes, page_view


def test_events_that_are_not_kept_any_more_are_not_looked_for(world: World):
    world.send(page_view("/old"), at=START)
    world.close(at=minutes(60))
    a_month_later = START + 31 * 86_400_000
    asked = {"site": "example.com"}

    assert event_list(asked, world.tables, world.settings, minutes(61))["events"] != []
    assert event_list(asked, world.tables, world.settings, a_month_later) == {
        "events": [],
        "cursor": None,
    }


def test_row_that_is_full_still_tells_all_of_its_events(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    for module_ in (active_session, active_sessions):
        monkeypatch.setattr(module_, "MOST_VIEWS", 2)
    first = world.send(page_view("/0"))[0]
    for number in range(1, 5):
        world.send(page_view(f"/{number}", session_id=first.session_id), at=minutes(number))
    found = event_list({"site": "example.com"}, world.tables, world.settings, minutes(5))

    assert [one["page"] for one in found["events"]] == ["/4", "/3", "/2", "/1", "/0"]


def test_events_of_another_user_in_the_session_are_not_the_users(world: World):
    first = world.send(page_view("/a", user_id="ann"))[0]
    named = {"session_id": first.session_id}
    world.send(page_view("/b", user_id="bob", **named), at=minutes(1))
    world.close(at=minutes(60))
    sessions = {
        name: user_sessions(name, {}, world.tables, world.settings)["sessions"]
        for name in ("ann", "bob")
    }
    events = {
        name: user_events(name, {}, world.tables, world.settings, minutes(61))["events"]
        for name in ("ann", "bob")
    }

    assert sum(map(len, sessions.values())) == len(
        {o["session_id"] for s in sessions.values() for o in s}
    )
    assert [one["page"] for one in events["bob"]] == ["/b"]


def test_user_is_told_of_one_site_or_of_all(world: World):
    world.send(page_view("https://a.example/", user_id="ann"))
    world.send(page_view("https://b.example/", user_id="ann"), at=minutes(1))

    def sites(**asked: str) -> list[str]:
        found = user_sessions("ann", asked, world.tables, world.settings)
        return [one["site"] for one in found["sessions"]]

    assert sites() == ["b.example", "a.example"]
    assert sites(site="a.example") == ["a.example"]


def test_events_too_large_for_one_answer_come_in_several(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    for number in range(4):
        body = page_view(f"/{number}", props={"text": "ü" * 900})
        world.send(body, at=minutes(number))
    monkeypatch.setattr(replies, "MOST_BYTES", 15_000)
    asked = {"site": "example.com"}
    first = event_list(asked, world.tables, world.settings, minutes(5))
    rest = event_list(
        {**asked, "cursor": first["cursor"]}, world.tables, world.settings, minutes(5)
    )
    session_id = first["events"][0]["session_id"]
    told = timeline(session_id, {}, world.tables, world.settings)

    pages = [one["page"] for one in [*first["events"], *rest["events"]]]
    assert pages == ["/3", "/2", "/1", "/0"]
    assert len(first["events"]) == 2
    assert rest["cursor"] is None
    assert told is not None
    assert (len(told["timeline"]), told["timeline_complete"]) == (2, False)
