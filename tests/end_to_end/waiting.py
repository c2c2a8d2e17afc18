"""Waits for what happens on its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

LONGEST_WAIT_SECONDS = 90

Answer = TypeVar("Answer")


def until(
    answer: Callable[[], Answer],
    is_right: Callable[[Answer], bool],
    *,
    pause_seconds: float = 0.1,
) -> Answer:
    """Call again and again until the result is right."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not is_right(found := answer()):
        assert time.monotonic() < deadline, found
        time.sleep(pause_seconds)
    return found
