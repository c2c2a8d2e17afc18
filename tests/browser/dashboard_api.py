"""A stand-in for the app: serves the dashboard and answers of the documented shapes.

For states that are hard to reach with the real app. The site that is asked for chooses:

    example.com        a lively site, 120 days long    slow.example     the same, late
    quiet.example      visitors, but long ago          broken.example   every answer is a 500
    new.example        never had an event              hostile.example  values that are attacks
    plain.example      what the first version of the API answers: few dimensions, nothing more

The token is `let-me-in`; any other is a 401. Started by hand (`python -m
tests.browser.dashboard_api 8765`) it serves the page for looking at it.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.browser import dashboard_figures as figures
from tests.browser.dashboard_world import DAY, Visit, hostile, session_form, until, world

STATIC = Path(__file__).parents[2] / "chalicelib" / "static"
VENDOR = STATIC / "vendor"
TOKEN = "let-me-in"
CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SPECIAL = ("broken", "hostile", "new", "plain", "quiet", "slow")
SITES = ["example.com", *(f"{name}.example" for name in SPECIAL)]
FIRST_DIMENSIONS = {
    *("page", "entry_page", "exit_page", "referrer", "hostname", "language", "screen"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
}


@dataclass
class StandIn:
    """What a test may look at and change while the server runs."""

    url: str = ""
    began: int = field(default_factory=lambda: int(time.time() * 1000))
    later: int = 0  # how long ago `began` is
    stands_still: bool = True
    visits_a_day: int = 60
    sites: list[str] = field(default_factory=lambda: list(SITES))
    requests: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)  # gzipped bytes of each file served
    fail_with: int | None = None  # every API answer has this status
    first_visit_at_new: bool = False
    all_hours: bool = True  # else `limit` cuts the hours of the week as well

    @property
    def now(self) -> int:
        return self.began + self.later if self.stands_still else int(time.time() * 1000)

    def asked(self, path: str) -> list[str]:
        """The requests whose path ends so, with their queries, oldest first."""
        return [request for request in self.requests if urlsplit(request).path.endswith(path)]

    def visits(self, site: str) -> list[Visit]:
        if site == "new.example":
            return (
                until(world(self.began, 1, 0, 3), self.now) if self.first_visit_at_new else []
            )
        if site == "quiet.example":
            return until(world(self.began, 120, 40, 0), self.now - 60 * DAY)
        if site == "hostile.example":
            return hostile(until(world(self.began, 20, 30, 40), self.now))
        return until(world(self.began, 120, self.visits_a_day, 60), self.now)


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


def answer(state: StandIn, path: str, query: dict[str, str]) -> Any:
    """The `data` of one API answer; raises Refused for an error."""
    if path == "sites":
        return {"sites": state.sites}
    site = query.get("site", "example.com")
    if site not in SITES:
        raise Refused(403, "site: this token may not read it")
    if site == "slow.example":
        time.sleep(1.5)
    if site == "broken.example":
        raise Refused(500, "Something went wrong here. It has been counted.")
    visits, now = state.visits(site), state.now
    if path == "realtime":
        return figures.realtime(visits, site, now)
    if path == "stats":
        answered = _first_version(site, query)
        return figures.stats(visits, site, now, answered, all_hours=state.all_hours)
    if site == "plain.example":
        raise Refused(404, "This address does not exist.")
    if path == "sessions":
        return figures.session_list(visits, site, now, query)
    if path.startswith("sessions/"):
        visit = next(
            (v for v in visits if v.session_id == path.removeprefix("sessions/")), None
        )
        if visit is None:
            raise Refused(404, "session_id: there is no such session")
        timeline = [
            {
                "event_id": f"evt_{number}",
                "event_type": step.event_type,
                "timestamp": figures.iso(step.at),
                "page_url": f"https://{site}{step.page}",
                "title": None,
                "engaged_ms": step.engaged_ms,
                "scroll_depth": 60 if step.engaged_ms else None,
                "props": step.props,
            }
            for number, step in enumerate(visit.steps)
        ]
        return {"session": session_form(visit, site, now, figures.iso), "timeline": timeline}
    if path == "events":
        props = [{"event_type": "signup", "props": {"plan": "free"}}]
        return {"events": props, "cursor": None}
    raise Refused(404, "This address does not exist.")


def _first_version(site: str, query: dict[str, str]) -> dict[str, str]:
    if site != "plain.example":
        return query
    if query.get("compare"):
        raise Refused(400, "compare: not yet answered")
    for name in query.get("dimensions", "").split(","):
        if name and name not in FIRST_DIMENSIONS:
            raise Refused(
                400, f"dimensions: {name} is not one of {', '.join(sorted(FIRST_DIMENSIONS))}"
            )
    return {
        **query,
        "dimensions": query.get("dimensions") or ",".join(sorted(FIRST_DIMENSIONS)),
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: StandIn

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/prod")
        self.state.requests.append(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if path.startswith("/api/"):
            self._answer(unquote(path.removeprefix("/api/")), query)
        elif path == "/":
            self._file("dashboard.html")
        else:
            self._file(path.rsplit("/", 1)[-1])

    def _answer(self, path: str, query: dict[str, str]) -> None:
        state = self.state
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._error(401, "token: reading needs one")
        elif state.fail_with:
            self._error(state.fail_with, "The service is resting.")
        elif path == "export":
            self._export(query)
        else:
            try:
                reply = {"status": "success", "data": answer(state, path, query)}
                self._send(200, json.dumps(reply).encode(), "application/json")
            except Refused as refused:
                self._error(refused.status, refused.message)

    def _export(self, query: dict[str, str]) -> None:
        site = query["site"]
        found = figures.session_list(self.state.visits(site), site, self.state.now, query)
        rows = found["sessions"]
        if query.get("format") == "ndjson":
            text = "".join(json.dumps(row) + "\n" for row in rows)
        else:
            lines = [rows[0].keys(), *(row.values() for row in rows)]
            text = "".join(
                ",".join(str(cell or "") for cell in line) + "\r\n" for line in lines
            )
        cursor = {"x-liveinsight-cursor": found["cursor"]} if found["cursor"] else {}
        self._send(200, text.encode(), "text/plain; charset=utf-8", cursor)

    def _error(self, status: int, message: str) -> None:
        body = json.dumps({"status": "error", "message": message}).encode()
        self._send(status, body, "application/json")

    def _file(self, name: str) -> None:
        found = [
            folder / name for folder in (VENDOR, STATIC) if name and (folder / name).is_file()
        ]
        if not found:
            self._send(404, b"", "text/plain")
            return
        body = found[0].read_bytes()
        self.state.sizes[name] = len(gzip.compress(body, 9))
        self._send(200, body, CONTENT_TYPES.get(found[0].suffix, "text/plain"))

    def _send(
        self, status: int, body: bytes, content_type: str, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (more or {}).items():
            self.send_header(name, value)
        if "html" in content_type:
            self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # the page asked for something else
            self.wfile.write(body)


@contextmanager
def serving(port: int = 0) -> Iterator[StandIn]:
    """Serve until the block ends."""
    state = StandIn()
    handler: Callable[..., Handler] = type("ThisHandler", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/prod/"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving(int(sys.argv[1]) if len(sys.argv) > 1 else 8765) as running:
        print(f"{running.url}#token={TOKEN}", flush=True)
        running.stands_still = False
        running.visits_a_day = 330
        running.visits("example.com")
        while True:
            time.sleep(60)
