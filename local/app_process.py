"""The process of the app: its routes and its collect function behind HTTP, its scheduled job
every minute.

    python -m local.app_process PORT COLLECT_PORT EXPIRE_SECONDS      port 0: any free port

The environment is that of the app in Lambda. Its output goes to a log file.
"""

from __future__ import annotations

import sys
import threading

from devkit.emulated_aws.child_process import on_parent_exit, report_failure, report_ready
from devkit.emulated_aws.scheduler import Scheduler
from local.app_server import PortInUse, app_server, serve, stop_server


def main(port: int, collect_port: int, expire_seconds: float) -> None:
    sys.stdout = sys.stderr
    import app as product
    from local.url_server import url_server

    try:
        servers = [app_server(product.app, port), url_server(collect_port)]
    except PortInUse as error:
        report_failure(str(error))
        return
    stopping = threading.Event()
    on_parent_exit(stopping.set)
    schedule = Scheduler("expire_sessions", product.expire_sessions, expire_seconds)
    schedule.start()
    threads = [serve(server) for server in servers]
    url, collect_url = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    report_ready(url=url, collect_url=collect_url)
    stopping.wait()
    for server, thread in zip(servers, threads, strict=True):
        stop_server(server, thread)
    schedule.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
