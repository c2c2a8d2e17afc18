"""The salts of the days, each read once per process: a salt never changes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from chalicelib.domain.query.calendar import DAY
from chalicelib.services.context import Context
from chalicelib.services.report_days import day_of, report_day
from chalicelib.settings import Settings
from chalicelib.storage.active_table.salts import SaltTable

KEPT = timedelta(hours=24)  # after the end of its day: an event may arrive that late


def salt_for(at: int, context: Context) -> bytes:
    """Return the salt of the day of `at` (ms)."""
    return _salt(day_of(at, context.settings), context)


def salts_of_last_day(context: Context) -> list[bytes]:
    """Return the salts of the days that the last 24 hours belong to, newest first. Usually two;
    one or three when clocks change."""
    settings, now = context.settings, context.now
    first = date.fromisoformat(day_of(now - KEPT // timedelta(milliseconds=1), settings))
    last = date.fromisoformat(day_of(now, settings))
    days = [first + DAY * number for number in range((last - first).days + 1)]
    return [_salt(day.isoformat(), context) for day in reversed(days)]


def _salt(day: str, context: Context) -> bytes:
    return _read(context.tables.salts, day, _delete_at(day, context.settings))


def _delete_at(day: str, settings: Settings) -> int:
    """Seconds since 1970."""
    return report_day(day, settings).end // 1000 + int(KEPT.total_seconds())


@lru_cache(maxsize=8)
def _read(table: SaltTable, day: str, delete_at: int) -> bytes:
    return table.get_or_create(day, delete_at=delete_at)
