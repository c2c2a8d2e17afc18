"""Sessions whose events were collected under several ids are recounted, rebuilt and erased like
all others, with the notes that remain under the other ids."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.services.jobs.compact import compact
from operate.data.audit import recount
from operate.data.erase import erase_site, erase_user
from operate.data.rebuild import Rebuild
from operate.data.session_sources import SessionSources
from operate.versions.retention import Retention
from testing.fake_dynamodb.faults import Crash, at_call, crash
from tests.operate.data.conftest import SITE
from tests.world import World, minutes, new_world, page_view, settings, visitor

NOW = minutes(120)
LATER = minutes(300)
DAYS_LATER = minutes(3 * 24 * 60)
DAYS = ("2026-09-05", "2026-09-06")


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def sources(world: World) -> Iterator[SessionSources]:
    with ThreadPoolExecutor(2) as pool:
        yield SessionSources(SITE, world.context(), pool)


def bridged(world: World, *users: str | None, number: int = 1) -> list[str]:
    """Send two rows that are one session, with events of these user_ids; return their ids."""
    ids: list[str] = []
    for at, user_id in zip((60, 110, 85), users or (None,) * 3, strict=True):
        named = {"session_id": ids[-1]} if ids else {}
        fields = {"event_id": f"e{number}-{at}", "user_id": user_id} | named
        view = page_view(f"/{at}", age=NOW - minutes(at), **fields)
        (outcome,) = world.send(view, sender=visitor(number), at=NOW + at)
        ids.append(str(outcome.session_id))
    assert len(set(ids)) == 2
    return list(dict.fromkeys(ids))


def left(world: World) -> list[dict[str, Any]]:
    """Return what is stored of sessions and events, except for pointers, salts and the
    registry."""
    tables = ("events", "sessions", "active_sessions", "rollups")
    items = [dict(item) for table in tables for item in world.items(table)]
    return [
        item
        for item in items
        if item.get("event_id") != "pointer"
        and item.get("site") != "(sites)"
        and not str(item.get("session_id")).startswith("salt#")
    ]


def test_recount_and_rebuild_accept_a_moved_session(world: World, sources: SessionSources):
    bridged(world)
    world.close(at=LATER)
    compact(world.context(DAYS_LATER))

    assert recount(sources, *DAYS, now=DAYS_LATER).differences == []
    assert Rebuild(sources, *DAYS, now=DAYS_LATER).run() == []
    assert len([item for item in world.items("sessions") if "moved_to" not in item]) == 1


@pytest.mark.parametrize("operation", ["BatchWriteItem", "UpdateItem", "DeleteItem"])
def test_closing_session_is_not_a_difference(
    world: World, sources: SessionSources, operation: str
):
    bridged(world)
    died = at_call(world.tables.database.client, 1, crash, operation=operation)
    with died, pytest.raises(Crash):
        world.close(at=LATER)

    assert recount(sources, *DAYS, now=LATER).differences == []
    assert Rebuild(sources, *DAYS, now=LATER).run() == []
    world.close(at=LATER + 60_000)
    assert recount(sources, *DAYS, now=LATER).differences == []


@pytest.mark.parametrize("state", ["active", "set aside", "closed"])
@pytest.mark.parametrize("users", [("ann",) * 3, (None, "ann", None), ("ann", None, None)])
def test_erase_of_a_user_deletes_their_moved_session(
    world: World, sources: SessionSources, users: tuple[str | None, ...], state: str
):
    ids = bridged(world, *users)
    if state == "set aside":
        for session_id in ids:
            world.tables.quarantine.add(session_id, now=NOW)
    if state == "closed":
        world.close(at=LATER)
    erased = erase_user(sources, "ann", now=LATER)
    world.close(at=DAYS_LATER)
    world.close(at=DAYS_LATER)

    whose = [item for item in left(world) if "ann" in str(item.values())]
    assert whose == []
    if state != "set aside" or users == ("ann",) * 3:
        assert [item for item in left(world) if item.get("session_id")] == []
        assert erased.events == 3


def test_erase_of_a_user_keeps_the_session_of_another_user(
    world: World, sources: SessionSources
):
    """Of a row of theirs that is part of it, only the user_id is erased."""
    bridged(world, "ann", "bob", "bob")
    bridged(world, number=2)
    erase_user(sources, "ann", now=LATER)
    world.close(at=LATER)

    pages = [item["page_count"] for item in world.items("sessions") if "moved_to" not in item]
    assert pages == [3, 3]
    assert "ann" not in str(left(world))
    assert "bob" in str(left(world))


@pytest.mark.parametrize("state", ["active", "set aside", "closed"])
def test_erase_of_a_site_deletes_its_moved_sessions(
    world: World, sources: SessionSources, state: str
):
    ids = bridged(world)
    if state == "set aside":
        world.tables.quarantine.add(ids[0], now=NOW)
    if state == "closed":
        world.close(at=LATER)
    erased = erase_site(sources)

    assert left(world) == []
    assert erased.events == 3
    assert erased.sessions == (state == "closed")


def test_session_id_notes_have_the_retention_of_outlines(world: World):
    bridged(world)
    world.close(at=LATER)
    asked = World(world.tables, settings(PERSONAL_RETENTION_DAYS="10"))
    Retention(asked.restarted().tables).apply()

    (note,) = [item for item in world.items("sessions") if "moved_to" in item]
    assert note["ttl"] == LATER // 1000 + 10 * 86_400
