"""The app behind HTTP, on the server of `chalice local` with its two brakes released.

Stock, that one answers a kept-alive connection 40 ms late, because headers and body leave as
two packets, and refuses connections when a handful come at once.
"""

from __future__ import annotations

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

from devkit.project_paths import ROOT
from devkit.stage_environment import STAGE

HOST = "127.0.0.1"
logger = logging.getLogger("local.app_server")


class PortTaken(Exception):
    """Another program listens there; the message says so and what to do."""


class QuickHandler(ChaliceRequestHandler):
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        logger.info("%s %s", self.address_string(), format % args)


class QuickServer(ThreadedHTTPServer):
    request_queue_size = 256


def app_server(app: Chalice, port: int) -> HTTPServer:
    """The app on a port, 0 for any free one. It listens at once; `serve` makes it answer."""
    config = CLIFactory(str(ROOT)).create_config_obj(chalice_stage_name=STAGE)
    if not isinstance(app, LocalChalice):
        # As chalice.local.create_local_server does: one current_request for each thread.
        CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
        app.__class__ = CustomLocalChalice
    try:
        local = LocalDevServer(
            app, config, HOST, port, handler_cls=QuickHandler, server_cls=QuickServer
        )
    except OSError:
        raise PortTaken(taken(port)) from None
    server: HTTPServer = local.server
    return server


def serve(server: HTTPServer) -> threading.Thread:
    """Answer in a thread of its own until `server.shutdown()`."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    return thread


def stop(server: HTTPServer, thread: threading.Thread) -> None:
    server.shutdown()
    thread.join()
    server.server_close()


def check_free(ports: Iterable[int], patience_seconds: float = 0) -> None:
    """Raise PortTaken for the first port that something listens on, and goes on to."""
    deadline = time.monotonic() + patience_seconds
    for port in ports:
        while not is_free(port):
            if time.monotonic() > deadline:
                raise PortTaken(taken(port))
            time.sleep(0.1)


def is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def taken(port: int) -> str:
    return (
        f"Port {port} is taken by another program. Choose another one, for example: "
        f"make run PORT={port + 1000} (the demo page takes the one after it)."
    )
