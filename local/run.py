"""`make run`: the whole product on this machine, until Ctrl-C.

python -m local.run [--port 8000] [--demo 1] [--state .local] [--expire-seconds 60]

emulator process   AWS: the tables, made by CloudFormation, their contents kept in STATE
app process        the routes on PORT, and expire_sessions each minute
this process       the demo site on PORT+1; starts the others, waits, ends them in order
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
from devkit.emulated_aws.emulated_stack import StackFailed, deploy_stack
from devkit.emulated_aws.emulator import Emulator, start_emulator, without_aws
from devkit.local_secrets import read_token
from devkit.project_paths import DEMO_SITE, RESOURCES, STATE
from devkit.stage_environment import STAGE, app_environment, environment_file, leave_environment
from local.app_server import PortTaken, check_free, serve, stop
from local.demo_data import DemoFailed, fill_demo, is_empty
from local.demo_server import page_server
from local.run_state import (
    PATIENCE_SECONDS,
    CannotRun,
    data_folder,
    half_filled_mark,
    only_here,
    running_mark,
    say_how_it_ended,
)

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36"
)

POLL_SECONDS = 0.3


def main(arguments: list[str]) -> None:
    options = read_options(arguments)
    over = until_stopped()
    orphaned = when_make_is_gone(over)
    try:
        with only_here(options.state):
            # What a killed run leaves needs a moment to notice and to let go of the ports.
            patience = PATIENCE_SECONDS if running_mark(options.state).exists() else 0
            check_free([options.port, options.port + 1], patience)
            run(options, over)
            if not orphaned.is_set():
                running_mark(options.state).unlink()
    except (CannotRun, DemoFailed, PortTaken, ProcessFailed, StackFailed) as error:
        sys.exit(str(error))


def read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.run", description="Run LiveInsight.")
    parser.add_argument("--port", type=int, default=8000, help="the demo site has the next one")
    parser.add_argument("--demo", choices=["0", "1"], default="1", help="0: no demo traffic")
    parser.add_argument("--state", type=Path, default=STATE, help="the folder for the data")
    parser.add_argument("--expire-seconds", type=float, default=60, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not 1 <= options.port <= 65_534:
        parser.error("PORT is a number from 1 to 65534, as the demo site takes the next one")
    options.state = options.state.resolve()
    return options


def run(options: argparse.Namespace, over: threading.Event) -> None:
    state: Path = options.state
    with contextlib.ExitStack() as started:
        emulator = start_emulator(data_folder(state))
        started.callback(emulator.stop)
        say_how_it_ended(state)
        running_mark(state).touch()
        deploy_tables(emulator)
        environment = app_environment(state, emulator.environment)
        if options.demo == "1" and is_empty(environment):
            fill(state, environment, over)
        if not over.is_set():
            app = start_app(options, environment)
            started.callback(app.stop)
            started.enter_context(demo_site(options.port))
            started.enter_context(left_environment(state, environment))
            print_links(options.port, read_token(state))
            watch(over, emulator, app)


def fill(state: Path, environment: Mapping[str, str], over: threading.Event) -> None:
    """Fill the demo site; when that is cut short, the next run begins it anew."""
    mark = half_filled_mark(state)
    mark.touch()
    fill_demo(environment, over)
    if not over.is_set():
        mark.unlink()


def deploy_tables(emulator: Emulator) -> None:
    try:
        deploy_stack(RESOURCES, STAGE, emulator.environment)
    except StackFailed as error:
        raise CannotRun(
            f"The tables of {RESOURCES.name} could not be made: {error}. "
            "Deleting the folder .local/aws begins with empty ones."
        ) from None


def start_app(options: argparse.Namespace, environment: Mapping[str, str]) -> Process:
    log = options.state / "app.log"
    log.unlink(missing_ok=True)
    return child_process.start(
        "local.app_process",
        [str(options.port), str(options.expire_seconds)],
        {**without_aws(os.environ), **environment},
        log,
    )


@contextlib.contextmanager
def demo_site(port: int) -> Iterator[None]:
    server = page_server(DEMO_SITE, port + 1, f"http://127.0.0.1:{port}/tracker.js")
    thread = serve(server)
    try:
        yield
    finally:
        stop(server, thread)


@contextlib.contextmanager
def left_environment(state: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """For `chalice local` in another terminal, as long as this runs."""
    leave_environment(state, environment)
    try:
        yield
    finally:
        environment_file(state).unlink(missing_ok=True)


def watch(over: threading.Event, emulator: Emulator, app: Process) -> None:
    """Wait for the end; a process that ends before is a failure to be told."""
    while not over.wait(POLL_SECONDS):
        for child in (emulator.process, app):
            if child.has_ended:
                raise CannotRun(f"{child.name} has ended by itself; its log is in .local.")


def until_stopped() -> threading.Event:
    """Set by Ctrl-C and SIGTERM; from here on they stop nothing in the middle."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    return over


def when_make_is_gone(over: threading.Event) -> threading.Event:
    """Started by make, end when make has been killed; the event says that it came to that."""
    orphaned = threading.Event()
    parent = os.getppid()

    def wait() -> None:
        while not over.wait(POLL_SECONDS):
            if os.getppid() != parent:
                orphaned.set()
                over.set()

    if "MAKELEVEL" in os.environ:
        threading.Thread(target=wait, daemon=True).start()
    return orphaned


def print_links(port: int, token: str) -> None:
    base = f"http://127.0.0.1:{port}"
    body = '{"event_type": "page_view", "page_url": "https://demo.example/hello"}'
    print(
        f"""
Dashboard   {base}/#token={token}
Demo page   http://127.0.0.1:{port + 1}/
An event    curl -A '{BROWSER}' -H 'Content-Type: application/json' -d '{body}' {base}/events
To stop     Ctrl-C; the data stays in .local
""",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
