"""The clock of the commands, in one place for tests to replace."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def now() -> datetime:
    return datetime.fromtimestamp(now_ms() / 1000, UTC)
