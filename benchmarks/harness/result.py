"""A measured figure, which the docs may quote, and its goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIGNIFICANT_DIGITS = 3  # of a figure that differs from run to run


@dataclass(frozen=True, slots=True)
class Result:
    """`goal` is the maximum of `value`, or with `at_least` its minimum."""

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
        """The value with three significant digits; whole numbers are not rounded."""
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
        """Return a line of the table that `make bench` prints."""
        line = f"{self.name:58} {self.rounded:>13,} {self.unit:16}"
        if self.goal is None:
            return line.rstrip()
        word = "at least" if self.at_least else "at most"
        return f"{line} {word} {self.goal:,}: {'met' if self.met else 'MISSED'}"
