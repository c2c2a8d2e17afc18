"""The salts of the days, each read once by a process: a salt never changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from chalicelib.services.days import day_of
from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import ActiveSessionTable

KEPT = timedelta(hours=48)  # from the beginning of its day: for that day and the next


def salt_of(at: int, table: ActiveSessionTable, settings: Settings) -> bytes:
    """The salt of the day on which `at` (ms) lies."""
    day = day_of(at, settings)
    return _salt(table, day, _delete_at(day, settings))


def _delete_at(day: str, settings: Settings) -> int:
    """Seconds since 1970."""
    begins = datetime.combine(
        datetime.fromisoformat(day).date(), time(), settings.report_timezone
    )
    return int((begins.astimezone(UTC) + KEPT).timestamp())


@lru_cache(maxsize=8)
def _salt(table: ActiveSessionTable, day: str, delete_at: int) -> bytes:
    return table.salt(day, delete_at=delete_at)
