"""The process that the app runs in: its routes behind HTTP, its schedule each minute.

    python -m local.app_process PORT EXPIRE_SECONDS      port 0 is any free one

The environment is the app's, as in Lambda. What it prints there goes to a log here.
"""

from __future__ import annotations

import sys
import threading

from devkit.emulated_aws.child_process import say_failed, say_ready, when_parent_ends
from devkit.emulated_aws.scheduler import Schedule
from local.app_server import PortTaken, app_server, serve, stop


def main(port: int, expire_seconds: float) -> None:
    sys.stdout = sys.stderr
    import app as product

    try:
        server = app_server(product.app, port)
    except PortTaken as error:
        say_failed(str(error))
        return
    over = threading.Event()
    when_parent_ends(over.set)
    schedule = Schedule("expire_sessions", product.expire_sessions, expire_seconds)
    schedule.start()
    thread = serve(server)
    say_ready(url=f"http://127.0.0.1:{server.server_port}")
    over.wait()
    stop(server, thread)
    schedule.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
