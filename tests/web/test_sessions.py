"""Lists of sessions and their timelines, as readers request them."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from chalicelib.presentation.serializers import SESSION_FIELDS
from tests.world import TOKEN, custom, page_view, visitor

HOUR_MS = 3_600_000


def now() -> int:
    return time.time_ns() // 1_000_000


def test_sessions_are_listed_open_and_closed_newest_first(api):
    at = now()
    for number, ago in enumerate((3 * HOUR_MS, 2 * HOUR_MS, 60_000)):
        api.world.send(
            page_view(f"/{number}", user_id=f"user{number}"),
            at=at - ago,
            sender=visitor(number),
        )
    api.world.close(at=at)
    status, reply = api.read("/api/sessions?site=example.com&period=24h")
    sessions = reply["data"]["sessions"]

    assert status == 200
    assert [one["entry_page"] for one in sessions] == ["/2", "/1", "/0"]
    assert [one["user_id"] for one in sessions] == ["user2", "user1", "user0"]
    assert [one["is_active"] for one in sessions] == [True, False, False]
    assert tuple(sessions[0]) == SESSION_FIELDS
    assert reply["data"]["cursor"] is None


def test_pages_list_every_session_once_while_sessions_close(api):
    at = now()
    sent = {
        api.world.send(page_view("/"), at=at - 7_200_000 + number, sender=visitor(number))[
            0
        ].session_id
        for number in range(7)
    }
    path = "/api/sessions?site=example.com&period=24h&limit=2"
    seen: list[str] = []
    cursor = ""
    while True:
        data = api.read(f"{path}&cursor={cursor}")[1]["data"]
        seen += [one["session_id"] for one in data["sessions"]]
        api.world.close(at=at)
        cursor = data["cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == sent


def test_filters_and_periods_select_sessions(api):
    api.post(page_view("/a", referrer="https://www.google.com/", user_id="ann"))
    api.post(page_view("/b", user_id="bob"))

    def pages(query: str) -> list[str]:
        sessions = api.read(f"/api/sessions?site=example.com&{query}")[1]["data"]["sessions"]
        return sorted(one["entry_page"] for one in sessions)

    assert pages("filters=source==Google") == ["/a"]
    assert pages("filters=page!=/a") == ["/b"]
    assert pages("period=yesterday") == []
    assert pages("period=7d") == ["/a", "/b"]


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
def test_timeline_lists_every_event_in_order(api, is_closed: bool):
    at = now() - 2 * HOUR_MS
    first = api.world.send(page_view("/?utm_source=news", title="Home"), at=at)[0]
    named = {"session_id": first.session_id}
    api.world.send(custom("signup", "/join", props={"plan": "free"}, **named), at=at + 2_000)
    api.world.send(page_view("/late", **named), at=at + 1_000)
    if is_closed:
        api.world.close(at=at + 2 * HOUR_MS)
    status, reply = api.read(f"/api/sessions/{first.session_id}")
    data = reply["data"]

    assert status == 200
    assert data["session"]["is_active"] is not is_closed
    assert (data["session"]["page_count"], data["session"]["events"]) == (2, 1)
    assert [(one["event_type"], one["page"]) for one in data["timeline"]] == [
        ("page_view", "/"),
        ("page_view", "/late"),
        ("signup", "/join"),
    ]
    assert data["timeline"][0]["title"] == "Home"
    assert data["timeline"][0]["page_url"].endswith("/?utm_source=news")
    assert data["timeline"][2]["props"] == {"plan": "free"}
    assert data["timeline_complete"] is True


@pytest.mark.parametrize(
    "session_id",
    ["sess_20260905_00000000", "salt%232026-09-05", "closing%23x", "%2e%2e", "%F0"],
)
def test_unknown_session_is_not_found(api, session_id: str):
    api.post(page_view("/"))
    status, reply = api.read(f"/api/sessions/{session_id}")

    assert (status, reply["status"]) == (404, "error")
    assert reply["message"].startswith("No session has the session_id")


class TestOtherSites:
    """A token reads only the sites in SITES, even if data of earlier sites is stored."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"SITES": "example.com,b.example"}

    @pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
    def test_session_of_an_unconfigured_site_is_not_returned(self, api, is_closed: bool):
        from dataclasses import replace

        world = replace(api.world, settings=replace(api.world.settings, sites=("*",)))
        at = now() - 2 * HOUR_MS
        sent = world.send(page_view("https://secret.example/", user_id="ann"), at=at)[0]
        if is_closed:
            world.close(at=at + 2 * HOUR_MS)

        assert api.read(f"/api/sessions/{sent.session_id}")[0] == 404
        assert api.read("/api/users/ann/sessions")[1]["data"]["sessions"] == []
        assert api.read("/api/users/ann/events")[1]["data"]["events"] == []
        assert api.read("/api/sessions?site=secret.example")[0] == 400
        assert api.read("/api/events?site=secret.example")[0] == 400
        assert api.read("/api/export?site=secret.example")[0] == 400

    def test_session_of_another_site_is_not_returned(self, api):
        session_id = api.post(page_view("/"))[2]["session_id"]

        assert api.read(f"/api/sessions/{session_id}?site=example.com")[0] == 200
        assert api.read(f"/api/sessions/{session_id}?site=b.example")[0] == 404


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("sessions?limit=0", "limit"),
        ("sessions?limit=201", "limit"),
        ("sessions?limit=ten", "limit"),
        ("sessions?limit=%C2%B2", "limit"),
        ("sessions?cursor=nonsense", "cursor"),
        ("sessions?cursor=MS5h%0A", "cursor"),
        ("sessions?cursor=" + "x" * 2_000, "cursor"),
        ("sessions?period=never", "period"),
        ("sessions?period=custom", "from"),
        ("sessions?period=custom&from=2026-09-05", "to"),
        ("sessions?from=2026-09-05", "period"),
        ("sessions?filters=colour==red", "filters"),
        ("sessions?timezone=Mars", "timezone"),
        ("sessions?offset=1", "offset"),
        ("sessions/sess_20260905_00000000?limit=1", "limit"),
        ("sessions/sess_20260905_00000000?site=", "site"),
        ("sessions/" + "x" * 129, "session_id"),
        ("sessions/a%2Fb", "session_id"),
        ("users/%00/sessions", "user_id"),
        ("users/ann/sessions?site=a%20b", "site"),
        ("users/ann/sessions?limit=0", "limit"),
        ("users/ann/sessions?cursor=x", "cursor"),
        ("users/" + "x" * 129 + "/events", "user_id"),
        ("users/ann/events?from=yesterday", "from"),
        ("users/ann/events?to=2026-13-01", "to"),
        ("users/ann/events?from=2026-09-06&to=2026-09-05", "to"),
        ("users/ann/events?event_type=", "event_type"),
        ("events?event_type=" + "x" * 121, "event_type"),
        ("events?from=20260905", "from"),
        ("events?period=today", "period"),
        ("events?limit=1000", "limit"),
        ("events?cursor=%20", "cursor"),
        ("realtime?period=today", "period"),
        ("sites?site=example.com", "site"),
        ("export?format=xlsx", "format"),
        ("export?limit=10", "limit"),
        ("export?cursor=-", "cursor"),
    ],
)
def test_invalid_parameter_is_named(api, path: str, parameter: str):
    if path.startswith(("sessions?", "events?", "export?")):
        path += "&site=example.com"
    status, reply = api.read(f"/api/{path}")

    assert (status, reply["status"]) == (400, "error")
    assert parameter in reply["message"]


@pytest.mark.parametrize(
    "user_id", ["ann", "a b", "ann@example.com", "a+b", "100%", "%41", "?&=#", "Zoë", "김", "."]
)
def test_user_id_may_hold_any_printable_character(api, user_id: str):
    session_id = api.post(page_view("/", user_id=user_id))[2]["session_id"]
    data = api.read(f"/api/users/{quote(user_id, safe='')}/sessions")[1]["data"]

    assert [one["session_id"] for one in data["sessions"]] == [session_id]
    assert data["sessions"][0]["user_id"] == user_id


def test_export_returns_a_file_with_the_cursor_in_a_header(api, monkeypatch):
    monkeypatch.setattr("chalicelib.web.reading.reports.MAX_SESSIONS_PER_FILE", 1)
    for number in range(2):
        api.world.send(page_view(f"/{number}"), at=now() - number, sender=visitor(number))
    path = "/api/export?site=example.com&period=24h"
    token = {"authorization": f"Bearer {TOKEN}"}
    status, headers, first = api.send("GET", path, headers=token)
    cursor = headers["x-liveinsight-cursor"]
    _, last, second = api.send("GET", f"{path}&cursor={cursor}", headers=token)

    assert status == 200
    assert headers["content-disposition"].startswith('attachment; filename="example.com-')
    assert headers["cache-control"] == "no-store"
    assert (first.count("\r\n"), second.count("\r\n")) == (2, 1)
    assert "x-liveinsight-cursor" not in last


def test_cors_exposes_the_cursor_header(api):
    headers = api.send("OPTIONS", "/api/export")[1]

    assert {"Retry-After", "x-liveinsight-dropped", "x-liveinsight-cursor"} <= set(
        headers["access-control-expose-headers"].split(",")
    )


@pytest.mark.parametrize(
    "path",
    [
        "/api/sessions",
        "/api/sessions/sess_20260905_00000000",
        "/api/users/ann/sessions",
        "/api/users/ann/events",
        "/api/events",
        "/api/export",
    ],
)
def test_reading_requires_a_token(api, path: str):
    api.post(page_view("/", user_id="ann"))

    assert api.send("GET", path)[0] == 401
    assert api.send("GET", path, headers={"authorization": "Bearer wrong"})[0] == 401
