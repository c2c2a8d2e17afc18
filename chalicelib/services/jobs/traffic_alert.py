"""Detects sites whose traffic changed: the last full hour compared with the same hour a week
ago.

It runs once an hour, late in the hour, when nearly all sessions of the hour before have closed.
A page view counts in the hour in which its session began, as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.query.calendar import HOUR_MS, hour_start, local_date, whole_day
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.period import Period
from chalicelib.domain.query.query import Query
from chalicelib.domain.urls.site_patterns import is_allowed
from chalicelib.services.context import Context
from chalicelib.services.reports.stats_reader import StatsReader

CHECKED_AT_MINUTE = 50
MIN_PAGEVIEWS = 100  # in one of the two hours; fewer go up and down by themselves
FACTOR = 3
MS_TO_LOOK = 15_000  # what must be left to begin with one more site
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TrafficChange:
    """Page views of the last full hour, and of the same hour a week ago."""

    site: str
    was: int
    pageviews: int


def is_significant(was: int, pageviews: int) -> bool:
    """At least three times as many, or at most a third."""
    if max(was, pageviews) < MIN_PAGEVIEWS:
        return False
    return pageviews >= FACTOR * was or pageviews * FACTOR <= was


def detect_changes(
    context: Context, *, remaining_ms: Callable[[], int]
) -> Iterator[TrafficChange]:
    """Return the sites that changed, at one minute of each hour; `remaining_ms` is the time
    that the function has left. Sites need a week of data."""
    if context.now // 60_000 % 60 != CHECKED_AT_MINUTE:
        return
    for site in sorted(context.tables.site_registry.sites()):
        if not is_allowed(site, context.settings.sites):
            continue
        if remaining_ms() < MS_TO_LOOK:
            return
        change = _change(site, context)
        if change is not None:
            yield change


def _change(site: str, context: Context) -> TrafficChange | None:
    zone = context.settings.report_timezone
    hour = hour_start(context.now, zone) - HOUR_MS
    week_ago = hour_start(hour - round(WEEK.total_seconds() * 1000), zone)
    first_day = context.tables.rollups.first_day(site)
    if first_day is None or first_day > local_date(week_ago, zone).isoformat():
        return None
    reader = StatsReader(site, (), context)
    try:
        was, pageviews = (_pageviews(reader, at) for at in (week_ago, hour))
    except InvalidQuery:  # more sessions than are counted, or deleted since
        return None
    return TrafficChange(site, was, pageviews) if is_significant(was, pageviews) else None


def _pageviews(reader: StatsReader, hour: int) -> int:
    """Return the page views of an hour from the summary of its day."""
    zone = reader.context.settings.report_timezone
    day = whole_day(local_date(hour, zone), zone)
    query = Query(Period(day.start, day.end, zone, "hour"), dimensions=())
    return compute_metrics(reader.read(query).summary.hours.get(hour, 0)).pageviews
