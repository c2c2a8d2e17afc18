"""A period is the range of time that metrics are requested for, with the buckets of its series.

A session belongs to the period that it starts in. A period that includes now ends with the
current hour; its last bucket is `partial`, and the period that it is compared with ends after
the same elapsed time. Days are those of the report's time zone, weeks start on Monday, and the
first bucket starts with the period, even if its week or month began before.

    now        2026-11-21 15:30, a Saturday
    7d         2026-11-15 00:00 to 2026-11-21 16:00    7 buckets of a day, the last is partial
    compared   2026-11-08 00:00 to 2026-11-14 15:30    7 buckets of a day, the last is partial
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from chalicelib.domain.query.calendar import (
    DAY,
    HOUR_MS,
    Day,
    day_start,
    days_between,
    hour_end,
    hour_start,
    local_date,
    parse_timezone,
)
from chalicelib.domain.query.invalid_query import InvalidQuery

PERIODS = (
    "today", "yesterday", "24h", "7d", "28d", "30d", "91d",
    "month", "6mo", "12mo", "year", "all", "custom",
)  # fmt: skip
INTERVALS = ("hour", "day", "week", "month")
COMPARISONS = ("previous_period", "previous_year")
MAX_BUCKETS = 2_000
MIN_DATE = date(2000, 1, 1)

_LENGTH_IN_DAYS = {"today": 1, "yesterday": 1, "7d": 7, "28d": 28, "30d": 30, "91d": 91}
_LENGTH_IN_MONTHS = {"month": 1, "6mo": 6, "12mo": 12, "year": 12}
# The longest period, in days, for which an interval is chosen; months beyond.
_DEFAULT_INTERVALS = ((2, "hour"), (100, "day"), (200, "week"))


@dataclass(frozen=True)
class Period:
    """Times in ms. `now` is None for a period that is over."""

    start: int
    end: int
    zone: ZoneInfo
    interval: str
    now: int | None = None
    previous: Period | None = None

    @cached_property
    def days(self) -> list[Day]:
        return days_between(self.start, self.end, self.zone)

    @cached_property
    def buckets(self) -> list[int]:
        """The starts of the buckets, oldest first; each ends where the next one starts."""
        if self.interval == "hour":
            return [at for day in self.days for at in day.hours(self.zone)]
        return [
            day.start
            for day in self.days
            if day.start == self.start or self.begins_bucket(day.date)
        ]

    @property
    def partial_bucket(self) -> int | None:
        """The index of the bucket that is still in progress."""
        return None if self.now is None else len(self.buckets) - 1

    @property
    def elapsed_until(self) -> int:
        """Where its sessions end: now, or the end of a period that is over."""
        return self.end if self.now is None else self.now

    def begins_bucket(self, day: date) -> bool:
        """Return whether a bucket of days, weeks or months begins on this date."""
        if self.interval == "week":
            return day.weekday() == 0
        return self.interval == "day" or day.day == 1


def resolve_period(
    period: str,
    *,
    now: int,
    timezone: str = "UTC",
    from_: str | None = None,
    to: str | None = None,
    interval: str | None = None,
    compare: str | None = None,
    first_day: date | None = None,
) -> Period:
    """Return the period of that name at `now` (ms); `all` begins on `first_day`.

    Raise InvalidQuery, with the name of the parameter that is invalid.
    """
    _check("period", period, PERIODS)
    _check("interval", interval, INTERVALS)
    _check("compare", compare, COMPARISONS)
    if period != "custom" and (from_ or to):
        raise InvalidQuery("period", "period must be custom where from or to is given")
    zone = parse_timezone(timezone)
    if period == "24h":
        start, end = hour_start(now, zone) - 23 * HOUR_MS, hour_end(now, zone)
    else:
        first, last = _dates(period, local_date(now, zone), from_, to, first_day)
        start, end = day_start(first, zone), day_start(last + DAY, zone)
    is_current = now < end
    if is_current:
        end = hour_end(now, zone)
    interval = interval or _default_interval(start, end)
    resolved = Period(start, end, zone, interval, now if is_current else None)
    if len(resolved.buckets) > MAX_BUCKETS:
        raise InvalidQuery(
            "interval",
            f"interval is too short: a series can have at most {MAX_BUCKETS:,} rows",
        )
    return replace(resolved, previous=_comparison(resolved, period, compare))


def _check(parameter: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise InvalidQuery(parameter, f"{parameter} must be one of {', '.join(allowed)}")


def _dates(
    period: str, today: date, from_: str | None, to: str | None, first_day: date | None
) -> tuple[date, date]:
    """Return the first and the last day; never after today."""
    if period == "custom":
        first, last = _parse_date("from", from_), _parse_date("to", to)
        if not MIN_DATE <= first <= today:
            raise InvalidQuery("from", f"from must be a date from {MIN_DATE} up to today")
        if last < first:
            raise InvalidQuery("to", "to must not be before from")
        return first, min(last, today)
    if period == "all":
        return min(max(first_day or today, MIN_DATE), today), today
    if period == "yesterday":
        return today - DAY, today - DAY
    if period in _LENGTH_IN_DAYS:
        return today - timedelta(days=_LENGTH_IN_DAYS[period] - 1), today
    if period == "year":
        return today.replace(month=1, day=1), today
    return months_before(today.replace(day=1), _LENGTH_IN_MONTHS[period] - 1), today


def _parse_date(parameter: str, text: str | None) -> date:
    try:
        if text is None or len(text) != len("2026-01-31"):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidQuery(
            parameter, f"{parameter} must be a date such as 2026-01-31, with period=custom"
        ) from None


def _default_interval(start: int, end: int) -> str:
    days = (end - start) / (24 * HOUR_MS)
    return next((name for most, name in _DEFAULT_INTERVALS if days <= most), "month")


def _comparison(period: Period, name: str, compare: str | None) -> Period | None:
    """Return the period that this one is compared with; `all` has none.

    A current period is compared with as much time as has elapsed, at most up to its own start:
    March 1 to 31 at noon with all of February.
    """
    if compare is None or name == "all":
        return None
    if compare == "previous_year":
        start = _same_time_months_before(period.start, period.zone, 12)
        end = _same_time_months_before(period.elapsed_until, period.zone, 12)
    elif period.now is None:
        start, end = _start_of_preceding(period, name), period.start
    else:
        start = _start_of_preceding(period, name)
        end = min(start + period.now - period.start, period.start)
    is_partial = period.now is not None and _is_within_bucket(period, end)
    return replace(period, start=start, end=end, now=end if is_partial else None, previous=None)


def _start_of_preceding(period: Period, name: str) -> int:
    """Return the start of the preceding period of equal length."""
    if name == "24h":
        return period.start - 24 * HOUR_MS
    if name in _LENGTH_IN_MONTHS:
        return _same_time_months_before(period.start, period.zone, _LENGTH_IN_MONTHS[name])
    first = local_date(period.start, period.zone)
    return _same_time_on(first - timedelta(days=len(period.days)), period.start, period.zone)


def _is_within_bucket(period: Period, at: int) -> bool:
    """Return whether the time is inside a bucket, not where one begins."""
    if period.interval == "hour":
        return at != hour_start(at, period.zone)
    day = local_date(at, period.zone)
    return at != day_start(day, period.zone) or not period.begins_bucket(day)


def _same_time_months_before(at: int, zone: ZoneInfo, months: int) -> int:
    return _same_time_on(months_before(local_date(at, zone), months), at, zone)


def _same_time_on(day: date, at: int, zone: ZoneInfo) -> int:
    """Return the time that is as long after the start of the day as `at` is after its own."""
    return day_start(day, zone) + at - day_start(local_date(at, zone), zone)


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last day.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    _, days_in_month = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, days_in_month))
