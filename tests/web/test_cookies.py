"""No route uses cookies: a foreign page that makes a visitor's browser send its cookies learns
nothing, and changes nothing that it could not change without them."""

from __future__ import annotations

from typing import Any

import pytest

import app
from tests.route_walk import FILES, READS
from tests.world import TOKEN, page_view

ORIGIN = "https://foreign.example"
# Everything by which a careless application could take the browser for the reader.
COOKIES = "; ".join(
    f"{name}={value}"
    for name in (
        "token",
        "session",
        "session_id",
        "Authorization",
        "authorization",
        "x-api-key",
    )
    for value in (TOKEN, f"Bearer {TOKEN}")
)
FOREIGN = {"origin": ORIGIN, "cookie": COOKIES, "referer": f"{ORIGIN}/"}
OPEN = {"/health", "/pixel.gif", *FILES}
PLACES = {"name": "tracker_more.js", "session_id": "sess_20260905_00000001", "user_id": "ann"}


def path_of(template: str) -> str:
    path = template.format(**PLACES)
    return path if template in FILES or template == "/api/sites" else f"{path}?site=example.com"


def ask(api: Any, template: str, headers: dict[str, str]) -> tuple[int, dict[str, str], Any]:
    reply: tuple[int, dict[str, str], Any] = api.send("GET", path_of(template), headers=headers)
    return reply


def is_open_to_cookies(headers: dict[str, str]) -> bool:
    return "set-cookie" in headers or "access-control-allow-credentials" in headers


def test_every_route_is_listed_here():
    assert {path for path, ways in app.app.routes.items() if "GET" in ways} == {*READS, *FILES}
    assert {path for path, ways in app.app.routes.items() if "POST" in ways} == {
        "/events",
        "/api/events",
    }


@pytest.mark.parametrize("template", [path for path in READS if path not in OPEN])
def test_cookies_do_not_grant_access(api, template: str):
    api.post(page_view("/", user_id="ann"))

    status, headers, body = ask(api, template, FOREIGN)

    assert status == 401
    assert set(body) == {"status", "message"}
    assert not is_open_to_cookies(headers)


@pytest.mark.parametrize("template", sorted(OPEN))
def test_public_routes_ignore_cookies(api, template: str):
    with_cookies = ask(api, template, FOREIGN)
    without = ask(api, template, {name: FOREIGN[name] for name in ("origin", "referer")})

    assert with_cookies == without
    assert with_cookies[0] == 200
    assert not is_open_to_cookies(with_cookies[1])


@pytest.mark.parametrize("path", ["/events", "/api/events"])
def test_cookies_do_not_identify_a_visitor(api, path: str):
    """The session follows from the address and the browser, or from the body."""
    plain = api.post(page_view("/"), path)
    foreign = api.send("POST", path, page_view("/b"), FOREIGN)

    assert foreign[0] == 200
    assert foreign[2]["session_id"] == plain[2]["session_id"]
    assert not is_open_to_cookies(foreign[1])


@pytest.mark.parametrize("template", [*READS, *FILES, "/events", "/api/events"])
def test_preflight_does_not_allow_credentials(api, template: str):
    status, headers, _ = api.send("OPTIONS", path_of(template), headers=FOREIGN)

    assert status == 200
    assert not is_open_to_cookies(headers)


def test_token_in_a_query_string_is_ignored(api):
    status, _, body = api.send("GET", f"/api/stats?site=example.com&token={TOKEN}")

    assert (status, body["status"]) == (401, "error")
