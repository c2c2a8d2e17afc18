"""The demo site: a few pages with the tracker, to click through and see counted."""

from __future__ import annotations

import mimetypes
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from local.app_server import HOST, PortInUse, port_in_use_message

PLACEHOLDER = b"{{tracker}}"


def page_server(folder: Path, port: int, tracker_url: str) -> ThreadingHTTPServer:
    """Serve the pages of `folder`, with the tracker's URL in place of the placeholder."""
    try:
        return _Server((HOST, port), partial(_Handler, folder, tracker_url.encode()))
    except OSError:
        raise PortInUse(port_in_use_message(port - 1)) from None


def find_page(folder: Path, path: str) -> Path | None:
    """Return the file for a URL path: `/` is index.html, `/pricing` also pricing.html."""
    name = unquote(path).strip("/") or "index.html"
    for candidate in (name, f"{name}.html", f"{name}/index.html"):
        file = (folder / candidate).resolve()
        if file.is_relative_to(folder.resolve()) and file.is_file():
            return file
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def __init__(self, folder: Path, tracker_url: bytes, *connection: Any) -> None:
        self._folder = folder
        self._tracker_url = tracker_url
        super().__init__(*connection)

    def do_GET(self) -> None:
        file = find_page(self._folder, urlsplit(self.path).path)
        if file:
            self._answer(200, file)
        else:
            self._answer(404, self._folder / "404.html")

    do_HEAD = do_GET  # noqa: N815 - the base class looks for this name

    def _answer(self, status: int, file: Path) -> None:
        body = file.read_bytes() if file.is_file() else b"Page not found."
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            body = body.replace(PLACEHOLDER, self._tracker_url)
            kind += "; charset=utf-8"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Do not log requests."""
