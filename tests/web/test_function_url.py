"""The Function URL answers like the REST API: the same requests, sent to both, get the same
response but for what the gateways add."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.web import collect_views, function_url
from chalicelib.web.requests import MAX_BODY_BYTES
from devkit.project_paths import ROOT
from devkit.url_event import url_event
from tests.web.conftest import Api, open_api
from tests.world import CHROME, TABLES, TOKEN, custom, page_view

ADDRESS = "203.0.113.7"
# API Gateway's CORS headers, which browsers only read in the response to a preflight.
PREFLIGHT_ONLY = {"access-control-allow-headers", "access-control-max-age"}
JSON = "application/json"


def send(
    method: str,
    path: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    address: str = ADDRESS,
) -> tuple[int, dict[str, str], bytes]:
    """Send a request to the Function URL; return the status, headers and content."""
    sent = {"user-agent": CHROME, **(headers or {})}
    answer = function_url.handle(url_event(method, path, body, sent, address=address), None)
    text = answer["body"]
    content = base64.b64decode(text) if answer["isBase64Encoded"] else text.encode()
    received = {name.lower(): value for name, value in answer["headers"].items()}
    if received.get("content-encoding") == "gzip":
        content = gzip.decompress(content)
    return answer["statusCode"], received, content


def body_of(value: object) -> bytes:
    return json.dumps(value).encode()


@dataclass(frozen=True)
class Case:
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


VIEW = page_view("/", event_id="e1", session_id="my-session")
CASES = {
    "event": Case("POST", "/events", body_of(VIEW), {"content-type": JSON}),
    "event at the other path": Case("POST", "/api/events", body_of(VIEW)),
    "event as text": Case("POST", "/events", body_of(VIEW), {"content-type": "text/plain"}),
    "text with a charset": Case(
        "POST", "/events", body_of(VIEW), {"content-type": "Text/Plain;charset=UTF-8"}
    ),
    "array": Case("POST", "/events", body_of([VIEW, custom("signup", "/", event_id="e2")])),
    "object with events": Case("POST", "/events", body_of({"events": [VIEW, VIEW]})),
    "gzip": Case("POST", "/events", gzip.compress(body_of(VIEW)), {"content-encoding": "gzip"}),
    "broken gzip": Case(
        "POST", "/events", gzip.compress(body_of(VIEW))[:-9], {"content-encoding": "gzip"}
    ),
    "long response": Case(
        "POST", "/events", body_of([{**VIEW, "event_id": f"e{n}"} for n in range(50)])
    ),
    "too many events": Case("POST", "/events", body_of([VIEW] * 51)),
    "too large": Case("POST", "/events", b" " * (MAX_BODY_BYTES + 1)),
    "too large after decompression": Case(
        "POST", "/events", gzip.compress(b" " * 100_000), {"content-encoding": "gzip"}
    ),
    "no body": Case("POST", "/events"),
    "no JSON": Case("POST", "/events", b"hello"),
    "not UTF-8": Case(
        "POST", "/events", b'{"event_type": "\xff"}', {"content-encoding": "gzip"}
    ),
    "no event": Case("POST", "/events", b"[]"),
    "invalid event": Case("POST", "/events", body_of({"event_type": ""})),
    "invalid event among others": Case("POST", "/events", body_of([VIEW, 5, {}])),
    "other content type": Case("POST", "/events", body_of(VIEW), {"content-type": "text/html"}),
    "bot": Case("POST", "/events", body_of(VIEW), {"user-agent": "Googlebot/2.1"}),
    "opted out": Case("POST", "/events", body_of(VIEW), {"sec-gpc": "1"}),
    "prefetch": Case("POST", "/events", body_of(VIEW), {"sec-purpose": "prefetch"}),
    "with a token": Case(
        "POST",
        "/events",
        body_of({**VIEW, "timestamp": 1_700_000_000}),
        {"authorization": f"Bearer {TOKEN}"},
    ),
    "other site": Case("POST", "/events", body_of(page_view("https://elsewhere.example/"))),
    "pixel": Case("GET", "/pixel.gif?site=example.com"),
    "pixel of a page": Case("GET", "/pixel.gif?page_url=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1"),
    "pixel with two sites": Case("GET", "/pixel.gif?site=a.example&site=example.com"),
    "pixel on a page": Case("GET", "/pixel.gif", headers={"referer": "https://example.com/x"}),
    "pixel of nothing": Case("GET", "/pixel.gif"),
    "pixel of a bot": Case("GET", "/pixel.gif?site=example.com", headers={"user-agent": "bot"}),
    "HEAD of the pixel": Case("HEAD", "/pixel.gif?site=example.com"),
    "tracker": Case("GET", "/tracker.js"),
    "second file": Case("GET", "/static/tracker_more.js"),
    "tracker, compressed": Case("GET", "/tracker.js", headers={"accept-encoding": "br, gzip"}),
    "HEAD of the tracker": Case("HEAD", "/tracker.js", headers={"accept-encoding": "gzip"}),
    "tracker of a version": Case("GET", "/tracker.js?v=0000"),
    "tracker that the browser has": Case("GET", "/tracker.js", headers={"if-none-match": "*"}),
    "other method": Case("PUT", "/events", body_of(VIEW)),
    "posted tracker": Case("POST", "/tracker.js", body_of(VIEW)),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_both_ways_in_answer_alike(api: Api, case: Case):
    headers = {"content-type": JSON, **case.headers}
    status, url_headers, content = send(case.method, case.path, case.body, headers)
    rest = api.gateway.handle_request(
        case.method, case.path, {"user-agent": CHROME, **headers}, case.body
    )
    rest_headers = {name.lower(): value for name, value in rest["headers"].items()}

    assert status == rest["statusCode"]
    for name in PREFLIGHT_ONLY:
        rest_headers.pop(name, None)
    for name in ("content-encoding", "vary"):  # API Gateway compresses by itself
        url_headers.pop(name, None)
    assert url_headers == rest_headers
    assert without_random_ids(content) == without_random_ids(rest["body"].encode())


def without_random_ids(content: bytes) -> bytes:
    """Sessions are opened with random ids; the second of the two requests is a duplicate."""
    content = re.sub(rb"sess_\d{8}_[0-9a-f]{8}", b"sess", content)
    content = re.sub(rb"evt_\d{8}_\d{6}_[0-9a-f]{8}", b"evt", content)
    content = content.replace(b'"status":"duplicate"', b'"status":"stored"')
    return content.replace(b"Duplicate event", b"Event processed successfully")


@pytest.mark.parametrize("path", ["/events", "/api/events", "/pixel.gif", "/tracker.js"])
def test_preflight_is_answered_alike(api: Api, path: str):
    status, headers, _ = send("OPTIONS", path)
    rest = api.gateway.handle_request("OPTIONS", path, {}, b"")
    expected = {name.lower(): value for name, value in rest["headers"].items()}

    assert status == rest["statusCode"] == 200
    methods = set(headers.pop("access-control-allow-methods").split(","))
    assert methods <= set(expected.pop("access-control-allow-methods").split(","))
    assert {"OPTIONS"} < methods
    headers.pop("x-content-type-options")
    assert headers == expected


@pytest.mark.parametrize(
    "path", ["/", "/health", "/api/stats", "/static/dashboard.html", "/static/../x", "/event"]
)
def test_other_paths_are_not_found(api: Api, path: str):
    status, _, content = send("GET", path)

    assert (status, json.loads(content)) == (404, {"status": "error", "message": "Not found."})


def test_cors_headers_are_left_to_lambda_in_aws(api: Api, monkeypatch: pytest.MonkeyPatch):
    """Lambda adds those of the URL, and a browser rejects a response that has them twice."""

    def cors_headers() -> list[str]:
        answer = function_url.handle(url_event("GET", "/tracker.js"), None)
        return [name for name in answer["headers"] if name.startswith("Access-Control-")]

    assert "Access-Control-Allow-Origin" in cors_headers()  # as `make run` answers
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "liveinsight-prod-collect")
    assert cors_headers() == []


def test_only_long_responses_are_compressed_and_only_if_accepted(api: Api):
    accepting = {"accept-encoding": "gzip, deflate, br"}
    many = body_of([{**VIEW, "event_id": f"e{number}"} for number in range(50)])

    assert "content-encoding" not in send("POST", "/events", body_of(VIEW), accepting)[1]
    assert "content-encoding" not in send("POST", "/events", many)[1]
    assert send("POST", "/events", many, accepting)[1]["content-encoding"] == "gzip"


def test_tracker_is_sent_as_the_build_compressed_it(api: Api):
    answer = function_url.handle(
        url_event("GET", "/tracker.js", headers={"accept-encoding": "gzip"}), None
    )

    packed = ROOT / "chalicelib" / "static" / "tracker.js.gz"
    assert base64.b64decode(answer["body"]) == packed.read_bytes()
    assert answer["headers"]["Cache-Control"].startswith("public, max-age=86400, stale-")


def test_large_body_is_rejected_before_it_is_decoded(api: Api, monkeypatch: pytest.MonkeyPatch):
    def fail(_text: str) -> bytes:
        raise AssertionError("decoded")

    monkeypatch.setattr(function_url, "b64decode", fail)
    status, _, content = send(
        "POST", "/events", b"\x1f\x8b" * MAX_BODY_BYTES, {"content-encoding": "gzip"}
    )

    assert (status, b"64 KB" in content) == (413, True)


def test_address_is_that_of_the_connection(api: Api):
    """Callers can set X-Forwarded-For, so two addresses are two visitors, whatever it says."""
    for address in ("203.0.113.1", "203.0.113.2"):
        headers = {"x-forwarded-for": "198.51.100.1", "cloudfront-viewer-address": "9.9.9.9:1"}
        send("POST", "/events", body_of(page_view("/")), headers, address=address)

    assert len({row.visitor_id for row in api.world.rows()}) == 2


def test_country_in_a_header_of_the_caller_is_ignored(api: Api):
    send("POST", "/events", body_of(page_view("/")), {"cloudfront-viewer-country": "NZ"})
    view = page_view("/", timezone="Europe/Berlin")
    send(
        "POST", "/events", body_of(view), {"cloudfront-viewer-country": "NZ"}, address="1.1.1.1"
    )

    assert sorted(str(row.location.country) for row in api.world.rows()) == ["DE", "None"]


@pytest.mark.parametrize(
    "viewer", ["203.0.113.9:46532", "[2001:db8::9]:46532", "2001:db8::9:46532"]
)
def test_edge_passes_on_the_address_and_the_place(viewer: str, monkeypatch: pytest.MonkeyPatch):
    secret = "the-secret-of-the-edge"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    sent = {
        "x-liveinsight-edge": secret,
        "cloudfront-viewer-address": viewer,
        "cloudfront-viewer-country": "NZ",
        "x-forwarded-for": "198.51.100.1",
    }
    with open_api(TRUSTED_PROXIES="2", EDGE_SECRET_HASHES=digest) as api:
        for connection in ("130.176.1.1", "130.176.1.2"):  # of CloudFront
            send("POST", "/events", body_of(page_view("/")), sent, address=connection)
        other = {**sent, "cloudfront-viewer-address": "203.0.113.77:1"}
        send("POST", "/events", body_of(page_view("/")), other)

        rows = api.world.rows()
        assert sorted(row.events for row in rows) == [1, 2]
        assert {row.location.country for row in rows} == {"NZ"}


def test_failure_is_logged_and_answered(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(collect_views, "collect_events", fail)
    status, headers, content = send("POST", "/events", body_of(VIEW))

    assert status == 500
    assert headers["access-control-allow-origin"] == "*"
    assert json.loads(content)["message"].startswith("Internal server error.")
    assert "a bug" in caplog.text


def test_request_is_logged_like_any_other(api: Api, capsys: pytest.CaptureFixture[str]):
    send("POST", "/events", body_of(VIEW))
    (line,) = (json.loads(text) for text in capsys.readouterr().out.splitlines())

    assert line["EventsProcessed"] == 1
    assert ADDRESS not in json.dumps(line)


def test_start_imports_neither_chalice_nor_anything_for_reading():
    program = (
        "import sys; before = set(sys.modules); from chalicelib.web import function_url; "
        "print(*sorted(set(sys.modules) - before))"
    )
    environment = {
        **TABLES,
        "SITES": "*",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = done.stdout.split()

    assert "chalicelib.services.collect.collect" in imported
    for name in imported:
        assert not name.startswith(("chalice.", "botocore", "boto3", "email.mime")), name
        assert not name.startswith(("chalicelib.services.reports", "chalicelib.services.jobs"))
        assert not name.startswith(("chalicelib.presentation", "chalicelib.domain.metrics"))
        assert not name.startswith(("chalicelib.domain.packs", "chalicelib.domain.scan"))
    assert "chalice" not in imported
