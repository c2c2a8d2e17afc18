"""A figure that the README may quote, and the goal that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIGNIFICANT_DIGITS = 3  # that tell something, of a figure that differs from run to run


@dataclass(frozen=True, slots=True)
class Result:
    """`goal` is the most that `value` should be, or the least where `at_least` says so."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def rounded(self) -> float:
        """Whole numbers are told in full."""
        if self.value == int(self.value) or abs(self.value) >= 10**SIGNIFICANT_DIGITS:
            return round(self.value)
        return float(f"{self.value:.{SIGNIFICANT_DIGITS}g}")

    def as_json(self) -> Mapping[str, Any]:
        return {
            "name": self.name,
            "value": self.rounded,
            "unit": self.unit,
            "goal": self.goal,
            "met": self.met,
        }

    def __str__(self) -> str:
        """A line of the table that `make bench` prints."""
        line = f"{self.name:58} {self.rounded:>13,} {self.unit:16}"
        if self.goal is None:
            return line.rstrip()
        word = "at least" if self.at_least else "at most"
        return f"{line} {word} {self.goal:,}: {'met' if self.met else 'MISSED'}"
