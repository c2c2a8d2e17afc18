"""Runs the app's scheduled function as EventBridge does, each run on its own."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice.local import LambdaContext

from devkit.emulated_aws.emulator import REGION

ACCOUNT = "000000000000"
TIMEOUT_MS = 55_000
MEMORY_MB = 512

Handler = Callable[[dict[str, Any], LambdaContext], Any]


class Scheduler:
    """Calls a scheduled function every `seconds`. A failed run is logged; the next one runs."""

    def __init__(self, name: str, handler: Handler, seconds: float) -> None:
        self._name = name
        self._handler = handler
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name=f"schedule-{name}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Wait for the current run, and start no other."""
        self._over.set()
        self._thread.join()

    def _repeat(self) -> None:
        while not self._over.wait(self._seconds):
            # Each run has a thread, so that an error is reported and ends that run only.
            run = threading.Thread(target=self._run, name=self._name)
            run.start()
            run.join()

    def _run(self) -> None:
        context = LambdaContext(self._name, MEMORY_MB, max_runtime_ms=TIMEOUT_MS)
        self._handler(scheduled_event(self._name, datetime.now(UTC)), context)


def scheduled_event(rule: str, now: datetime) -> dict[str, Any]:
    """Return the event that EventBridge sends for a scheduled rule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }
