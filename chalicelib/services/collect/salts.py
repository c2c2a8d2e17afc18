"""The salts of the days, each read once by a process: a salt never changes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chalicelib.domain.query.calendar import DAY
from chalicelib.services.report_days import day_of, whole
from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import ActiveSessionTable

KEPT = timedelta(hours=24)  # after the end of its day: so late may an event of it come


def salt_of(at: int, table: ActiveSessionTable, settings: Settings) -> bytes:
    """The salt of the day on which `at` (ms) lies."""
    day = day_of(at, settings)
    return _salt(table, day, _delete_at(day, settings))


def salts_of_last_day(now: int, table: ActiveSessionTable, settings: Settings) -> list[bytes]:
    """Those of the days that the 24 hours before `now` (ms) touch, the newest first. Two, but
    where clocks are changed: then the 24 hours can have a whole day in them, or be in one."""
    day = date.fromisoformat(day_of(now - KEPT // timedelta(milliseconds=1), settings))
    last = date.fromisoformat(day_of(now, settings))
    days = [day + DAY * number for number in range((last - day).days + 1)]
    return [
        _salt(table, one.isoformat(), _delete_at(one.isoformat(), settings))
        for one in reversed(days)
    ]


def _delete_at(day: str, settings: Settings) -> int:
    """Seconds since 1970."""
    return whole(day, settings).end // 1000 + int(KEPT.total_seconds())


@lru_cache(maxsize=8)
def _salt(table: ActiveSessionTable, day: str, delete_at: int) -> bytes:
    return table.salt(day, delete_at=delete_at)
