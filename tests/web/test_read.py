"""Requests as the gateway hands them over: whose they are, and nothing in them that hurts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.test_incoming import FIELDS, json_values
from tests.world import page_view

SECOND_AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5"
)


def visitors(api) -> int:
    return len(
        {item["visitor_id"] for item in api.world.items("events") if "visitor_id" in item}
    )


class TestAddress:
    """X-Forwarded-For counts only as far as proxies are trusted."""

    @pytest.fixture
    def environment(self, request) -> dict[str, str]:
        return {"TRUSTED_PROXIES": str(request.param)}

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
        ],
        indirect=["environment"],
    )
    def test_visitors_seen(self, api, forwarded: list[str], seen: int):
        for header in forwarded:
            api.post(page_view("/"), x_forwarded_for=header)

        assert visitors(api) == seen


class TestExcluded:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {
            "TRUSTED_PROXIES": "1",
            "EXCLUDED_ADDRESSES": "198.51.100.0/24, 2001:db8::/32",
            "EXCLUDED_PATHS": "/admin*, */private",
        }

    @pytest.mark.parametrize(
        ("path", "address", "reason"),
        [
            ("/", "198.51.100.77", "excluded_address"),
            ("/", "::ffff:198.51.100.77", "excluded_address"),
            ("/", "2001:db8::1", "excluded_address"),
            ("/", "192.0.2.1", None),
            ("/admin/users", "192.0.2.1", "excluded_path"),
            ("/a/b/private", "192.0.2.1", "excluded_path"),
            ("/private/not", "192.0.2.1", None),
        ],
    )
    def test_dropped(self, api, path: str, address: str, reason: str | None):
        _, headers, _ = api.post(page_view(path), x_forwarded_for=address)

        assert headers.get("x-liveinsight-dropped") == reason


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
def test_what_is_not_counted_is_named_and_counted(api, capsys, body, headers, reason):
    _, received, _ = api.post(page_view("/", **body), **headers)
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert received.get("x-liveinsight-dropped") == reason
    assert (line.get("Reason"), line.get("Dropped")) == (
        (reason, 1) if reason else (None, None)
    )


def test_place_is_what_the_edge_says_or_else_the_time_zone(api):
    api.post(page_view("/a", timezone="Asia/Seoul"), cloudfront_viewer_country="DE")
    api.post(page_view("/b", timezone="Asia/Seoul"))
    api.post(page_view("/c", timezone="Etc/UTC"))

    places = {
        i["page_url"][-1]: i.get("country") for i in api.world.items("events") if "site" in i
    }
    assert places == {"a": "DE", "b": "KR", "c": None}


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
def test_hostile_text_is_refused_or_stored_harmlessly(api, field: str):
    for text in HOSTILE:
        assert api.post({**page_view("/"), field: text})[0] in (200, 202, 400), text
    for item in [*api.world.items("events"), *api.world.items("active_sessions")]:
        assert len(str(item)) < 20_000


@pytest.mark.parametrize("key", ["__proto__", "constructor", "a\0b", "\ud800"])
def test_hostile_keys_are_stored_harmlessly(api, key: str):
    assert api.post(page_view("/", props={key: {"x": 1}}))[0] == 400
    assert api.post(page_view("/", props={key: "x"}))[0] == 200


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
def test_any_value_in_any_field_is_answered_in_a_documented_form(api, fields: dict[str, Any]):
    body = json.dumps({**page_view("/"), **fields}).encode()
    status, _, reply = api.send("POST", "/events", body)

    if status == 200:
        assert set(reply) == {"message", "event_id", "session_id"}
    else:
        assert status in (202, 400)
        assert reply["status"] == ("success" if status == 202 else "error")
