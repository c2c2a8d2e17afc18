"""Stats as readers request them: the shape of the response, and invalid parameters."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from tests.world import page_view

FIELDS = {
    "visitors", "sessions", "pageviews", "events", "views_per_session", "bounce_rate",
    "session_duration", "engaged_time", "scroll_depth",
}  # fmt: skip
DEFAULT_DIMENSIONS = {
    "page", "entry_page", "exit_page", "hostname", "referrer", "source", "channel", "language",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "country", "device",
    "browser", "os", "screen", "event",
}  # fmt: skip


def test_response_matches_the_documented_schema(api):
    api.post(page_view("/", referrer="https://www.google.com/"))
    status, reply = api.read("/api/stats?site=example.com&compare=previous_period")
    stats = reply["data"]

    assert status == 200
    assert set(stats["totals"]) == set(stats["previous"]) == FIELDS
    assert set(stats["series"][0]) == FIELDS | {"time", "partial"}
    assert set(stats["breakdowns"]) == DEFAULT_DIMENSIONS
    assert set(stats["breakdowns"]["page"]["rows"][0]) == FIELDS | {"value"}
    assert stats["breakdowns"]["source"]["rows"][0]["value"] == "Google"
    assert stats["meta"]["visitors_are"] == "exact"
    assert stats["meta"]["open_sessions"] == 1
    assert [row["partial"] for row in stats["series"]].count(True) == 1


@pytest.mark.parametrize(
    ("query", "sessions"),
    [
        ("page==/a", 1),
        ("page==/a|/b", 2),
        ("page!=/a", 1),
        ("page=~B", 1),
        ("page!~b", 1),
        ("source==Google;page==/a", 1),
        ("source==;page==/a", 0),
        ("source==", 1),
    ],
)
def test_filters_select_sessions(api, query: str, sessions: int):
    api.post(page_view("/a", referrer="https://www.google.com/", user_id="ann"))
    api.post(page_view("/b", user_id="bob"))
    reply = api.read(f"/api/stats?site=example.com&filters={query}")[1]

    assert reply["data"]["totals"]["sessions"] == sessions


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("period=nonsense", "period"),
        ("period=custom", "from"),
        ("period=custom&from=2026-09-05", "to"),
        ("from=2026-09-05", "period"),
        ("interval=minute", "interval"),
        ("compare=never", "compare"),
        ("filters=nonsense", "filters"),
        ("filters=colour==red", "filters"),
        ("dimensions=colour", "dimensions"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("search=" + "x" * 2_001, "search"),
        ("timezone=Mars", "timezone"),
        ("colour=red", "colour"),
    ],
)
def test_invalid_parameter_is_named(api, query: str, parameter: str):
    status, reply = api.read(f"/api/stats?site=example.com&{query}")

    assert (status, reply["status"]) == (400, "error")
    assert parameter in reply["message"]


@pytest.mark.parametrize(
    "name", ["price, EUR", "a;b", "a==b", "a|b", "back\\slash", " a ", "크기"]
)
def test_any_property_is_a_dimension_and_a_filter(api, name: str):
    api.post({**page_view("/", user_id="ann"), "event_type": "bought", "props": {name: "5"}})
    api.post({**page_view("/", user_id="bob"), "event_type": "bought", "props": {"a": "1"}})
    api.world.close(at=time.time_ns() // 1_000_000 + 3_600_000)
    escaped = quote("prop:" + "".join(f"\\{character}" for character in name))
    query = f"site=example.com&period=7d&dimensions={escaped}&filters={escaped}==5"
    status, reply = api.read(f"/api/stats?{query}")

    assert status == 200
    assert reply["data"]["totals"]["sessions"] == 1
    assert [row["value"] for row in reply["data"]["breakdowns"][f"prop:{name}"]["rows"]] == [
        "5"
    ]
