"""Feed a deployment with a day of made-up traffic, through its API as trackers would.

    python -m operate.deploy.seed_traffic --url https://... [--site demo.example]
        [--sessions 150]

traffic_model/model.py says who comes and what they do; some are still there at the end. All of
it belongs to one site, so `make erase SITE=demo.example` takes it away again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from operate.aws.http_client import Reply, send
from operate.errors import CommandError
from traffic_model.model import PlannedSession, plan_traffic
from traffic_model.session_script import SITE

OPEN_NOW = 8
DAYS = 1  # a deployment takes what happened in the last 24 hours
LEAST_SECONDS = 0.1  # between two requests: below 1000 a minute, with visitors besides
ATTEMPTS = 5

Send = Callable[..., Reply]


def send_traffic(
    url: str,
    site: str,
    sessions: int,
    *,
    now: int,
    send: Send = send,
    pause: Callable[[float], None] = time.sleep,
) -> int:
    """How many events were taken. `now` in ms; raise Refused at the first that was not."""
    stored = 0
    planned = plan_traffic(sessions, until=now, days=DAYS, open_now=min(OPEN_NOW, sessions))
    earliest = now - DAYS * 86_400_000
    for session in planned:
        bodies = [body for body in events(session, site) if body["timestamp"] > earliest]
        if bodies:
            stored += _post(url, session, bodies, send, pause)
            pause(LEAST_SECONDS)
    return stored


def events(session: PlannedSession, site: str) -> list[dict[str, Any]]:
    """As its browser sends them. All requests come from here, so the people are told apart by
    the name that each gives its session."""
    name = f"demo-{session.person.number}"
    return [
        {**body, "session_id": name, "page_url": _on(site, body["page_url"])}
        for body in session.bodies
    ]


def _on(site: str, page_url: str) -> str:
    return page_url.replace(f"//{SITE}/", f"//{site}/", 1)


def _post(
    url: str,
    session: PlannedSession,
    bodies: list[dict[str, Any]],
    send: Send,
    pause: Callable[[float], None],
) -> int:
    for _ in range(ATTEMPTS):
        reply = send("POST", f"{url}/events", bodies, User_Agent=session.person.user_agent)
        if reply.status not in (429, 503):
            break
        pause(float(reply.headers.get("retry-after", "2")))
    if reply.status != 200:
        raise CommandError(f"{url} answered {reply.status}: {reply.text[:300]}")
    results: list[dict[str, Any]] = (reply.json or {}).get("results", [])
    refused = [r for r in results if r["status"] not in ("stored", "duplicate", "dropped")]
    if refused:
        raise CommandError(f"An event was not taken: {refused[0]['message']}")
    dropped = reply.headers.get("x-liveinsight-dropped", "")
    if "unknown_site" in dropped:
        raise CommandError(
            "The deployment does not take events of this site. Add it to SITES in "
            ".chalice/config.json and deploy, or name one that is there with SITE=."
        )
    return sum(result["status"] == "stored" for result in results)
