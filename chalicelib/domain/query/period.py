"""A period is the range of time that figures are asked for, with the buckets of its series.

Sessions belong to it that start from `start` to before `end`. One that includes now runs to
the end of the running hour; its last bucket is `partial`, and what it is compared with ends
after the same elapsed time. Days are those of the report's time zone, weeks start on Monday,
and the first bucket starts with the period, also when its week or month began before.
"""

from __future__ import annotations

from collections.abc import Callable
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
    """Times in ms. `now` is None in one that is over; else figures go up to there."""

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
            if day.start == self.start or self._begins_bucket(day)
        ]

    @property
    def partial_bucket(self) -> int | None:
        """The index of the bucket that is still in progress."""
        return None if self.now is None else len(self.buckets) - 1

    def _begins_bucket(self, day: Day) -> bool:
        if self.interval == "week":
            return day.date.weekday() == 0
        return self.interval == "day" or day.date.day == 1


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
    """The period of that name at the moment `now` (ms); `first_day` is where `all` begins.

    Raise InvalidQuery, naming the parameter, for what no period can be made of.
    """
    _check("period", period, PERIODS)
    _check("interval", interval, INTERVALS)
    _check("compare", compare, COMPARISONS)
    if period != "custom" and (from_ or to):
        raise InvalidQuery("period", "period must be custom where from or to is given")
    zone = parse_timezone(timezone)
    today = local_date(now, zone)
    if period == "24h":
        start = end = hour_start(now, zone) - 23 * HOUR_MS
    else:
        first, last = _dates(period, today, from_, to, first_day)
        start, end = day_start(first, zone), day_start(last + DAY, zone)
    is_current = period == "24h" or end > now
    end = hour_end(now, zone) if is_current else end
    found = Period(
        start, end, zone, interval or _default_interval(start, end), now if is_current else None
    )
    if len(found.buckets) > MAX_BUCKETS:
        raise InvalidQuery(
            "interval",
            f"interval is too short: a series can have at most {MAX_BUCKETS:,} rows",
        )
    return replace(found, previous=_previous(found, period, compare))


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


def _previous(period: Period, name: str, compare: str | None) -> Period | None:
    """Return the comparison period; `all` has none."""
    if compare is None or name == "all":
        return None
    until = period.end if period.now is None else period.now
    if compare == "previous_year":
        start = _shift_date(period.start, period.zone, lambda day: months_before(day, 12))
        end = _shift_date(until, period.zone, lambda day: months_before(day, 12))
    else:
        start = _period_before(period, name)
        end = (
            min(start + until - period.start, period.start)
            if period.now is not None
            else period.start
        )
    return replace(
        period, start=start, end=end, now=end if _is_cut(period, end) else None, previous=None
    )


def _period_before(period: Period, name: str) -> int:
    """Return the start of the preceding period of equal length."""
    if name == "24h":
        return period.start - 24 * HOUR_MS
    if name in _LENGTH_IN_MONTHS:
        months = _LENGTH_IN_MONTHS[name]
        return _shift_date(period.start, period.zone, lambda day: months_before(day, months))
    length = timedelta(days=len(period.days))
    return _shift_date(period.start, period.zone, lambda day: day - length)


def _is_cut(period: Period, end: int) -> bool:
    """Return whether the period before a current one ends within a bucket."""
    if period.now is None or (
        period.interval == "hour" and end == hour_start(end, period.zone)
    ):
        return False
    day = local_date(end, period.zone)
    if period.interval == "hour" or end != day_start(day, period.zone):
        return True
    return {"week": day.weekday() != 0, "month": day.day != 1}.get(period.interval, False)


def _shift_date(at: int, zone: ZoneInfo, to: Callable[[date], date]) -> int:
    """Return the same time of day on another date."""
    day = local_date(at, zone)
    return day_start(to(day), zone) + at - day_start(day, zone)


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError(day)
