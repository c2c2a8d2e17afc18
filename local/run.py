"""`make run`: the whole product on this machine, until Ctrl-C.

python -m local.run [--port 8000] [--demo 1] [--state .local] [--expire-seconds 60]

emulator process   AWS: CloudFormation creates the tables; their data is kept in STATE
app process        the routes on PORT, the collect function on PORT+2, and expire_sessions
                   every minute
this process       the demo site on PORT+1; starts the others and stops them in order
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from devkit.emulated_aws import child_process
from devkit.emulated_aws.child_process import Process, ProcessFailed
from devkit.emulated_aws.emulated_stack import deploy_stack
from devkit.emulated_aws.emulator import Emulator, start_emulator, without_aws
from devkit.infrastructure.cloudformation import StackFailed
from devkit.local_secrets import read_token
from devkit.project_paths import DEMO_SITE, LOCAL_STATE, RESOURCES
from devkit.stage_environment import STAGE, app_environment, environment_file, write_environment
from devkit.user_agent_header import CHROME
from local.app_server import PortInUse, check_ports, serve, stop_server
from local.demo_data import DemoFailed, fill_demo, is_empty
from local.demo_server import page_server
from local.run_state import (
    PATIENCE_SECONDS,
    CannotRun,
    data_folder,
    exclusive_run,
    incomplete_demo_marker,
    report_previous_run,
    running_marker,
)

POLL_SECONDS = 0.3


def main(arguments: list[str]) -> None:
    options = read_options(arguments)
    stopping = stop_event()
    orphaned = watch_make(stopping)
    try:
        with exclusive_run(options.state):
            # The processes of a killed run need a moment to stop and free the ports.
            patience = PATIENCE_SECONDS if running_marker(options.state).exists() else 0
            check_ports(range(options.port, options.port + 3), patience)
            run(options, stopping)
            if not orphaned.is_set():
                running_marker(options.state).unlink()
    except (CannotRun, DemoFailed, PortInUse, ProcessFailed, StackFailed) as error:
        sys.exit(str(error))


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.run",
        description="Run LiveInsight on this machine, with an AWS emulator and a demo site.",
    )
    port_help = "port of the app; the demo site uses the next one (default: 8000)"
    parser.add_argument("--port", type=int, default=8000, help=port_help)
    demo_help = "1: start with 30 days of sample traffic (default). 0: start with empty tables"
    parser.add_argument("--demo", choices=["0", "1"], default="1", help=demo_help)
    state_help = "folder in which the data is stored (default: .local)"
    parser.add_argument("--state", type=Path, default=LOCAL_STATE, help=state_help)
    parser.add_argument("--expire-seconds", type=float, default=60, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not 1 <= options.port <= 65_533:
        parser.error("PORT must be from 1 to 65533; the two ports after it are used, too")
    options.state = options.state.resolve()
    return options


def run(options: argparse.Namespace, stopping: threading.Event) -> None:
    state: Path = options.state
    with contextlib.ExitStack() as started:
        emulator = start_emulator(data_folder(state))
        started.callback(emulator.stop)
        report_previous_run(state)
        running_marker(state).touch()
        deploy_tables(emulator)
        environment = app_environment(state, emulator.environment)
        if options.demo == "1" and is_empty(environment):
            fill_demo_site(state, environment, stopping)
        if not stopping.is_set():
            app = start_app(options, environment)
            started.callback(app.stop)
            started.enter_context(demo_site(options.port))
            started.enter_context(exported_environment(state, environment))
            print_links(options.port, read_token(state))
            wait_for_exit(stopping, emulator, app)


def fill_demo_site(
    state: Path, environment: Mapping[str, str], stopping: threading.Event
) -> None:
    """Fill the demo site. If this is interrupted, the next run starts over."""
    mark = incomplete_demo_marker(state)
    mark.touch()
    fill_demo(environment, stopping)
    if not stopping.is_set():
        mark.unlink()


def deploy_tables(emulator: Emulator) -> None:
    try:
        deploy_stack(RESOURCES, STAGE, emulator.environment)
    except StackFailed as error:
        raise CannotRun(
            f"The tables of {RESOURCES.name} could not be created: {error}. "
            "Delete the folder .local/aws to start with empty ones."
        ) from None


def start_app(options: argparse.Namespace, environment: Mapping[str, str]) -> Process:
    log = options.state / "app.log"
    log.unlink(missing_ok=True)
    return child_process.start(
        "local.app_process",
        [str(options.port), str(options.port + 2), str(options.expire_seconds)],
        {**without_aws(os.environ), **environment},
        log,
    )


@contextlib.contextmanager
def demo_site(port: int) -> Iterator[None]:
    server = page_server(DEMO_SITE, port + 1, f"http://127.0.0.1:{port + 2}/tracker.js")
    thread = serve(server)
    try:
        yield
    finally:
        stop_server(server, thread)


@contextlib.contextmanager
def exported_environment(state: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Write the environment for `chalice local` in another terminal while this runs."""
    write_environment(state, environment)
    try:
        yield
    finally:
        environment_file(state).unlink(missing_ok=True)


def wait_for_exit(stopping: threading.Event, emulator: Emulator, app: Process) -> None:
    """Wait until stopped; raise CannotRun if a child process exits first."""
    while not stopping.wait(POLL_SECONDS):
        for child in (emulator.process, app):
            if child.has_ended:
                raise CannotRun(f"{child.name} exited unexpectedly; see .local/*.log.")


def stop_event() -> threading.Event:
    """Return an event that Ctrl-C, SIGTERM and SIGHUP set, instead of interrupting."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def watch_make(stopping: threading.Event) -> threading.Event:
    """If make started this, stop when make is killed; return the event that records it."""
    orphaned = threading.Event()
    parent = os.getppid()

    def wait() -> None:
        while not stopping.wait(POLL_SECONDS):
            if os.getppid() != parent:
                orphaned.set()
                stopping.set()

    if "MAKELEVEL" in os.environ:
        threading.Thread(target=wait, daemon=True).start()
    return orphaned


def print_links(port: int, token: str) -> None:
    base, collect = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 2}"
    body = '{"event_type": "page_view", "page_url": "https://demo.example/hello"}'
    print(
        f"""
Dashboard   {base}/#token={token}
Demo page   http://127.0.0.1:{port + 1}/
Your pages  <script defer src="{collect}/tracker.js"></script>
An event    curl -A '{CHROME}' -H 'Content-Type: application/json' -d '{body}' {collect}/events
To stop     Ctrl-C; the data stays in .local
""",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
