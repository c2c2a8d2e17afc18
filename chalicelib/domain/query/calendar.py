"""Days and hours of a time zone, in milliseconds since the epoch.

A day begins at the first moment of its date and lasts 23, 24 or 25 hours, or what its zone
decides. Hours are counted from the start of the day, so each belongs to one day.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.domain.query.invalid_query import InvalidQuery

HOUR_MS = 60 * 60 * 1000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A date, or the part of it from `start` to before `end` that a period includes."""

    date: date
    start: int
    end: int
    is_whole: bool = True

    def hours(self, zone: ZoneInfo) -> list[int]:
        """Return the starts of its hours; the first is not before the day."""
        first = day_start(self.date, zone)
        skipped = (self.start - first) // HOUR_MS * HOUR_MS
        return [max(at, self.start) for at in range(first + skipped, self.end, HOUR_MS)]


@lru_cache(maxsize=64)
def parse_timezone(name: str) -> ZoneInfo:
    """Return the zone; raise InvalidQuery unless the name is in the IANA database."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise InvalidQuery(
            "timezone", 'timezone must be an IANA time zone, such as "Europe/Berlin"'
        ) from None


@lru_cache(maxsize=8192)
def day_start(day: date, zone: ZoneInfo) -> int:
    """Return the first moment of the date; if midnight is skipped, the end of the gap."""
    return round(datetime.combine(day, time(), zone).timestamp()) * 1000


def local_date(at: int, zone: ZoneInfo) -> date:
    return local_datetime(at, zone).date()


def local_datetime(at: int, zone: ZoneInfo) -> datetime:
    """Return the time on the clocks of the zone."""
    return (
        datetime.fromtimestamp(at // 1000, UTC) + timedelta(milliseconds=at % 1000)
    ).astimezone(zone)


def whole_day(day: date, zone: ZoneInfo) -> Day:
    return Day(day, day_start(day, zone), day_start(day + DAY, zone))


def days_between(start: int, end: int, zone: ZoneInfo) -> list[Day]:
    """Return the days from `start` to before `end`; the first and the last one are cut."""
    days: list[Day] = []
    day = local_date(start, zone)
    while (whole := whole_day(day, zone)).start < end:
        cut = Day(day, max(whole.start, start), min(whole.end, end))
        if cut.start < cut.end:
            days.append(cut if cut == whole else Day(day, cut.start, cut.end, is_whole=False))
        day += DAY
    return days


def hour_start(at: int, zone: ZoneInfo) -> int:
    """Return the start of the hour that contains the time."""
    first = day_start(local_date(at, zone), zone)
    return first + (at - first) // HOUR_MS * HOUR_MS


def hour_end(at: int, zone: ZoneInfo) -> int:
    """Return the end of the hour that contains the time; the last hour of a day can be
    short."""
    return min(hour_start(at, zone) + HOUR_MS, day_start(local_date(at, zone) + DAY, zone))


def hour_of_week(at: int, zone: ZoneInfo) -> int:
    """Return 0 for the hour from Monday 00:00, up to 167 for that from Sunday 23:00."""
    there = local_datetime(at, zone)
    return there.weekday() * 24 + there.hour


def format_iso(at: int, zone: ZoneInfo) -> str:
    """Format as ISO 8601 with the zone's offset, in whole seconds."""
    return local_datetime(at, zone).replace(microsecond=0).isoformat()


def bucket_index(starts: list[int], at: int) -> int:
    """Return the index of the bucket that contains the time, given the buckets' starts."""
    return bisect_right(starts, at) - 1
