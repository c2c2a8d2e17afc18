"""The speed of this machine, for CPU times at one reference speed.

The reference machine decodes a fixed JSON document of 10 MB in 100 ms with the standard
library. The speed varies while others use the machine, so each CPU time is measured between two
measurements of the speed, and the smallest of several is reported."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

REFERENCE_SECONDS = 0.1
DOCUMENT_BYTES = 10_000_000
MEASURE_EVERY_SECONDS = 0.5

T = TypeVar("T")


def cpu_ms(work: Callable[[], T], *, times: int = 3) -> tuple[float, T]:
    """Return the CPU time of `work` in ms at reference speed, and its result."""
    quickest = float("inf")
    before = slowness()
    for _ in range(times):
        started = time.process_time()
        result = work()
        seconds = time.process_time() - started
        after = slowness()
        quickest = min(quickest, seconds * 1000 / ((before + after) / 2))
        before = after
    return quickest, result


def slowness() -> float:
    """Return how many times the reference's time this machine takes now."""
    document = _document()
    started = time.process_time()
    json.loads(document)
    return (time.process_time() - started) / REFERENCE_SECONDS


@dataclass(slots=True)
class CurrentSlowness:
    """The current slowness, measured again after each half second of CPU."""

    value: float = 0.0
    _until: float = 0.0

    def now(self) -> float:
        if time.process_time() >= self._until:
            self.value = slowness()
            self._until = time.process_time() + MEASURE_EVERY_SECONDS
        return self.value


@cache
def _document() -> str:
    """Return objects like those of an API: short texts, numbers, booleans and null."""
    rows = []
    size = number = 0
    while size < DOCUMENT_BYTES:
        row = {
            "id": f"row_{number:08d}",
            "path": f"/section-{number % 37}/page-{number % 1009}",
            "count": number % 5003,
            "share": number % 997 / 1000,
            "open": number % 3 == 0,
            "referrer": None,
            "tags": ["one", "two", str(number % 11)],
        }
        rows.append(json.dumps(row))
        size += len(rows[-1]) + 2
        number += 1
    return f"[{', '.join(rows)}]"[:DOCUMENT_BYTES].rpartition(", {")[0] + "]"
