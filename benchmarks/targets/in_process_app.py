"""The app in this process: the handlers that Lambda calls, at any time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from benchmarks.harness.lambda_events import (
    Browser,
    api_event,
    collect_event,
    file_event,
    tracker_event,
)
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables, connect
from chalicelib.web import function_url
from devkit.emulated_aws.scheduler import scheduled_event

TOKEN = "the-token-of-the-benchmarks"
TABLES = {
    "EVENTS_TABLE": "LiveInsight-Events-dev",
    "SESSIONS_TABLE": "LiveInsight-Sessions-dev",
    "ACTIVE_SESSIONS_TABLE": "LiveInsight-ActiveSessions-dev",
    "ROLLUPS_TABLE": "LiveInsight-Rollups-dev",
}
SETTINGS = {
    "SITES": "*",
    "READ_TOKEN_HASHES": hashlib.sha256(TOKEN.encode()).hexdigest(),
    "VISITOR_KEY": "of the benchmarks",
    "AWS_DEFAULT_REGION": "us-east-1",
}
JOB_MS = 55_000


class RequestFailed(Exception):
    """The app did not answer 200; the message has its response."""


@dataclass(slots=True)
class InProcessApp:
    """`now` is the app's time in ms. `lines` are its log lines, if `keep_lines`; `seconds` is
    the CPU time of its handlers."""

    module: Any
    tables: Tables
    settings: Settings
    now: int = 0
    lines: list[str] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    keep_lines: bool = False

    def post(self, bodies: object, sender: Browser, *, at: int) -> Any:
        """Send a collect request and return the JSON of the response."""
        self.now = at
        answer = self.send_to_url(collect_event(bodies, sender, number=self.requests))
        return json.loads(content_of(answer))

    def load_tracker(self, sender: Browser, *, at: int) -> Any:
        """Request the tracker and return the response."""
        self.now = at
        return self.send_to_url(tracker_event(sender, number=self.requests))

    def read(self, path: str, *, at: int) -> Any:
        self.now = at
        response = self.send(api_event(path, TOKEN, number=self.requests))
        return json.loads(response["body"])["data"]

    def get(self, path: str, sender: Browser, *, at: int) -> Any:
        """Request a file and return the response."""
        self.now = at
        return self.send(file_event(path, sender, number=self.requests))

    def run_minute_job(self, *, at: int) -> None:
        self.now = at
        with self._logged():
            began = time.process_time()
            self.module.expire_sessions(_event_at(at), _Context())
            self.seconds += time.process_time() - began

    def send(self, event: dict[str, Any]) -> Any:
        """Call the API handler and return its response for API Gateway."""
        return self._call(self.module.app, event)

    def send_to_url(self, event: dict[str, Any]) -> Any:
        """Call the collect function and return its response for Lambda."""
        return self._call(function_url.handle, event)

    def _call(self, handler: Any, event: dict[str, Any]) -> Any:
        self.requests += 1
        with self._logged():
            began = time.process_time()
            answer = handler(event, _Context())
            self.seconds += time.process_time() - began
        if answer["statusCode"] != 200:
            raise RequestFailed(f"{answer['statusCode']}: {answer['body']}")
        return answer

    @contextmanager
    def _logged(self) -> Iterator[None]:
        written = io.StringIO()
        with redirect_stdout(written):
            yield
        if self.keep_lines:
            self.lines += written.getvalue().splitlines()


def content_of(answer: Mapping[str, Any]) -> bytes:
    """Return the content of a response of the collect function, uncompressed."""
    if not answer["isBase64Encoded"]:
        return str(answer["body"]).encode()
    return gzip.decompress(b64decode(answer["body"]))


def _event_at(now: int) -> dict[str, Any]:
    return scheduled_event("expire_sessions", datetime.fromtimestamp(now / 1000, UTC))


class _Context:
    """A Lambda context whose remaining time does not shrink."""

    def get_remaining_time_in_millis(self) -> int:
        return JOB_MS


@contextmanager
def in_process_app(client: Any, **changes: str) -> Iterator[InProcessApp]:
    """Run the app on the tables of `client`; `changes` are environment variables."""
    was = dict(os.environ)
    os.environ.update(TABLES | SETTINGS | changes)
    import app as imported
    from chalicelib.web import dependencies

    app: Any = imported
    settings = Settings.from_environment(os.environ)
    running = InProcessApp(app, connect(settings, client), settings)
    dependencies.settings.cache_clear()
    try:
        with ExitStack() as changed:
            for module in (app, function_url):
                changed.enter_context(patch.object(module, "now", lambda: running.now))
                changed.enter_context(patch.object(module, "tables", lambda: running.tables))
            yield running
    finally:
        dependencies.settings.cache_clear()
        os.environ.clear()
        os.environ.update(was)
