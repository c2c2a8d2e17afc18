"""A tracker that resends an event after it received another session id counts it once, in the
original session, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from testing.fake_dynamodb.faults import at_call, crash
from tests.world import World, minutes, new_world, page_view


@pytest.mark.parametrize("is_closed", [False, True], ids=["both are open", "one has closed"])
@pytest.mark.parametrize("name", [None, "tab-7"], ids=["no name", "a name of the client's"])
@pytest.mark.parametrize("others", [0, 1], ids=["alone", "in a batch"])
def test_resent_event_of_an_earlier_session(is_closed: bool, name: str | None, others: int):
    world = new_world()
    first, second = two_sessions(world, name)
    if is_closed:
        world.close(at=minutes(33))
    named = {"session_id": second, "age": 32 * 60_000}
    new = [page_view("/new", event_id="e3", session_id=second, age=0)] * others
    again, *_ = world.send(page_view("/a", event_id="e1", **named), *new, at=minutes(33))

    assert (again.status, again.session_id) == ("duplicate", first)
    row = next(row for row in world.rows() if row.session_id == second)
    assert sorted(mark.split("|")[2] for mark in row.views) == ["/b", "/new"][: 1 + others]


def two_sessions(world: World, name: str | None) -> tuple[str, str]:
    """Return the ids of two sessions of a visitor, 31 minutes apart."""
    named: dict[str, Any] = {"session_id": name, "age": 0}
    (first,) = world.send(page_view("/a", event_id="e1", **named), at=minutes(0))
    (second,) = world.send(page_view("/b", event_id="e2", **named), at=minutes(31))
    return str(first.session_id), str(second.session_id)


def test_new_late_event_joins_the_session_it_names():
    world = new_world()
    _, second = two_sessions(world, None)
    (late,) = world.send(
        page_view("/late", event_id="e3", session_id=second, age=60_000), at=minutes(31.5)
    )

    assert (late.status, late.session_id) == ("stored", second)


def test_superseded_session_is_not_continued():
    world = new_world()
    first, second = two_sessions(world, None)
    # Told the older one by the answer to a repeated event, the tracker names that one.
    late = page_view("/late", event_id="e3", age=60_000 + 5)
    (counted,) = world.send({**late, "session_id": second}, at=minutes(31))
    (again,) = world.send({**late, "session_id": first}, at=minutes(31))

    assert (counted.status, counted.session_id) == ("stored", second)
    assert (again.status, again.session_id) == ("duplicate", second)


def test_session_of_another_site_is_not_superseded():
    world = new_world()
    (first,) = world.send(page_view("/"))
    elsewhere = page_view("https://other.example/", session_id=first.session_id)
    world.send(elsewhere, at=minutes(1))
    (second,) = world.send(page_view("/b", session_id=first.session_id), at=minutes(2))

    assert second.session_id == first.session_id


@pytest.mark.parametrize("is_named", [True, False])
def test_row_superseded_by_a_release_before_0_2(is_named: bool):
    """Such a row has the time when the next row was opened (`left_at`), and no count of
    events."""
    world = new_world()
    first, second = two_sessions(world, None)
    database, name = world.tables.database, world.tables.active_sessions.name
    of_old = "REMOVE #events, #size, earlier, later"
    names = {"#events": "events", "#size": "size"}
    for session_id in (first, second):
        database.update(name, {"session_id": session_id}, of_old, values={}, names=names)
    database.update(
        name, {"session_id": first}, "SET left_at = :now", values={":now": minutes(31)}
    )
    named = {"session_id": first} if is_named else {}
    with at_call(database.client, 0, crash) as counted:
        (again,) = world.send(
            page_view("/b", event_id="e2", age=5_000, **named), at=minutes(31) + 5_000
        )
        late = page_view("/late", age=25 * 60_000, **named)
        (new,) = world.send(late, at=minutes(32))

    assert (again.status, again.session_id) == ("duplicate", second)
    assert new.status == "stored"
    assert counted.calls < 14
    assert world.close(at=minutes(90)).rows_failed == []
    stored = [item for item in world.items("events") if "timestamp" in item]
    assert len(stored) == 3
