"""Walks over the routes, in which the API and the collect function use everything that their
policies grant.

The test says how a request is sent: in the test's own process, or to the packaged app.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from typing import Any

from tests.world import CHROME, TOKEN, custom, page_view

# Method, path, headers, body; the answer's status and body.
Send = Callable[[str, str, dict[str, str], bytes], tuple[int, str]]
Step = tuple[str, int]  # what was asked for, and the status of the answer

SITE = "example.com"
USER = "ann"
HEADERS = {
    "user-agent": CHROME,
    "content-type": "application/json",
    "authorization": f"Bearer {TOKEN}",
}
READS = [
    "/health",
    "/pixel.gif",
    "/api/sites",
    "/api/realtime",
    "/api/stats",
    "/api/sessions",
    "/api/sessions/{session_id}",
    "/api/users/{user_id}/sessions",
    "/api/users/{user_id}/events",
    "/api/events",
    "/api/export",
]
COLLECTED = [  # by the Function URL
    "/events",
    "/api/events",
    "/pixel.gif",
    "/tracker.js",
    "/static/tracker_more.js",
]
FILES = ["/", "/tracker.js", "/static/{name}"]  # these ask nothing of DynamoDB


def walk(send: Send, user: str = USER) -> Iterator[Step]:
    """Yield each step that succeeded with 200; stop at the first failure."""
    session_id = yield from _walk_events(send, user)
    for template in [*READS, *FILES]:
        path = template.format(session_id=session_id, user_id=user, name="tracker_more.js")
        query = "" if template == "/api/sites" else f"?site={SITE}"
        yield template, send("GET", path + query, HEADERS, b"")[0]


def walk_collecting(send: Send, user: str = USER) -> Iterator[Step]:
    """Yield each step of a walk over the routes of the collect function."""
    yield from _walk_events(send, user)
    for path in COLLECTED:
        if path.endswith("/events"):
            body = json.dumps(page_view("/", user_id=user)).encode()
            yield path, send("POST", path, HEADERS, body)[0]
        else:
            yield path, send("GET", f"{path}?site={SITE}", HEADERS, b"")[0]


def _walk_events(send: Send, user: str) -> Generator[Step, None, str]:
    """Send events of each kind to POST /events; return the session."""
    posted: list[dict[str, Any]] = []

    def post(name: str, body: object) -> Step:
        status, text = send("POST", "/events", HEADERS, json.dumps(body).encode())
        posted.append(json.loads(text))
        return name, status

    yield post("first event of a visitor", page_view("/", event_id="first", user_id=user))
    session_id = str(posted[0]["session_id"])
    same = {"session_id": session_id, "user_id": user}
    yield post("the same event again", page_view("/", event_id="first", user_id=user))
    yield post("next event of the session", page_view("/again", **same))
    yield post("two events at once", [page_view("/a", **same), custom("signup", **same)])
    yield post("time on the page", custom("engagement", event_id="first", engaged_ms=5, **same))
    return session_id
