"""Counters: nine counts that add, in the bit fields of one integer.

One addition of two integers adds all nine counts, which makes the scan of a day's sessions
several times faster than nine additions would be.

    visitors sessions duration bounces events pageviews engaged scroll_sum scroll_reports
    highest bits                                                              lowest bits

A session with one page view of 5 s, read to 80 %, and a second session with two page views:

    >>> first = ONE_VISITOR + ONE_SESSION + ONE_BOUNCE + ONE_PAGEVIEW
    >>> first += (5_000 << ENGAGED) + (80 << SCROLL_SUM) + ONE_SCROLL_REPORT
    >>> second = ONE_VISITOR + ONE_SESSION + 2 * ONE_PAGEVIEW
    >>> metrics = compute_metrics(first + second)
    >>> metrics.sessions, metrics.pageviews, metrics.bounce_rate, metrics.scroll_depth
    (2, 3, 0.5, 80)

A count has 40 bits, enough for a trillion; a time in ms has 56, enough for two thousand years.
No field may overflow, or it would change its neighbour. Visitors are distinct within one day
only (see `aggregate`). Counts of single steps are in the lowest bits, so that adding up the
steps of a session works with short integers.
"""

from __future__ import annotations

from typing import NamedTuple

Counters = int

_COUNT_BITS = 40
_TIME_BITS = 56

SCROLL_REPORTS = 0  # page views with a known scroll depth
SCROLL_SUM = SCROLL_REPORTS + _COUNT_BITS
ENGAGED = SCROLL_SUM + _COUNT_BITS + 8
PAGEVIEWS = ENGAGED + _TIME_BITS
EVENTS = PAGEVIEWS + _COUNT_BITS
BOUNCES = EVENTS + _COUNT_BITS
DURATION = BOUNCES + _COUNT_BITS
SESSIONS = DURATION + _TIME_BITS
VISITORS = SESSIONS + _COUNT_BITS

COUNTERS_BYTES = (VISITORS + _COUNT_BITS) // 8

ONE_SESSION = 1 << SESSIONS
ONE_VISITOR = 1 << VISITORS
ONE_EVENT = 1 << EVENTS
ONE_PAGEVIEW = 1 << PAGEVIEWS
ONE_BOUNCE = 1 << BOUNCES
ONE_SCROLL_REPORT = 1 << SCROLL_REPORTS

_COUNT = (1 << _COUNT_BITS) - 1
_TIME = (1 << _TIME_BITS) - 1

WITHOUT_EVENTS = ~(_COUNT << EVENTS)
PAGE_COUNTERS = _COUNT << PAGEVIEWS | _TIME << ENGAGED
WITHOUT_PAGE_COUNTERS = ~PAGE_COUNTERS


def visitors_of(counters: Counters) -> int:
    return counters >> VISITORS


class Metrics(NamedTuple):
    """The metrics in the API's words; None where there is nothing to divide by."""

    visitors: int
    sessions: int
    pageviews: int
    events: int
    views_per_session: float | None
    bounce_rate: float | None  # 0 to 1
    session_duration: int | None  # seconds, mean
    engaged_time: int | None  # seconds, mean
    scroll_depth: int | None  # 0 to 100, mean of the page views with a known depth


def compute_metrics(counters: Counters) -> Metrics:
    """Unpack the counters; rates are rounded to 4 decimals, durations to seconds."""
    sessions = counters >> SESSIONS & _COUNT
    pageviews = counters >> PAGEVIEWS & _COUNT
    scroll_reports = counters & _COUNT
    return Metrics(
        visitors=visitors_of(counters),
        sessions=sessions,
        pageviews=pageviews,
        events=counters >> EVENTS & _COUNT,
        views_per_session=round(pageviews / sessions, 4) if sessions else None,
        bounce_rate=round((counters >> BOUNCES & _COUNT) / sessions, 4) if sessions else None,
        session_duration=_mean(counters >> DURATION & _TIME, sessions * 1000),
        engaged_time=_mean(counters >> ENGAGED & _TIME, sessions * 1000),
        scroll_depth=_mean(counters >> SCROLL_SUM & (1 << _COUNT_BITS + 8) - 1, scroll_reports),
    )


def _mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None
