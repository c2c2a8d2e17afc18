"""A small website and collector on 127.0.0.1: serves pages, and records what the tracker sends.

    recorder.page("/a", "data-debug")        a page with the tracker's script tag
    recorder.fail(503), recorder.fail("cut")  how the next requests end, until recover()
    recorder.events("page_view")              the events so far, each once, by event_id

With `forward_to` the app at that URL makes the answers, and the recorder only watches. Without,
it answers as the collector does: what that would call invalid is, and is not stored.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.collection.event_payload import InvalidEvent, parse_payload
from chalicelib.domain.exclusions.drop_reason import DropReason

from .site import Site

STATIC = Path(__file__).parents[2] / "chalicelib" / "static"
HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After, x-liveinsight-dropped",
}
# Names of public websites, which the browsers of the tests take for this machine.
PUBLIC_HOSTS = ("shop.example", "other.example")
LOCAL_HOSTS = ("127.0.0.1", "localhost")  # pages there count with data-local only
Fact = dict[str, Any]


def tracker_source() -> bytes:
    """Return the built tracker."""
    return (STATIC / "tracker.js").read_bytes()


def more_source() -> bytes:
    """Return the built second file of the tracker."""
    return (STATIC / "tracker_more.js").read_bytes()


def why_invalid(event: Any) -> str | None:
    """Return the collector's message about an event that it rejects."""
    try:
        parse_payload(event, now=round(time.time() * 1000))
    except InvalidEvent as error:
        return str(error)
    return None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST to the collector."""

    at: float  # seconds
    path: str
    headers: Mapping[str, str]
    events: list[Fact]
    status: int | str

    @property
    def is_beacon(self) -> bool:
        return self.path.endswith("?beacon")

    @property
    def types(self) -> list[str]:
        return [str(event.get("event_type")) for event in self.events]


@dataclass(slots=True)
class Recorder:
    """What the server knows; the handler below reads and writes it under `lock`."""

    forward_to: str | None = None
    hosts: tuple[str, str] = PUBLIC_HOSTS
    port: int = 0
    site: Site | None = None  # one of the folders of pages/
    before_tracker: bytes = b""  # code in front of the tracker's own
    deliveries: list[Delivery] = field(default_factory=list)
    pages: dict[str, tuple[int, str, dict[str, str]]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    released: Signal = field(default_factory=Signal)
    _ending: int | str = 200
    _ending_headers: dict[str, str] = field(default_factory=dict)
    _ending_times: int | None = None
    _sessions: int = 0
    _drop_reason: str | None = None
    requests: list[str] = field(default_factory=list)  # the paths that were asked for with GET

    @property
    def url(self) -> str:
        return f"http://{self.hosts[0]}:{self.port}"

    @property
    def other_url(self) -> str:
        """Return the URL of the same server under another host, which is another origin for a
        browser."""
        return f"http://{self.hosts[1]}:{self.port}"

    def page(
        self,
        path: str,
        attributes: str = "",
        *,
        body: str = "",
        title: str = "",
        head: str = "",
        status: int = 200,
        headers: dict[str, str] | None = None,
        script: str = "/tracker.js",
    ) -> str:
        """Put a page at a path, and return its URL."""
        html = (
            f"<!doctype html><html lang=en><meta charset=utf-8><title>{title or path}</title>"
            f'<link rel=icon href="data:,">{head}'
            f'<script defer src="{script}" {attributes}></script><body>{body}'
        )
        self.pages[urlsplit(path).path] = (status, html, headers or {})
        return self.url + path

    def fail(self, ending: int | str, times: int | None = None, **headers: str) -> None:
        """End the next requests (all, without `times`) with a status, or in one of these ways.
        `cut`: connection closed, nothing stored. `lost`: stored, then the connection closed.
        `hold`: no response until recover(). `text`: stored, with a response that is no JSON."""
        with self.lock:
            self._ending, self._ending_times = ending, times
            self._ending_headers = {
                key.replace("_", "-"): text for key, text in headers.items()
            }
        self.released.clear()

    def recover(self) -> None:
        """Respond normally from now on."""
        self.fail(200)
        self.released.set()

    def drop(self, reason: str) -> None:
        """Respond from now on that events are dropped, with one of the collector's reasons."""
        self._drop_reason = reason

    def events(self, event_type: str | None = None) -> list[Fact]:
        """Return the stored events, each once, as it first arrived; `happened_at` is in ms."""
        result: dict[tuple[str, str], Fact] = {}
        with self.lock:
            deliveries = list(self.deliveries)
        for delivery in deliveries:
            for event in delivery.events if delivery.status == 200 else []:
                if not self.forward_to and why_invalid(event):
                    continue  # As the collector does, take its neighbours all the same.
                key = (event["event_type"], event["event_id"])
                known = result.setdefault(
                    key, {**event, "happened_at": delivery.at * 1000 - event["age"]}
                )
                # Of engagement the larger value wins.
                if event["event_type"] == "engagement":
                    for name in ("engaged_ms", "scroll_depth"):
                        known[name] = max(known.get(name, 0), event.get(name, 0))
        return [event for event in result.values() if event_type in (None, event["event_type"])]

    def paths(self) -> list[str]:
        """Return the paths of the page views in order of arrival."""
        return [urlsplit(view["page_url"]).path for view in self.events("page_view")]

    def _result(self, event: Fact, session_id: str) -> dict[str, Any]:
        result = {"event_id": event.get("event_id"), "session_id": session_id}
        if message := why_invalid(event):
            return {
                "event_id": None,
                "session_id": None,
                "status": "invalid",
                "message": message,
            }
        reason = self._drop_reason
        # A site's own event of that name belongs to no page view.
        if event["event_type"] == "engagement" and "engaged_ms" not in event:
            reason = "no_page_view"
        if reason:
            message = DropReason(reason).message
            return {**result, "session_id": None, "status": "dropped", "message": message}
        return {**result, "status": "stored", "message": "Event processed successfully"}

    def ending(self) -> tuple[int | str, dict[str, str]]:
        """Return how the next request ends."""
        with self.lock:
            ending, headers = self._ending, self._ending_headers
            if self._ending_times is not None:
                self._ending_times -= 1
                if self._ending_times <= 0:
                    self._ending, self._ending_times, self._ending_headers = 200, None, {}
        return ending, headers

    def answer(self, events: list[Fact]) -> dict[str, Any]:
        """Respond as the collector does; events without a valid session id get a new one."""
        session_id = next(
            (e["session_id"] for e in events if str(e.get("session_id")).startswith("sess_")),
            None,
        )
        if session_id is None:
            with self.lock:
                self._sessions += 1
                session_id = f"sess_20261121_{self._sessions:08x}"
        results = [self._result(event, session_id) for event in events]
        return {"message": "Events processed", "session_id": session_id, "results": results}


def until(answer: Callable[[], Any], *, page: Any = None, seconds: float = 8.0) -> Any:
    """Wait until a function returns a true value, and return it."""
    end = time.monotonic() + seconds
    while not (found := answer()):
        if time.monotonic() > end:
            return found
        # Playwright's own waiting keeps the page's events flowing.
        if page is None or page.is_closed():
            time.sleep(0.02)
        else:
            page.wait_for_timeout(20)
    return found


@contextmanager
def recording(forward_to: str | None = None) -> Iterator[Recorder]:
    """Run a recorder on a free port of 127.0.0.1."""
    recorder = Recorder(forward_to)

    class Handler(_Handler):
        known = recorder

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder.port = server.server_port
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        recorder.recover()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    known: Recorder
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Do not log."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, OSError):
            self.close_connection = True

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        with self.known.lock:
            self.known.requests.append(path)
        if path in self.known.pages:
            status, html, headers = self.known.pages[path]
            return self._reply(status, html.encode(), HTML, headers)
        if path.endswith(("tracker.js", "/stats/s.js")):
            source = self.known.before_tracker + tracker_source()
            return self._reply(200, source, JAVASCRIPT, CORS)
        if path.endswith("static/tracker_more.js"):
            return self._reply(200, more_source(), JAVASCRIPT, CORS)
        if self._visit_site("GET"):
            return None
        return self._reply(404, b"<title>Nothing here</title>", HTML)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self._visit_site("POST"):
            return None
        body = json.loads(raw)
        events = body.get("events", [body]) if isinstance(body, dict) else body
        ending, headers = self.known.ending()
        if ending == "cut":
            self._record(events, "cut")
            return self._hang_up()
        if ending == "hold":
            self.known.released.wait(30)
            ending = 200
        self._record(events, 200 if ending in ("lost", "text") else ending)
        if ending == "text":
            return self._reply(200, b"fine", "text/html", CORS)
        if ending == "lost":
            return self._hang_up()
        if ending == 200 and self.known.forward_to:
            return self._forward(raw)
        answer: dict[str, Any] = {"status": "error"}
        if ending == 200:
            answer = self.known.answer(events)
        if ending == 200 and isinstance(body, dict) and "events" not in body:
            answer = {**answer["results"][0], "message": "Event processed successfully"}
            answer.pop("status")
        text = json.dumps(answer).encode()
        return self._reply(int(ending), text, "application/json", {**CORS, **headers})

    def _visit_site(self, method: str) -> bool:
        """Respond with the site if the path belongs to it."""
        reply = self.known.site and self.known.site.reply(method, self.path)
        if reply:
            self._reply(reply.status, reply.body, reply.content_type, reply.headers)
        return bool(reply)

    def _record(self, events: list[Fact], status: int | str) -> None:
        with self.known.lock:
            self.known.deliveries.append(
                Delivery(time.time(), self.path, dict(self.headers), events, status)
            )

    def _forward(self, raw: bytes) -> None:
        names = ("Content-Type", "User-Agent", "DNT", "Sec-GPC")
        headers = {name: self.headers[name] for name in names if name in self.headers}
        request = urllib.request.Request(
            f"{self.known.forward_to}/events", raw, headers, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                self._reply(answer.status, answer.read(), "application/json", CORS)
        except urllib.error.HTTPError as error:
            with error:
                self._reply(error.code, error.read(), "application/json", CORS)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(SHUT_RDWR)

    def _reply(
        self,
        status: int,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)
