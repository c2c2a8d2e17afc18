"""A tally is figures that add, side by side in one integer: one addition adds them all.

    visitors, sessions, duration, bounces, events, pageviews, engaged, scroll sum, scrolled
    highest                                                                          lowest

Each figure has bits enough for a trillion; times, in ms, for two thousand years together. The
visitors of a tally are distinct within a day: see `counting`. What single steps have is lowest,
so that adding up the steps of a session deals with smaller numbers.
"""

from __future__ import annotations

from typing import NamedTuple

Counters = int

_COUNT_BITS = 40
_TIME_BITS = 56

SCROLL_REPORTS = 0  # page views that told how far they were scrolled
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
    """What the API answers; None where there is nothing to divide by."""

    visitors: int
    sessions: int
    pageviews: int
    events: int
    views_per_session: float | None
    bounce_rate: float | None  # 0 to 1
    session_duration: int | None  # seconds, mean
    engaged_time: int | None  # seconds, mean
    scroll_depth: int | None  # 0 to 100, mean of the page views that told it


def compute_metrics(counters: Counters) -> Metrics:
    sessions = counters >> SESSIONS & _COUNT
    pageviews = counters >> PAGEVIEWS & _COUNT
    scrolled = counters & _COUNT
    return Metrics(
        visitors=visitors_of(counters),
        sessions=sessions,
        pageviews=pageviews,
        events=counters >> EVENTS & _COUNT,
        views_per_session=round(pageviews / sessions, 4) if sessions else None,
        bounce_rate=round((counters >> BOUNCES & _COUNT) / sessions, 4) if sessions else None,
        session_duration=_mean(counters >> DURATION & _TIME, sessions * 1000),
        engaged_time=_mean(counters >> ENGAGED & _TIME, sessions * 1000),
        scroll_depth=_mean(counters >> SCROLL_SUM & (1 << _COUNT_BITS + 8) - 1, scrolled),
    )


def _mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None
