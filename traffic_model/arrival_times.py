"""When sessions begin: shapes over a number of days, sampled by cumulative weight."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate

HOUR_MS = 3_600_000
DAY_HOURS = 24

# By local hour: a shop is quietest at three in the morning and busiest at eight in the evening.
BY_HOUR = (
    3.0, 2.0, 1.4, 1.1, 1.0, 1.3, 2.0, 3.2, 4.2, 5.0, 5.5, 5.7,
    5.8, 5.7, 5.6, 5.6, 5.8, 6.2, 6.8, 7.6, 8.0, 7.4, 6.0, 4.4,
)  # fmt: skip
WEEKEND = 1.15
GROWTH = 0.30  # over the whole period

NEWSLETTER_DAYS_AGO = (7, 21)
THREAD_DAYS_AGO = 12


class TimeShapes:
    """The `days` before `until` (ms). `time_at` maps a number from 0 to 1 to a time."""

    def __init__(self, until: int, days: int) -> None:
        self._begin = until - days * DAY_HOURS * HOUR_MS
        self._hours = days * DAY_HOURS
        self._days = days
        self._cumulative = cache(self._cumulate)

    def time_at(self, shape: str, utc_offset: int, drawn: float) -> int:
        """Return a time in ms; `shape` is one of SHAPES, `utc_offset` is in hours."""
        cumulative = self._cumulative(shape, utc_offset)
        target = drawn * cumulative[-1]
        hour = min(bisect(cumulative, target), self._hours - 1)
        before = cumulative[hour - 1] if hour else 0.0
        within = (target - before) / (cumulative[hour] - before)
        return self._begin + int((hour + within) * HOUR_MS)

    def _cumulate(self, shape: str, utc_offset: int) -> list[float]:
        return list(accumulate(self._weight(shape, utc_offset, h) for h in range(self._hours)))

    def _weight(self, shape: str, utc_offset: int, hour: int) -> float:
        at = self._begin + hour * HOUR_MS + HOUR_MS // 2
        local = datetime.fromtimestamp((at + utc_offset * HOUR_MS) / 1000, UTC)
        usual = BY_HOUR[local.hour] * (WEEKEND if local.weekday() >= 5 else 1.0)
        grown = usual * (1 + GROWTH * hour / self._hours)
        return grown * SHAPES[shape](self._days - hour / DAY_HOURS)


def _usual(_: float) -> float:
    return 1.0


def _newsletter(days_ago: float) -> float:
    """Model a newsletter, which brings half of its visitors on the first day and fewer each day
    after."""
    ages = [sent - days_ago for sent in NEWSLETTER_DAYS_AGO]
    return 0.02 + sum(math.pow(0.5, age) for age in ages if age >= 0)


def _thread(days_ago: float) -> float:
    """Model a forum thread, which brings many visitors for a day and a few afterwards."""
    age = THREAD_DAYS_AGO - days_ago
    return 0.05 + (math.pow(0.1, age) if age >= 0 else 0.0)


# Factors of the usual weight, by the number of days ago.
SHAPES: dict[str, Callable[[float], float]] = {
    "usual": _usual,
    "newsletter": _newsletter,
    "thread": _thread,
}
