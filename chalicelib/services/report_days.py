"""Days are in the time zone of the reports, as YYYY-MM-DD; months as YYYY-MM."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from chalicelib.domain.query.calendar import DAY, Day, day_start, whole_day
from chalicelib.settings import Settings


def day_of(at: int, settings: Settings) -> str:
    """Return the day of a time (ms)."""
    return datetime.fromtimestamp(at / 1000, settings.report_timezone).date().isoformat()


def report_day(day: str, settings: Settings) -> Day:
    return whole_day(date.fromisoformat(day), settings.report_timezone)


def report_days_of(start: int, end: int, settings: Settings) -> list[str]:
    """Return the days from `start` to before `end`, in ms."""
    last = day_of(end - 1, settings)
    days = [day_of(start, settings)]
    while days[-1] < last:
        days.append(day_after(days[-1]))
    return days


def consecutive_days(days: Iterable[str]) -> list[tuple[str, str]]:
    """Return the first and the last day of each run of consecutive days: one Query each."""
    runs: list[tuple[str, str]] = []
    for day in days:
        if runs and day_after(runs[-1][1]) == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def day_after(day: str) -> str:
    return (date.fromisoformat(day) + DAY).isoformat()


def day_before(day: str) -> str:
    return (date.fromisoformat(day) - DAY).isoformat()


def month_of(day: str) -> str:
    return day[: len("2026-09")]


def days_of_month(month: str) -> list[str]:
    first = date.fromisoformat(f"{month}-01")
    days = (first + timedelta(days=number) for number in range(31))
    return [day.isoformat() for day in days if day.month == first.month]


def kept_until(day: str, settings: Settings) -> int | None:
    """Return when the sessions of a day expire, in seconds; None for never."""
    if not settings.session_retention_days:
        return None
    last = date.fromisoformat(day) + timedelta(days=settings.session_retention_days + 1)
    return day_start(last, settings.report_timezone) // 1000


def oldest_retained_day(now: int, settings: Settings) -> str:
    """Return the oldest day whose sessions are kept at `now` (ms); "" if all are."""
    if not settings.session_retention_days:
        return ""
    today = date.fromisoformat(day_of(now, settings))
    return (today - timedelta(days=settings.session_retention_days)).isoformat()
