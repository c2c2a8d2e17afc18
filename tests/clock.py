"""A stopped clock, for the modules that wait and retry."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import pytest

from chalicelib.storage.aws import retries


@dataclass
class Clock:
    """Seconds pass only by sleeping, and by what a test adds."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def stop_clock(monkeypatch: pytest.MonkeyPatch, module: ModuleType = retries) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock
