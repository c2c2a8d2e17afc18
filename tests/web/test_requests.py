"""Requests as the gateway passes them on: whose they are, and that hostile ones do no harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalice.app import Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.web import dependencies
from chalicelib.web.requests import parse_client
from devkit.local_secrets import token_hash
from tests.domain.collection.test_event_payload import FIELDS, json_values
from tests.world import page_view
from tests.world import settings as world_settings

EDGE_SECRET, NEXT_SECRET = "the secret of the edge", "the one after it"
PLACE = {
    "cloudfront_viewer_country": "DE",
    "cloudfront_viewer_country_region": "BE",
    "cloudfront_viewer_city": "Berlin",
}


def places(api) -> set[tuple[str | None, str | None, str | None]]:
    events = [item for item in api.world.items("events") if "site" in item]
    return {(i.get("country"), i.get("region"), i.get("city")) for i in events}


def visitors(api) -> int:
    return len(
        {item["visitor_id"] for item in api.world.items("events") if "visitor_id" in item}
    )


class TestForwarding:
    """Forwarding headers count only if the request has the secret of a proxy, and only for as
    many proxies as are trusted."""

    @pytest.fixture
    def environment(self, request) -> dict[str, str]:
        hashes = f"{token_hash(EDGE_SECRET)},{token_hash(NEXT_SECRET)}"
        return {"TRUSTED_PROXIES": str(request.param), "EDGE_SECRET_HASHES": hashes}

    @pytest.mark.parametrize(
        ("environment", "forwarded", "seen"),
        [
            pytest.param(0, ["198.51.100.1", "198.51.100.2"], 1, id="nobody is trusted"),
            pytest.param(1, ["198.51.100.1", "198.51.100.2"], 2, id="the last entry"),
            pytest.param(
                1, ["192.0.2.1, 198.51.100.9", "192.0.2.2, 198.51.100.9"], 1, id="forged"
            ),
            pytest.param(
                2, ["198.51.100.1, 192.0.2.9", "198.51.100.2, 192.0.2.9"], 2, id="two"
            ),
            pytest.param(1, ["nonsense", "<script>"], 1, id="no address"),
            pytest.param(
                3, ["198.51.100.1", "198.51.100.2"], 1, id="fewer entries than proxies"
            ),
            pytest.param(
                1,
                ["203.0.113.1:5001", "203.0.113.2:5002", "203.0.113.3:5003"],
                3,
                id="three addresses with ports",
            ),
            pytest.param(
                1,
                ["203.0.113.1:5001", "203.0.113.1:5002", "::ffff:203.0.113.1", "203.0.113.1"],
                1,
                id="one address in several notations",
            ),
            pytest.param(
                1,
                ["[2001:DB8::7]:443", "2001:db8:0:0:0:0:0:7", "2001:db8::7%eth0"],
                1,
                id="one IPv6 address in several notations",
            ),
        ],
        indirect=["environment"],
    )
    def test_visitors_behind_a_trusted_proxy(self, api, forwarded: list[str], seen: int):
        for header in forwarded:
            api.post(page_view("/"), x_forwarded_for=header, x_liveinsight_edge=EDGE_SECRET)

        assert visitors(api) == seen

    @pytest.mark.parametrize("environment", [1, 2], indirect=True)
    @pytest.mark.parametrize(
        "secret", [None, "", "wrong", token_hash("the secret of the edge"), "\udcff"]
    )
    def test_forged_headers_of_a_direct_request_are_ignored(self, api, secret: str | None):
        """Neither the address nor the location differs."""
        proof = {} if secret is None else {"x_liveinsight_edge": secret}
        for number in (6, 7):
            api.post(
                page_view(f"/{number}", timezone="Asia/Seoul"),
                x_forwarded_for=f"1.2.3.4, 5.6.7.{number}",
                **proof,
                **PLACE,
            )

        assert visitors(api) == 1
        assert places(api) == {("KR", None, None)}

    @pytest.mark.parametrize("environment", [2], indirect=True)
    @pytest.mark.parametrize("secret", [EDGE_SECRET, NEXT_SECRET])
    def test_both_secrets_of_a_rotation_are_accepted(self, api, secret: str):
        for number in (6, 7):
            api.post(
                page_view("/"),
                x_forwarded_for=f"198.51.100.{number}, 192.0.2.9",
                x_liveinsight_edge=secret,
                **PLACE,
            )

        assert visitors(api) == 2
        assert places(api) == {("DE", "DE-BE", "Berlin")}

    @pytest.mark.parametrize("environment", [0], indirect=True)
    def test_only_the_country_header_of_a_direct_request_is_used(self, api):
        """API Gateway sets the country, but neither region nor city."""
        api.post(page_view("/"), **PLACE)
        api.post(page_view("/"), x_liveinsight_edge=EDGE_SECRET, **PLACE)

        assert places(api) == {("DE", None, None)}


@pytest.mark.parametrize(
    ("more", "is_said"),
    [
        ({"TRUSTED_PROXIES": "2"}, True),
        ({"TRUSTED_PROXIES": "2", "EDGE_SECRET_HASHES": "a" * 64}, False),
        ({}, False),
    ],
)
def test_trusted_proxies_without_a_secret_log_a_warning_at_startup(
    api, capsys, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], is_said: bool
):
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    dependencies.settings.cache_clear()
    dependencies.warm_up()

    assert ("TRUSTED_PROXIES has no effect" in capsys.readouterr().out) is is_said


def test_without_hashes_no_secret_is_accepted():
    chosen = world_settings(TRUSTED_PROXIES="1")
    for secret in ("", "x"):
        sent = request_with({"x-forwarded-for": "198.51.100.1", "x-liveinsight-edge": secret})
        assert parse_client(sent, chosen).address == "127.0.0.1"


@pytest.mark.parametrize(
    ("source_ip", "address"),
    [
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("test-invoke-source-ip", "test-invoke-source-ip"),  # the gateway's console
    ],
)
def test_connection_address_is_normalized(source_ip: str, address: str):
    assert parse_client(request_with({}, source_ip), world_settings()).address == address


def request_with(headers: dict[str, str], source_ip: str = "127.0.0.1") -> Request:
    return Request(
        {
            "headers": headers,
            "multiValueQueryStringParameters": None,
            "pathParameters": {},
            "requestContext": {
                "httpMethod": "POST",
                "resourcePath": "/events",
                "identity": {"sourceIp": source_ip},
            },
            "stageVariables": None,
            "body": "",
            "isBase64Encoded": False,
        }
    )


class TestExcluded:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {
            "TRUSTED_PROXIES": "1",
            "EDGE_SECRET_HASHES": token_hash(EDGE_SECRET),
            "EXCLUDED_ADDRESSES": "198.51.100.0/24, 2001:db8::/32, ::ffff:203.0.113.0/120, "
            "127.0.0.1",
            "EXCLUDED_PATHS": "/admin*, */private, /관리/*, /%EB%B9%84/*, /a%20*/%2a, /50%",
        }

    @pytest.mark.parametrize(
        ("path", "address", "reason"),
        [
            ("/", "198.51.100.77", "excluded_address"),
            ("/", "::ffff:198.51.100.77", "excluded_address"),
            ("/", "198.51.100.77:5001", "excluded_address"),
            ("/", "203.0.113.7", "excluded_address"),
            ("/", "2001:db8::1", "excluded_address"),
            ("/", "[2001:DB8:0::1]:443", "excluded_address"),
            ("/", "192.0.2.1", None),
            ("/admin/users", "192.0.2.1", "excluded_path"),
            ("/a/b/private", "192.0.2.1", "excluded_path"),
            ("/관리/사용자", "192.0.2.1", "excluded_path"),
            ("/%EA%B4%80%EB%A6%AC/x", "192.0.2.1", "excluded_path"),
            ("/%ea%b4%80%eb%a6%ac/x", "192.0.2.1", "excluded_path"),
            ("/비/x", "192.0.2.1", "excluded_path"),
            ("/%eb%b9%84/x", "192.0.2.1", "excluded_path"),
            ("/%61dmin", "192.0.2.1", "excluded_path"),
            ("/a b/*", "192.0.2.1", "excluded_path"),
            ("/a%20b/%2A", "192.0.2.1", "excluded_path"),
            ("/a%20b/c", "192.0.2.1", None),
            ("/50%25", "192.0.2.1", "excluded_path"),
            ("/관", "192.0.2.1", None),
            ("/a%2fprivate", "192.0.2.1", None),
            ("/private/not", "192.0.2.1", None),
        ],
    )
    def test_excluded_addresses_and_paths_are_dropped(
        self, api, path: str, address: str, reason: str | None
    ):
        forwarded = {"x_forwarded_for": address, "x_liveinsight_edge": EDGE_SECRET}
        _, headers, _ = api.post(page_view(path), **forwarded)

        assert headers.get("x-liveinsight-dropped") == reason

    def test_excluded_address_cannot_hide_behind_a_forged_one(self, api):
        """The connection of tests comes from 127.0.0.1, which is excluded."""
        _, headers, _ = api.post(page_view("/"), x_forwarded_for="192.0.2.1")

        assert headers["x-liveinsight-dropped"] == "excluded_address"


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        pytest.param({}, {"user_agent": "Googlebot/2.1"}, "bot", id="bot"),
        pytest.param({}, {"user_agent": "curl/8.0"}, "bot", id="library"),
        pytest.param({}, {"user_agent": ""}, "bot", id="no user agent"),
        pytest.param({"automated": True}, {}, "bot", id="tracker says so"),
        pytest.param({}, {"sec_purpose": "prefetch;prerender"}, "prefetch", id="Sec-Purpose"),
        pytest.param({}, {"purpose": "prefetch"}, "prefetch", id="Purpose"),
        pytest.param({}, {"dnt": "1"}, "opted_out", id="DNT"),
        pytest.param({}, {"dnt": "0"}, None, id="DNT: 0"),
        pytest.param(
            {"referrer": "https://semalt.com/x"}, {}, "referrer_spam", id="referrer spam"
        ),
    ],
)
def test_dropped_events_are_reported_and_counted(api, capsys, body, headers, reason):
    _, received, _ = api.post(page_view("/", **body), **headers)
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert received.get("x-liveinsight-dropped") == reason
    assert (line.get("Reason"), line.get("Dropped")) == (
        (reason, 1) if reason else (None, None)
    )


def test_location_comes_from_the_edge_or_else_the_time_zone(api):
    api.post(page_view("/a", timezone="Asia/Seoul"), cloudfront_viewer_country="DE")
    api.post(page_view("/b", timezone="Asia/Seoul"))
    api.post(page_view("/c", timezone="Etc/UTC"))

    places = {
        i["page_url"][-1]: i.get("country") for i in api.world.items("events") if "site" in i
    }
    assert places == {"a": "DE", "b": "KR", "c": None}


@pytest.mark.parametrize(
    ("body", "accepted", "language"),
    [
        pytest.param({}, "de-AT,de;q=0.9,en;q=0.8", "de-AT", id="a browser's list"),
        pytest.param({}, "zh-Hant-TW", "zh-Hant-TW", id="script and region"),
        pytest.param({"language": "fr"}, "de-AT,de;q=0.9", "fr", id="the event's own"),
        pytest.param({}, "*", None, id="any"),
        pytest.param({}, "", None, id="none"),
        pytest.param({}, "x" * 5000, None, id="no language"),
        pytest.param({}, "de" + "-abcdefgh" * 50, "de" + "-abcdefgh" * 3 + "-abcde", id="long"),
    ],
)
def test_language_comes_from_the_event_or_else_the_browser(api, body, accepted, language):
    api.post(page_view("/", **body), accept_language=accepted)

    [event] = [item for item in api.world.items("events") if "site" in item]
    assert event.get("language") == language


def test_pixel_records_the_language(api):
    api.send("GET", "/pixel.gif?site=a.example", headers={"accept-language": "ko-KR,ko;q=0.9"})

    [event] = [item for item in api.world.items("events") if "site" in item]
    assert event["language"] == "ko-KR"


def test_parameters_that_identify_people_are_not_stored(api):
    api.post(
        page_view(
            "/?email=ann@example.com&utm_source=news&token=s3cret",
            referrer="https://a.example/?password=s3cret&q=x",
        )
    )
    stored = str([*api.world.items("events"), *api.world.items("active_sessions")])

    assert "ann@" not in stored
    assert "s3cret" not in stored
    assert "utm_source=news" in stored
    assert "q=x" in stored


HOSTILE = [
    "<script>alert(1)</script>",
    "__proto__",
    "a\0b",
    "\ud800",
    "a\r\nSet-Cookie: x=1",
    "javascript:alert(1)",
    "https://xn--/",
    "https://例え.テスト/",
    "https://" + "a." * 200 + "example/",
    "'; DROP TABLE events; --",
    "\u202eevil",
    "x" * 60_000,
]


@pytest.mark.parametrize("field", FIELDS)
def test_hostile_text_is_rejected_or_stored_harmlessly(api, field: str):
    for text in HOSTILE:
        assert api.post({**page_view("/"), field: text})[0] in (200, 202, 400), text
    for item in [*api.world.items("events"), *api.world.items("active_sessions")]:
        assert len(str(item)) < 20_000


@pytest.mark.parametrize("key", ["__proto__", "constructor", "a\0b", "\ud800"])
def test_hostile_keys_are_stored_harmlessly(api, key: str):
    for value in ("x", {"x": 1}, None):
        assert api.post(page_view("/", props={key: value}))[0] == 200


@pytest.mark.parametrize(
    "header", ["user-agent", "referer", "x-forwarded-for", "dnt", "sec-gpc"]
)
@pytest.mark.parametrize("text", ["<script>", "é" * 5000, "\udcff", "a\tb"])
def test_hostile_headers_break_nothing(api, header: str, text: str):
    assert api.send("POST", "/events", page_view("/"), {header: text})[0] in (200, 202)


@given(fields=st.dictionaries(st.sampled_from(FIELDS), json_values))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_value_in_any_field_gets_a_documented_response(api, fields: dict[str, Any]):
    body = json.dumps({**page_view("/"), **fields}).encode()
    status, _, reply = api.send("POST", "/events", body)

    if status == 200:
        assert set(reply) == {"message", "event_id", "session_id"}
    else:
        assert status in (202, 400)
        assert reply["status"] == ("success" if status == 202 else "error")
