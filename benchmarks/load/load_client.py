"""The HTTP client of the load test, with one kept-alive connection per thread."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.targets.in_process_app import TOKEN
from traffic_model.model import PlannedSession

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request and its outcome; `status` 0 means no response."""

    route: str
    status: int
    seconds: float
    results: list[dict[str, Any]]


@dataclass(slots=True)
class LoadClient:
    url: str
    _own: threading.local = field(default_factory=threading.local)

    def collect(self, bodies: list[dict[str, Any]], session: PlannedSession) -> SentRequest:
        """Send events as the session's visitor."""
        headers = {
            "Content-Type": "text/plain;charset=UTF-8",
            "User-Agent": session.person.user_agent,
        }
        # All visitors have the address of this machine, so a session_id tells them apart.
        named = [body | {"session_id": f"visitor {session.person.number}"} for body in bodies]
        return self._send("POST", "/events", json.dumps(named), headers)

    def get(self, path: str) -> SentRequest:
        return self._send("GET", path, None, {"Authorization": f"Bearer {TOKEN}"})

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> SentRequest:
        route = f"{method} {urlsplit(path).path}"
        began = time.perf_counter()
        try:
            connection = self._connection()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self._own.connection = None
            return SentRequest(route, 0, time.perf_counter() - began, [])
        seconds = time.perf_counter() - began
        content = json.loads(text) if answer.status == 200 else {}
        return SentRequest(route, answer.status, seconds, content.get("results", []))

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            host = urlsplit(self.url).netloc
            connection = http.client.HTTPConnection(host, timeout=TIMEOUT_SECONDS)
            self._own.connection = connection
        return connection
