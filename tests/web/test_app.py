"""Every route, as its callers see it."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from devkit.frontend_build import first_files
from tests.world import TOKEN, TOKEN_HASH, page_view

SAMPLE_OF_A = {
    "user_id": "test_user_123",
    "session_id": "optional",
    "event_type": "page_view",
    "page_url": "https://example.com/home",
    "referrer": "https://google.com",
}
SAMPLE_OF_B = {"event_type": "page_view", "timestamp": 1693900000, "session_id": "test-session"}
READING = ["/api/realtime?site=example.com", "/api/stats?site=example.com", "/api/sites"]
STYLESHEET = next(name for name in first_files() if name.endswith(".css"))
ROUTES = ["/events", "/api/events", "/api/realtime", "/api/stats", "/api/sites", "/health", "/"]


@pytest.mark.parametrize("path", ["/events", "/api/events"])
@pytest.mark.parametrize("body", [SAMPLE_OF_A, SAMPLE_OF_B], ids=["A", "B"])
def test_sample_bodies_are_accepted(api, path, body):
    status, _, reply = api.post(body, path)

    assert status == 200
    assert set(reply) == {"message", "event_id", "session_id"}
    assert reply["message"] == "Event processed successfully"
    assert re.fullmatch(r"evt_\d{8}_\d{6}_[0-9a-f]{8}", reply["event_id"])
    assert re.fullmatch(r"sess_\d{8}_[0-9a-f]{8}", reply["session_id"])


def test_beacon_is_accepted_as_plain_text(api):
    status, _, reply = api.post(page_view("/"), content_type="text/plain;charset=UTF-8")

    assert (status, "session_id" in reply) == (200, True)


def test_gzipped_body_is_accepted(api):
    packed = gzip.compress(json.dumps(page_view("/")).encode())

    assert api.post(packed, content_encoding="gzip")[0] == 200


@pytest.mark.parametrize(
    "body",
    [[page_view("/"), page_view("/b")], {"events": [page_view("/"), page_view("/b")]}],
    ids=["array", "events"],
)
def test_batch_response_has_a_result_per_event(api, body):
    status, _, reply = api.post(body)

    assert status == 200
    assert set(reply) == {"message", "session_id", "results"}
    assert [result["status"] for result in reply["results"]] == ["stored", "stored"]
    assert reply["results"][-1]["session_id"] == reply["session_id"]
    assert set(reply["results"][0]) == {"event_id", "session_id", "status", "message"}


def test_single_duplicate_gets_the_original_response(api):
    event = page_view("/", event_id="e1")

    assert api.post(event)[::2] == api.post(event)[::2]


def test_single_event_response_lists_dropped_props(api):
    body = page_view("/", event_id="e1", props={"plan": "pro", "x" * 301: 1})
    for _ in range(2):  # a duplicate is answered like the first time
        status, _, reply = api.post(body)

        assert (status, sorted(reply)) == (200, ["event_id", "message", "session_id"])
        assert reply["message"].startswith("Event processed successfully; props left out: 'xxx")


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "9" * 5_000, "9" * 310])
def test_extreme_number_does_not_lose_its_event_or_others(api, value: str):
    hard = json.dumps(page_view("/", props={"n": 0, "plan": "pro"})).replace("0", value)
    status, _, reply = api.post(f"[{hard}, {json.dumps(page_view('/b'))}]".encode())

    assert status == 200
    assert [one["status"] for one in reply["results"]] == ["stored", "stored"]
    assert "'n' (no value)" in reply["results"][0]["message"]
    _, events = api.read("/api/events?site=example.com")
    assert [one["props"] for one in events["data"]["events"]] == [{}, {"plan": "pro"}]


def test_response_to_a_dropped_event_has_the_reason(api):
    status, headers, reply = api.post(page_view("/"), sec_gpc="1")

    assert status == 202
    assert reply == {"status": "success", "data": {"dropped": "opted_out"}}
    assert headers["x-liveinsight-dropped"] == "opted_out"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="empty"),
        pytest.param(b"no json", 400, id="not JSON"),
        pytest.param(b"\xff\xfe", 400, id="not UTF-8"),
        pytest.param(b'{"event_type": NaN}', 400, id="NaN"),
        pytest.param(b"[" * 10_000 + b"]" * 10_000, 400, id="10,000 deep"),
        pytest.param(b'"text"', 400, id="text"),
        pytest.param(b"{}", 400, id="no event type"),
        pytest.param({"event_type": 5}, 400, id="wrong type"),
        pytest.param([], 400, id="no event"),
        pytest.param({"events": {}}, 400, id="events is no array"),
        pytest.param([page_view("/")] * 51, 413, id="51 events"),
        pytest.param(b" " * (64 * 1024 - 1) + b"{}", 413, id="over 64 KB"),
        pytest.param(b" " * (64 * 1024 - 2) + b"{}", 400, id="64 KB of nothing"),
        pytest.param(b"[" * (64 * 1024 + 1), 413, id="over 64 KB, and no JSON"),
        pytest.param(page_view("/x" * 1500), 400, id="long URL"),
    ],
)
def test_invalid_body_is_rejected_and_nothing_is_stored(api, body, status):
    answered, headers, reply = api.post(body)

    assert answered == status
    assert reply["status"] == "error"
    assert reply["message"]
    assert headers["access-control-allow-origin"] == "*"
    assert api.world.items("events") == api.world.items("active_sessions") == []


@pytest.mark.parametrize(
    ("packed", "status"),
    [
        pytest.param(gzip.compress(b" " * 10_000_000), 413, id="unpacks to too much"),
        pytest.param(gzip.compress(b" " * (64 * 1024 - 1) + b"{}"), 413, id="a byte too much"),
        pytest.param(gzip.compress(b"{}" * 99)[:20], 400, id="cut off"),
        pytest.param(b"\x1f\x8bnonsense", 400, id="damaged"),
    ],
)
def test_bad_gzip_is_rejected(api, packed, status):
    answered, _, reply = api.post(packed, content_encoding="gzip")

    assert (answered, reply["status"]) == (status, "error")


class TestMakeVerifySite:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"SITES": "example.com"}

    EVENT = page_view("https://verify.invalid/")

    @pytest.mark.parametrize(
        "headers",
        [
            pytest.param({}, id="no token"),
            pytest.param({"authorization": "Bearer wrong"}, id="wrong token"),
            pytest.param({"authorization": "Bearer " + TOKEN_HASH}, id="the hash"),
            pytest.param({"authorization": "Basic " + TOKEN}, id="another scheme"),
        ],
    )
    @pytest.mark.parametrize("path", ["/events", "/api/events"])
    def test_event_without_a_token_is_rejected(self, api, path: str, headers: dict[str, str]):
        status, answered, _ = api.post(self.EVENT, path, **headers)

        assert (status, answered["x-liveinsight-dropped"]) == (202, "unknown_site")
        assert api.world.items("events") == api.world.items("active_sessions") == []

    def test_pixel_rejects_it_even_with_a_token(self, api):
        api.read("/pixel.gif?page_url=https://verify.invalid/")

        assert api.world.items("events") == []

    def test_event_with_a_token_is_accepted(self, api):
        assert api.post(self.EVENT, authorization=f"Bearer {TOKEN}")[0] == 200

    def test_token_has_no_effect_on_other_sites(self, api):
        headers = {"authorization": "Bearer wrong"}

        assert api.post(page_view("/"), **headers)[0] == 200
        unknown = api.post(page_view("https://other.example/"), authorization=f"Bearer {TOKEN}")
        assert unknown[1]["x-liveinsight-dropped"] == "unknown_site"


def test_batch_of_50_events_is_accepted(api):
    assert api.post([page_view(f"/{n}") for n in range(50)])[0] == 200


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no token"),
        pytest.param({"authorization": "Bearer wrong"}, id="wrong token"),
        pytest.param({"authorization": "Basic " + TOKEN}, id="another scheme"),
        pytest.param({"cookie": "token=" + TOKEN}, id="cookie"),
        pytest.param({"x-api-key": ""}, id="empty key"),
        pytest.param({"authorization": "Bearer \udcff"}, id="no text"),
    ],
)
def test_reading_requires_a_token(api, path, headers):
    status, _, reply = api.send("GET", path, headers=headers)

    assert status == 401
    assert set(reply) == {"status", "message"}


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"Bearer {TOKEN}"}, {"x-api-key": TOKEN}],
    ids=["bearer", "key"],
)
def test_reading_with_a_token_succeeds(api, path, headers):
    status, _, reply = api.send("GET", path, headers=headers)

    assert (status, reply["status"]) == (200, "success")


@pytest.mark.parametrize("path", ["/api/realtime", "/api/stats"])
@pytest.mark.parametrize("site", ["", "?site=", "?site=a%20b", "?site=%00"])
def test_unknown_site_is_named_in_the_error(api, path, site):
    status, reply = api.read(path + site)

    assert status == 400
    assert reply["message"].startswith("site must be")


@pytest.mark.parametrize(
    ("query", "headers", "page_url"),
    [
        pytest.param(
            "?page_url=https://a.example/x%3Fy=1", {}, "https://a.example/x?y=1", id="named"
        ),
        pytest.param(
            "", {"referer": "https://a.example/z"}, "https://a.example/z", id="shown on"
        ),
        pytest.param("?site=a.example", {}, "https://a.example/", id="site"),
    ],
)
def test_pixel_counts_a_page_view(api, query, headers, page_url):
    status, received, _ = api.send(
        "GET", f"/pixel.gif{query}", headers={"accept": "image/avif,image/*", **headers}
    )

    (event,) = (item for item in api.world.items("events") if item["event_id"] != "pointer")
    assert (status, received["content-type"]) == (200, "image/gif")
    assert received["cache-control"] == "no-store"
    assert event["page_url"] == page_url


def test_pixel_header_has_the_error_or_drop_reason(api):
    assert api.send("GET", "/pixel.gif")[0] == 400
    assert "page_url" in api.send("GET", "/pixel.gif?page_url=nonsense")[2]["message"]
    dropped = api.send("GET", "/pixel.gif?site=a.example", headers={"sec-gpc": "1"})
    assert (dropped[0], dropped[1]["x-liveinsight-dropped"]) == (200, "opted_out")


def test_sites_lists_sites_with_events(api):
    api.post(page_view("https://b.example/"))
    api.post(page_view("https://www.a.example/"))

    assert api.read("/api/sites")[1]["data"] == {"sites": ["a.example", "b.example"]}


def test_realtime_shows_a_new_visitor_immediately(api):
    api.post(page_view("/a", referrer="https://news.example/"))
    session_id = api.post(page_view("/b"))[2]["session_id"]
    live = api.read("/api/realtime?site=example.com")[1]["data"]

    assert (live["current_visitors"], live["visitors"], live["pageviews"]) == (1, 1, 2)
    assert live["open_sessions"] == 1
    assert live["pages"] == [{"value": "/b", "visitors": 1}]
    assert len(live["series"]) == 30
    assert sum(row["pageviews"] for row in live["series"]) == 2
    assert live["feed"][0]["session_id"] == session_id
    assert live["feed"][0]["is_active"] is True


@pytest.mark.parametrize("path", ROUTES)
def test_preflight_is_answered_on_every_route(api, path):
    status, headers, _ = api.send("OPTIONS", path)

    allowed = headers["access-control-allow-headers"].split(",")
    assert status == 200
    assert headers["access-control-allow-origin"] == "*"
    assert {"Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key"} < set(allowed)
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        pytest.param("GET", "/events", {}, 405, id="method"),
        pytest.param("POST", "/events", {"content-type": "text/html"}, 415, id="type"),
    ],
)
def test_framework_errors_have_the_error_format(api, method, path, headers, status):
    answered, received, reply = api.send(method, path, page_view("/"), headers)

    assert answered == status
    assert set(reply) == {"status", "message"}
    assert received["access-control-allow-origin"] == "*"


def test_internal_errors_have_the_error_format(api, monkeypatch, caplog):
    monkeypatch.setattr("app.collect_views.collect_events", lambda *_: 1 / 0)
    status, _, reply = api.post(page_view("/"))

    assert (status, reply["status"]) == (500, "error")
    assert "ZeroDivision" not in reply["message"]


def test_health_reports_whether_the_tables_respond(api):
    assert api.send("GET", "/health")[0] == 200
    del api.world.tables.database.client.tables[api.world.settings.rollups_table]

    assert api.send("GET", "/health")[0] == 503


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/tracker.js", "text/javascript"),
        (f"/static/{STYLESHEET}", "text/css"),
    ],
)
def test_files_are_served_and_cached(api, path, content_type):
    status, headers, _ = api.send("GET", path)
    again, _, body = api.send("GET", path, headers={"if-none-match": headers["etag"]})

    assert status == 200
    assert headers["content-type"].startswith(content_type)
    assert (again, body) == (304, None)


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        pytest.param("{etag}", 304, id="the same"),
        pytest.param("W/{etag}", 304, id="made weak by a proxy"),
        pytest.param('"other", {etag}', 304, id="one of several"),
        pytest.param("*", 304, id="any"),
        pytest.param('"other"', 200, id="another"),
        pytest.param("", 200, id="none"),
    ],
)
def test_if_none_match_accepts_a_list(api, if_none_match, status):
    etag = api.send("GET", "/tracker.js")[1]["etag"]
    headers = {"if-none-match": if_none_match.format(etag=etag)}

    assert api.send("GET", "/tracker.js", headers=headers)[0] == status


def test_dashboard_policy_blocks_foreign_scripts(api):
    policy = api.send("GET", "/")[1]["content-security-policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["nothing.js", "settings.py", "..%2fsettings.py", "%2e%2e"])
def test_only_browser_files_are_served(api, name):
    assert api.send("GET", f"/static/{name}")[0] == 404
