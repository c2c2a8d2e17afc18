"""The process that runs ministack, saves its data and ends with its parent.

    python -m devkit.emulated_aws.emulator_process STATE PORT    started by emulator.py

A lock in the folder STATE keeps out a second process, which waits until the first has saved.

ministack saves on a clean shutdown only: not at intervals, and not on request. Here, a fork
also saves the state a few seconds after a change: the fork's copy does not change while the
original serves requests. A kill loses at most the changes since the last save.

ministack's own save of 4,000 sessions takes 3.3 seconds, ours 0.6. With the pauses between
saves in proportion, a kill would lose up to 50 seconds instead of 9. `save` therefore uses
private names of ministack; tests/devkit/emulated_aws fails if a new version changes them.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from devkit.emulated_aws.child_process import on_parent_exit, report_ready
from devkit.emulated_aws.emulator import acquire_lock

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MIN_SAVE_INTERVAL_SECONDS = 3.0
SAVE_INTERVAL_FACTOR = 15  # so saving takes at most a sixteenth of the time

READ_OPERATIONS = ("Get", "BatchGet", "Query", "Scan", "Describe", "List")


def main(state: Path, port: int) -> None:
    lock = acquire_lock(state)
    listener = socket.create_server(("127.0.0.1", port), backlog=256)
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)  # ministack reads it on import
    sys.stdout = sys.stderr
    asyncio.run(serve(listener, lambda: report_ready(url=f"http://127.0.0.1:{port}")))
    lock.close()


async def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    from hypercorn.asyncio import serve as serve_asgi
    from hypercorn.config import Config
    from ministack import app as ministack

    ministack.save_all = save  # writes the same files five times faster
    use_fast_template_parser()
    watch = ChangeWatcher(ministack.app, on_ready)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    on_parent_exit(lambda: loop.call_soon_threadsafe(stopping.set))
    saver = asyncio.create_task(save_after_changes(watch, ministack))
    await serve_asgi(cast(Any, watch), config, mode="asgi", shutdown_trigger=stopping.wait)
    saver.cancel()


class ChangeWatcher:
    """Wraps ministack's ASGI app: reports when it is ready, and notes possible changes."""

    def __init__(self, app: Any, on_ready: Callable[[], None]) -> None:
        self._app = app
        self._on_ready = on_ready
        self.has_changed = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, self._announcing(send))
            return
        await self._app(scope, receive, send)
        self.has_changed = self.has_changed or may_change(scope)

    def _announcing(self, send: Send) -> Send:
        async def announce(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._on_ready()

        return announce


def may_change(scope: Message) -> bool:
    """Return False only for DynamoDB operations that are known to read."""
    target = dict(scope.get("headers", ())).get(b"x-amz-target", b"").decode("latin-1")
    service, _, operation = target.rpartition(".")
    return not (service.startswith("DynamoDB") and operation.startswith(READ_OPERATIONS))


async def save_after_changes(watch: ChangeWatcher, ministack: Any) -> None:
    pause = MIN_SAVE_INTERVAL_SECONDS
    while True:
        await asyncio.sleep(pause)
        if not watch.has_changed:
            continue
        watch.has_changed = False
        started = time.monotonic()
        copy = os.fork()
        if copy == 0:
            save_and_exit(ministack)
        _, status = await asyncio.to_thread(os.waitpid, copy, 0)
        watch.has_changed = watch.has_changed or status != 0
        took = time.monotonic() - started
        pause = max(MIN_SAVE_INTERVAL_SECONDS, took * SAVE_INTERVAL_FACTOR)


def save_and_exit(ministack: Any) -> None:
    """Save the state in a fork, where no other thread runs, so it cannot change."""
    status = 1
    try:
        os.nice(10)
        save(ministack._build_persistence_save_dict())
        status = 0
    except OSError as error:
        print(f"The state could not be saved: {error}", file=sys.stderr)
    finally:
        os._exit(status)


def save(services: Mapping[str, Callable[[], Any]]) -> None:
    """Write each service's state as ministack does, atomically."""
    from ministack.core import persistence
    from ministack.services import dynamodb

    # The state cannot change meanwhile, so get_state need not copy it.
    dynamodb.copy = _NoCopy
    for name, get_state in services.items():
        state = get_state()
        if state is None:
            continue
        version = persistence._state_format_version(name)
        text = json.dumps(
            {"__ministack_format__": version, "payload": state},
            default=persistence._json_default,
        )
        path = Path(persistence.STATE_DIR) / f"{name}.json"
        part = path.with_suffix(".json.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def use_fast_template_parser() -> None:
    """Use PyYAML's parser in C. ministack's, in Python, takes more than a second for our
    template, several times in a deployment."""
    import yaml
    from ministack.services.cloudformation import engine

    class Loader(yaml.CSafeLoader):
        yaml_constructors = engine.CfnLoader.yaml_constructors
        yaml_multi_constructors = engine.CfnLoader.yaml_multi_constructors
        yaml_implicit_resolvers = engine.CfnLoader.yaml_implicit_resolvers

    engine.CfnLoader = Loader


class _NoCopy:
    """Replaces the module `copy`."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
