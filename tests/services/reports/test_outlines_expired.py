"""After outlines expire, packed sessions remain and are used without them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.collection.visitor import effective_visitor
from chalicelib.domain.packs.pack import read_pack
from chalicelib.services.jobs.compact import compact
from chalicelib.web.reading.reports import (
    event_list,
    export,
    session_list,
    stats,
    timeline,
    user_events,
    user_sessions,
)
from tests.world import START, World, custom, minutes, new_world, page_view, visitor
from tests.world import settings as settings_of

SITE = "example.com"
DAY = 86_400
LATER = minutes(3 * 24 * 60)
PERIOD = {"site": SITE, "period": "7d"}


@pytest.fixture
def world() -> World:
    """Return a user and a visitor, closed and compacted, whose outlines and events have
    expired."""
    made = new_world(VISITOR_KEY="a key", SITES=SITE)
    user = {"user_id": "ann@example.com"}
    made.send(page_view("/in", **user))
    made.send(custom("signup", "/in", **user), at=minutes(1))
    made.send(page_view("/"), sender=visitor(2))
    made.close(at=minutes(60))
    compact(made.context(minutes(24 * 60)))
    made.tables.database.delete_many(
        made.settings.sessions_table,
        [{"session_id": item["session_id"]} for item in made.items("sessions")],
    )
    made.tables.database.delete_many(
        made.settings.events_table,
        [
            {"session_id": item["session_id"], "event_id": item["event_id"]}
            for item in made.items("events")
        ],
    )
    return made


def listed(world: World) -> list[dict[str, Any]]:
    result = session_list(PERIOD, world.context(LATER))
    sessions: list[dict[str, Any]] = result["sessions"]
    return sessions


@pytest.mark.parametrize(
    ("personal", "sessions", "days"),
    [(None, None, 400), ("90", None, 90), ("0", None, 0), ("0", "30", 30), ("400", "30", 30),
     ("30", "400", 30), (None, "1000", 400)],
)  # fmt: skip
def test_shorter_retention_applies(personal: str | None, sessions: str | None, days: int):
    given = {"PERSONAL_RETENTION_DAYS": personal, "SESSION_RETENTION_DAYS": sessions}
    chosen = {name: text for name, text in given.items() if text is not None}

    assert settings_of(**chosen).outline_retention_days == days
    world = new_world(**chosen)
    world.send(page_view("/", user_id="ann"))
    world.close(at=minutes(60))
    (item,) = world.items("sessions")
    assert item.get("ttl") == (START // 1000 + days * DAY if days else None)


def test_metrics_do_not_change(world: World):
    totals = stats(PERIOD, world.context(LATER))["totals"]

    assert (totals["sessions"], totals["visitors"], totals["pageviews"]) == (2, 2, 2)


def test_lists_and_exports_show_the_session_without_its_user(world: World):
    exported = export({**PERIOD, "format": "ndjson"}, world.context(LATER))

    assert [one["user_id"] for one in listed(world)] == [None, None]
    assert "ann@" not in exported.text
    assert len(exported.text.splitlines()) == 2
    events = event_list({"site": SITE}, world.context(LATER))
    assert events["events"] == []


@pytest.mark.parametrize("named", [{}, {"site": SITE}])
def test_listed_session_can_be_opened(world: World, named: dict[str, str]):
    shown = next(one for one in listed(world) if one["entry_page"] == "/in")
    result = timeline(shown["session_id"], named, world.context())

    assert result is not None
    assert result["session"] == shown
    assert result["timeline_complete"] is False
    assert [one["event_type"] for one in result["timeline"]] == ["page_view", "signup"]


@pytest.mark.parametrize("day", ["20260905", "20260231", "20250101"])
def test_unknown_session_is_not_found(world: World, day: str):
    made_up = f"sess_{day}_00000000"

    assert timeline(made_up, {"site": SITE}, world.context()) is None
    assert timeline("of-a-client", {"site": SITE}, world.context()) is None


def test_user_is_no_longer_found(world: World):
    sessions = user_sessions("ann@example.com", {}, world.context())
    events = user_events("ann@example.com", {}, world.context(LATER))

    assert sessions == {"sessions": [], "cursor": None}
    assert events["events"] == []


def test_remaining_data_matches_the_privacy_docs(world: World):
    """Pages, referrer, user agent, location, language, screen, properties; of a user only a
    keyed hash."""
    packed = [
        read_pack(bytes(i["packed"]))
        for i in world.items("rollups")
        if "segment#" in i["sort_key"]
    ]
    sessions = [one for part in packed for one in part.sessions()]
    of_ann = next(one for one in sessions if one.entry_page == "/in")

    assert [one.user_id for one in sessions] == [None, None]
    assert of_ann.visitor == effective_visitor("", "ann@example.com", site=SITE, key=b"a key")
    assert "Chrome" in of_ann.user_agent
    assert "ann@" not in json.dumps([world.items("rollups"), repr(sessions)], default=str)
