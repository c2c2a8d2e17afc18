"""What visitors do before and after an update, as requests to the app's functions."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from tests.builders import START
from tests.world import CHROME, TOKEN

SITE = "shop.example"
MINUTE, DAY = 60_000, 86_400_000
UPDATE = START + 2 * DAY  # when the new code comes
ANN, GUEST, BOB, NEW = (f"192.0.2.{number}" for number in range(1, 5))

SITE_ONLY = f"site={SITE}"

Step = dict[str, Any]


def before() -> list[Step]:
    """Send two finished days, a closed morning, and active sessions. Ann returns after the
    update, and is still one visitor of that day."""
    first, second = START, START + DAY
    ann = {"user_id": "ann", "session_id": "ann-1"}
    return [
        send(first, ANN, view("/", "a1", **ann)),
        send(first + MINUTE, ANN, view("/pricing", "a2", **ann)),
        send(first + MINUTE, ANN, engaged("a1", 9_000, **ann)),
        send(first + 2 * MINUTE, GUEST, view("/blog", "g1")),
        send(first + 3 * MINUTE, GUEST, custom("signup", "g2")),
        job(first + 45 * MINUTE),
        *night(first),
        send(second, ANN, view("/docs", "a3", user_id="ann")),
        job(second + 45 * MINUTE),
        send(UPDATE - 180 * MINUTE, ANN, view("/docs", "a4", user_id="ann")),
        job(UPDATE - 120 * MINUTE),
        send(UPDATE - 9 * MINUTE, GUEST, view("/", "g3")),
        send(UPDATE - 8 * MINUTE, BOB, view("/pricing", "b1", user_id="bob", session_id="b")),
    ]


def after() -> list[Step]:
    """Continue active sessions, repeat one event, and add a new visitor."""
    bob = {"user_id": "bob", "session_id": "b"}
    return [
        send(UPDATE + MINUTE, GUEST, view("/after", "g4")),
        send(UPDATE + MINUTE, BOB, view("/pricing", "b1", **bob)),
        send(UPDATE + MINUTE, BOB, engaged("b1", 30_000, **bob)),
        send(UPDATE + 2 * MINUTE, BOB, custom("signup", "b2", **bob)),
        send(UPDATE + 3 * MINUTE, NEW, view("/", "n1", user_id="ann")),
    ]


def closing() -> list[Step]:
    return [job(UPDATE + 50 * MINUTE), job(UPDATE + 51 * MINUTE)]


def night(day: int) -> list[Step]:
    """Run the job after midnight, which compacts the day."""
    return [job(day + 15 * 60 * MINUTE + number * MINUTE) for number in range(4)]


def reads(at: int) -> list[Step]:
    """Return everything that can be read without a session id, by name."""
    return [
        get(at, "/health", ""),
        get(at, "/api/sites", ""),
        get(at, "/api/realtime", SITE_ONLY),
        get(at, "/api/stats", f"{SITE_ONLY}&period=7d"),
        get(at, "/api/sessions", f"{SITE_ONLY}&period=7d"),
        get(at, "/api/export", f"{SITE_ONLY}&period=7d"),
        get(at, "/api/events", f"{SITE_ONLY}&from=2026-09-05"),
        get(at, "/api/users/ann/sessions", SITE_ONLY),
        get(at, "/api/users/ann/events", SITE_ONLY),
    ]


def view(path: str, event_id: str, **fields: Any) -> dict[str, Any]:
    body = {"event_type": "page_view", "event_id": event_id}
    return {**body, "page_url": f"https://{SITE}{path}", **fields}


def custom(kind: str, event_id: str, **fields: Any) -> dict[str, Any]:
    return {**view("/", event_id, props={"plan": "pro"}, **fields), "event_type": kind}


def engaged(event_id: str, ms: int, **fields: Any) -> dict[str, Any]:
    body = {"engaged_ms": ms, "scroll_depth": 80, **fields}
    return {**view("/", event_id, **body), "event_type": "engagement"}


def send(at: int, address: str, body: object) -> Step:
    return _request(at, "POST", "/events", "/events", json.dumps(body), address)


def get(at: int, path: str, query: str) -> Step:
    """Send a request with the token."""
    route = path.replace("/users/ann/", "/users/{user_id}/")
    return _request(at, "GET", route, path, None, "198.51.100.9", query)


def job(at: int) -> Step:
    return {"do": "run the job", "at": at}


def _request(
    at: int, method: str, route: str, path: str, body: str | None, address: str, query: str = ""
) -> Step:
    """Build a request as API Gateway passes it on."""
    headers = {
        "user-agent": CHROME,
        "content-type": "application/json",
        "authorization": f"Bearer {TOKEN}",
        "x-forwarded-for": address,
    }
    asked = dict(parse_qsl(query))
    event = {
        "resource": route,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": asked or None,
        "multiValueQueryStringParameters": {k: [v] for k, v in asked.items()} or None,
        "pathParameters": {"user_id": "ann"} if "{user_id}" in route else None,
        "body": body,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": route,
            "requestId": "r",
            "stage": "prod",
            "identity": {"sourceIp": address, "userAgent": CHROME},
        },
    }
    return {"do": "send", "at": at, "event": event}
