"""Paths are decoded in responses with a single page: see test_encoded_paths.py."""

from __future__ import annotations

import time

from tests.web.conftest import Api
from tests.web.test_encoded_paths import DAY_MS, KOREAN
from tests.world import page_view


def test_timeline_without_events_shows_decoded_paths(api: Api):
    session_id = api.post(page_view(KOREAN))[2]["session_id"]
    api.world.close(at=time.time_ns() // 1_000_000 + DAY_MS // 24)
    for item in api.world.items("events"):
        key = {name: item[name] for name in ("session_id", "event_id")}
        api.world.tables.database.delete(api.world.settings.events_table, key)
    told = api.read(f"/api/sessions/{session_id}")[1]["data"]

    assert not told["timeline_complete"]
    assert [one["page"] for one in told["timeline"]] == ["/한국어"]


def test_realtime_shows_each_page_once(api: Api):
    for number, path in enumerate(["/caf%C3%A9", "/caf%c3%a9", KOREAN]):
        api.post(page_view(path, user_id=str(number)))
    told = api.read("/api/realtime?site=example.com")[1]["data"]

    assert told["pages"] == [
        {"value": "/café", "visitors": 2}, {"value": "/한국어", "visitors": 1},
    ]  # fmt: skip
    assert {one["current_page"] for one in told["feed"]} == {"/café", "/한국어"}
