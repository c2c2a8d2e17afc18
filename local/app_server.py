"""The app behind HTTP, on the server of `chalice local` without its two slow settings.

The original answers a kept-alive connection 40 ms late, because headers and body leave as two
packets, and refuses connections when a handful arrive at once.
"""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
from collections.abc import Iterable
from http.server import HTTPServer
from typing import Any

from chalice.app import Chalice
from chalice.cli.factory import CLIFactory
from chalice.local import (
    ChaliceRequestHandler,
    CustomLocalChalice,
    LocalChalice,
    LocalDevServer,
    ThreadedHTTPServer,
)

from chalicelib.web.function_url import MIN_GZIP_BYTES
from devkit.project_paths import ROOT
from devkit.stage_environment import STAGE

HOST = "127.0.0.1"
logger = logging.getLogger("local.app_server")


class PortInUse(Exception):
    """Another program listens on the port; the message suggests another one."""


class FastHandler(ChaliceRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        logger.info("%s %s", self.address_string(), format % args)

    def _send_http_response_with_body(
        self, code: int, headers: dict[str, Any], body: str | bytes
    ) -> None:
        """Compress long responses, as API Gateway does."""
        content = body if isinstance(body, bytes) else body.encode()
        accepted = "gzip" in self.headers.get("accept-encoding", "").lower()
        if accepted and len(content) >= MIN_GZIP_BYTES:
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            content = gzip.compress(content, mtime=0)
        super()._send_http_response_with_body(code, headers, content)


class FastServer(ThreadedHTTPServer):
    request_queue_size = 256


def app_server(app: Chalice, port: int) -> HTTPServer:
    """Bind the app to a port, or to any free one for 0. `serve` makes it answer requests."""
    config = CLIFactory(str(ROOT)).create_config_obj(chalice_stage_name=STAGE)
    if not isinstance(app, LocalChalice):
        # As chalice.local.create_local_server does: each thread has its own current_request.
        CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
        app.__class__ = CustomLocalChalice
    try:
        local = LocalDevServer(
            app, config, HOST, port, handler_cls=FastHandler, server_cls=FastServer
        )
    except OSError:
        raise PortInUse(port_in_use_message(port)) from None
    server: HTTPServer = local.server
    return server


def serve(server: HTTPServer) -> threading.Thread:
    """Serve requests in a new thread until `server.shutdown()`."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    return thread


def stop_server(server: HTTPServer, thread: threading.Thread) -> None:
    server.shutdown()
    thread.join()
    server.server_close()


def check_ports(ports: Iterable[int], patience_seconds: float = 0) -> None:
    """Raise PortInUse for the first port that is still in use after `patience_seconds`."""
    deadline = time.monotonic() + patience_seconds
    for port in ports:
        while not is_free(port):
            if time.monotonic() > deadline:
                raise PortInUse(port_in_use_message(port))
            time.sleep(0.1)


def is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def port_in_use_message(port: int) -> str:
    return (
        f"Port {port} is in use by another program. Choose another one, for example: "
        f"make run PORT={port + 1000} (two more ports follow it)."
    )
