"""The process of ministack: serves it, saves what it holds, ends when its parent does.

    python -m devkit.emulated_aws.emulator_process STATE        started by emulator.py

A lock in the folder STATE keeps two of them apart: the second waits until the first has saved.

By itself ministack saves only on a clean end. Here a fork writes the state down a few seconds
after a change as well: the copy stands still while the original goes on answering. What a kill
can lose is the little that came after the last of these.
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

from devkit.emulated_aws.child_process import say_ready, when_parent_ends
from devkit.emulated_aws.emulator import wait_for_lock

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LEAST_PAUSE_SECONDS = 3.0
PAUSE_PER_SAVING_SECOND = 15  # a large state is saved less often: at most this part of the time

READING = ("Get", "BatchGet", "Query", "Scan", "Describe", "List")


def main(state: Path) -> None:
    lock = wait_for_lock(state)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)  # before ministack is imported: it reads it then
    sys.stdout = sys.stderr
    asyncio.run(serve(listener, lambda: say_ready(url=f"http://127.0.0.1:{port}")))
    lock.close()


async def serve(listener: socket.socket, on_ready: Callable[[], None]) -> None:
    from hypercorn.asyncio import serve as serve_asgi
    from hypercorn.config import Config
    from ministack import app as ministack

    ministack.save_all = save  # the same files, written ten times faster
    read_templates_quickly()
    watch = Watch(ministack.app, on_ready)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    when_parent_ends(lambda: loop.call_soon_threadsafe(over.set))
    saver = asyncio.create_task(save_after_changes(watch, ministack))
    await serve_asgi(cast(Any, watch), config, mode="asgi", shutdown_trigger=over.wait)
    saver.cancel()


class Watch:
    """ministack, with an eye on when it is ready and on whether anything may have changed."""

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
    """Anything but a DynamoDB operation that is known to read only."""
    target = dict(scope.get("headers", ())).get(b"x-amz-target", b"").decode("latin-1")
    service, _, operation = target.rpartition(".")
    return not (service.startswith("DynamoDB") and operation.startswith(READING))


async def save_after_changes(watch: Watch, ministack: Any) -> None:
    pause = LEAST_PAUSE_SECONDS
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
        pause = max(LEAST_PAUSE_SECONDS, took * PAUSE_PER_SAVING_SECOND)


def save_and_exit(ministack: Any) -> None:
    """In the fork: no thread but this one lives on, so nothing changes any more."""
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
    """Write each service's state as ministack does, and whole or not at all."""
    from ministack.core import persistence
    from ministack.services import dynamodb

    # Nothing else runs while this does: the copies that get_state makes would only cost time.
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


def read_templates_quickly() -> None:
    """By the parser of PyYAML that is written in C: ministack's, in Python, takes more than a
    second for our template, and reads it several times in a deployment."""
    import yaml
    from ministack.services.cloudformation import engine

    class Loader(yaml.CSafeLoader):
        yaml_constructors = engine.CfnLoader.yaml_constructors
        yaml_multi_constructors = engine.CfnLoader.yaml_multi_constructors
        yaml_implicit_resolvers = engine.CfnLoader.yaml_implicit_resolvers

    engine.CfnLoader = Loader


class _NoCopy:
    """Stands for the module `copy`."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value


if __name__ == "__main__":
    main(Path(sys.argv[1]))
