"""The collect function behind HTTP, as a Lambda Function URL serves it."""

from __future__ import annotations

import logging
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from chalicelib.web.function_url import handle
from devkit.url_event import url_event
from local.app_server import HOST, FastServer, PortInUse, port_in_use_message

logger = logging.getLogger("local.url_server")


def url_server(port: int) -> HTTPServer:
    """Bind the collect function to a port, or to any free one for 0."""
    try:
        return FastServer((HOST, port), UrlHandler)
    except OSError:
        raise PortInUse(port_in_use_message(port)) from None


class UrlHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        address = str(self.client_address[0])
        event = url_event(self.command, self.path, body, dict(self.headers), address=address)
        self._send(handle(event, None))

    do_GET = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815

    def _send(self, answer: dict[str, Any]) -> None:
        body = answer["body"]
        content = b64decode(body) if answer["isBase64Encoded"] else body.encode()
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        logger.info("%s %s", self.address_string(), format % args)
