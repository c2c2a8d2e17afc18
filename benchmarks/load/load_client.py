"""The HTTP client of the load test, with kept-alive connections of its own per thread.

Like the tracker, it sends events again until they are answered.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from benchmarks.targets.in_process_app import TOKEN
from traffic_model.model import PlannedSession

TIMEOUT_SECONDS = 30
RETRY_SECONDS = 0.5
UNANSWERED = (0, 503)
MAX_ATTEMPTS = 120  # a minute: the emulator restarts in a few seconds


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request and its outcome; `status` 0 means no response. `seconds` is the time of the
    last of its attempts."""

    route: str
    status: int
    seconds: float
    results: list[dict[str, Any]]
    attempts: int = 1


@dataclass(slots=True)
class LoadClient:
    """`url` is the API's, `collect_urls` are those of the collect function's instances."""

    url: str
    collect_urls: Sequence[str]
    _own: threading.local = field(default_factory=threading.local)

    def collect(self, bodies: list[dict[str, Any]], session: PlannedSession) -> SentRequest:
        """Send events as the session's visitor."""
        headers = {
            "Content-Type": "text/plain;charset=UTF-8",
            "User-Agent": session.person.user_agent,
        }
        # All visitors have the address of this machine, so a session_id tells them apart.
        named = [body | {"session_id": f"visitor {session.person.number}"} for body in bodies]
        url = self.collect_urls[session.person.number % len(self.collect_urls)]
        return self._send(url, "POST", "/events", json.dumps(named), headers)

    def get(self, path: str) -> SentRequest:
        return self._send(self.url, "GET", path, None, {"Authorization": f"Bearer {TOKEN}"})

    def _send(
        self, url: str, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> SentRequest:
        attempts = 1
        sent = self._attempt(url, method, path, body, headers)
        while sent.status in UNANSWERED and attempts < MAX_ATTEMPTS:
            time.sleep(RETRY_SECONDS)
            sent = self._attempt(url, method, path, body, headers)
            attempts += 1
        return replace(sent, attempts=attempts)

    def _attempt(
        self, url: str, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> SentRequest:
        route = f"{method} {urlsplit(path).path}"
        began = time.perf_counter()
        try:
            connection = self._connections().setdefault(
                url, http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_SECONDS)
            )
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self._connections().pop(url).close()
            return SentRequest(route, 0, time.perf_counter() - began, [])
        seconds = time.perf_counter() - began
        content = json.loads(text) if answer.status == 200 else {}
        return SentRequest(route, answer.status, seconds, content.get("results", []))

    def _connections(self) -> dict[str, http.client.HTTPConnection]:
        """Return the connections of this thread, by URL."""
        if not hasattr(self._own, "connections"):
            self._own.connections = {}
        connections: dict[str, http.client.HTTPConnection] = self._own.connections
        return connections
