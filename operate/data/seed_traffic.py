"""A day of sample traffic for a deployment, sent through its API as trackers do.

traffic_model/model.py decides who visits and what they do. Some visitors are still active at
the end. All of it belongs to one site, so that `make erase` can remove it again.
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
DAYS = 1  # a deployment accepts events of the last 24 hours
MIN_SECONDS_BETWEEN = 0.1  # stays below 1,000 requests a minute, with room for visitors
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
    """Send the traffic and return how many events were stored. Raise CommandError if one is
    rejected. `now` in ms."""
    stored = 0
    planned = plan_traffic(sessions, until=now, days=DAYS, open_now=min(OPEN_NOW, sessions))
    earliest = now - DAYS * 86_400_000
    for session in planned:
        bodies = [body for body in event_bodies(session, site) if body["timestamp"] > earliest]
        if bodies:
            stored += _post(url, session, bodies, send, pause)
            pause(MIN_SECONDS_BETWEEN)
    return stored


def event_bodies(session: PlannedSession, site: str) -> list[dict[str, Any]]:
    """Return the events as a browser sends them. All requests come from one address, so the
    session names tell the visitors apart."""
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
    rejected = [r for r in results if r["status"] not in ("stored", "duplicate", "dropped")]
    if rejected:
        raise CommandError(f"An event was rejected: {rejected[0]['message']}")
    dropped = reply.headers.get("x-liveinsight-dropped", "")
    if "unknown_site" in dropped:
        raise CommandError(
            "The deployment does not accept events of this site. Add it to SITES in "
            ".chalice/config.json and deploy, or choose another site with SITE=."
        )
    return sum(result["status"] == "stored" for result in results)
