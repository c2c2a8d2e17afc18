"""Timelines have exactly the events of a session, wherever it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.web.reading.reports import event_list, session_list, timeline
from tests.limits import limit_session_events
from tests.world import START, World, custom, minutes, page_view

LATER = minutes(24 * 60)


def timeline_of(world: World, session_id: str) -> Any:
    return timeline(session_id, {}, world.context())


def steps(found: Any) -> list[tuple[str, str]]:
    return [(one["event_type"], one["page"]) for one in found["timeline"]]


def listed(world: World) -> list[str]:
    parameters = {"site": "example.com", "period": "7d"}
    result = session_list(parameters, world.context(LATER))
    return [one["session_id"] for one in result["sessions"]]


def send_with_late_ones(world: World) -> str:
    """Send two pages, followed by two events that happened an hour earlier."""
    first = world.send(page_view("/now"), at=minutes(60))[0]
    named = {"session_id": first.session_id}
    world.send(page_view("/next", **named), at=minutes(61))
    world.send(
        page_view("/before", age=3_600_000, **named),
        custom("signup", "/before", age=3_590_000, **named),
        at=minutes(62),
    )
    return first.session_id


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
def test_sessions_split_by_late_events_have_separate_events(world: World, is_closed: bool):
    send_with_late_ones(world)
    if is_closed:
        world.close(at=minutes(120))
    newer, older = (timeline_of(world, session_id) for session_id in listed(world))

    assert steps(newer) == [("page_view", "/now"), ("page_view", "/next")]
    assert steps(older) == [("page_view", "/before"), ("signup", "/before")]
    assert newer["timeline_complete"] is older["timeline_complete"] is True
    assert newer["session"]["is_active"] is not is_closed
    assert older["session"]["is_active"] is False


def test_full_session_can_end_between_simultaneous_events(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    limit_session_events(3, monkeypatch)
    world.send(*(page_view(f"/{number}", event_id=f"e{number}") for number in range(5)))
    world.close(at=minutes(60))
    results = [timeline_of(world, session_id) for session_id in listed(world)]

    assert sorted(map(len, map(steps, results))) == [2, 3]
    assert sorted(page for one in results for _, page in steps(one)) == [
        f"/{number}" for number in range(5)
    ]
    assert all(one["timeline_complete"] for one in results)


def test_timeline_without_events_shows_the_stored_session(world: World):
    first = world.send(page_view("/a", title="A", referrer="https://b.example/"))[0]
    named = {"session_id": first.session_id}
    world.send(custom("signup", "/a", props={"plan": "pro"}, **named), at=minutes(1))
    world.close(at=minutes(60))
    key = {"session_id": first.session_id, "event_id": first.event_id}
    world.tables.database.delete_many(world.settings.events_table, [key])
    result = timeline_of(world, first.session_id)

    assert result["timeline_complete"] is False
    assert steps(result) == [("page_view", "/a"), ("signup", "/a")]
    assert result["timeline"][0]["title"] is None
    assert result["timeline"][1]["props"] == {"plan": "pro"}
    assert result["timeline"][1]["timestamp"] == "2026-09-05T10:01:00.000+00:00"
    assert result["session"]["page_count"] == 1


def test_timeline_shows_remaining_events_after_the_packs_expired(world: World):
    first = world.send(page_view("/a"), custom("signup", "/a"))[0]
    world.close(at=minutes(60))
    tables, settings = world.tables, world.settings
    gone = [{"session_id": first.session_id, "event_id": first.event_id}]
    tables.database.delete_many(settings.events_table, gone)
    packed = [
        {"site": item["site"], "sort_key": item["sort_key"]}
        for item in world.items("rollups")
        if item["site"] == "example.com"
    ]
    tables.database.delete_many(settings.rollups_table, packed)
    result = timeline_of(world, first.session_id)

    assert (steps(result), result["timeline_complete"]) == ([("signup", "/a")], False)


def test_session_is_found_before_its_outline_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    first = world.send(page_view("/a"), at=START)[0]
    monkeypatch.setattr(type(world.tables.sessions), "put_many", lambda *_: None)
    monkeypatch.setattr(type(world.tables.pending_closes), "complete", lambda *_: None)
    world.close(at=minutes(60))

    assert world.rows() == []
    assert world.tables.sessions.get(first.session_id) is None
    assert timeline_of(world, first.session_id)["session"]["ended_by"] == "timeout"
    assert steps(timeline_of(world, first.session_id)) == [("page_view", "/a")]
    assert listed(world) == [first.session_id]


def test_row_without_stored_events_shows_its_own_data(world: World):
    first = world.send(page_view("/a"))[0]
    key = {"session_id": first.session_id, "event_id": first.event_id}
    world.tables.database.delete_many(world.settings.events_table, [key])
    result = timeline_of(world, first.session_id)

    assert (steps(result), result["timeline_complete"]) == ([("page_view", "/a")], False)
    assert result["session"]["is_active"] is True


def test_every_listed_event_refers_to_its_session(world: World):
    send_with_late_ones(world)
    world.close(at=minutes(120))
    events = event_list({"site": "example.com"}, world.context(LATER))["events"]

    assert [one["page"] for one in events] == ["/next", "/now", "/before", "/before"]
    for one in events:
        result = timeline_of(world, one["session_id"])
        assert one["event_id"] in [event["event_id"] for event in result["timeline"]]


def test_engagement_time_of_an_open_session_is_included(world: World):
    first = world.send(page_view("/a", event_id="e1"))[0]
    named = {"session_id": first.session_id}
    world.send(
        custom("engagement", "/a", event_id="e1", engaged_ms=5_000, scroll_depth=70, **named),
        at=minutes(1),
    )
    result = timeline_of(world, first.session_id)

    assert result["session"]["engaged_time"] == 5
    assert (result["timeline"][0]["engaged_ms"], result["timeline"][0]["scroll_depth"]) == (
        5000,
        70,
    )
