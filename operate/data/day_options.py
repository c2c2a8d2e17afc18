"""The sites and days that an operator chooses, and their stored sessions."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.urls.site_patterns import explicit_sites, is_allowed
from chalicelib.services.context import Context
from chalicelib.services.report_days import day_of
from operate.aws.stage import ConnectedStage
from operate.data.session_sources import SessionSources
from operate.errors import CommandError

CONCURRENT_READS = 16  # sessions whose events are read at the same time

Span = tuple[str, str]  # the first and the last day


@dataclass(frozen=True, slots=True)
class DayOptions:
    """`first` and `last` are days (YYYY-MM-DD). None means all sites, the earliest day and
    today."""

    site: str | None = None
    first: str | None = None
    last: str | None = None


def open_sites(
    stage: ConnectedStage, options: DayOptions, *, now: int, only_with_events: bool = False
) -> Iterator[tuple[SessionSources, Span]]:
    """Yield each site with its days. `only_with_events` leaves out the days whose events have
    expired."""
    for site in [options.site] if options.site else all_sites(stage):
        with open_sources(stage, site, now=now) as sources:
            span = _span(sources, options, now, only_with_events=only_with_events)
            if span[0] <= span[1]:
                yield sources, span
            elif options.first and options.last:
                raise CommandError(f"--to must be {span[0]} or a later day.")


def all_sites(stage: ConnectedStage) -> list[str]:
    """Return the configured sites, and those that match a pattern and have a closed session."""
    seen = stage.tables.site_registry.sites()
    named = set(explicit_sites(stage.settings.sites))
    return sorted(named | {site for site in seen if is_allowed(site, stage.settings.sites)})


@contextmanager
def open_sources(stage: ConnectedStage, site: str, *, now: int) -> Iterator[SessionSources]:
    with ThreadPoolExecutor(CONCURRENT_READS) as pool:
        yield SessionSources(site, Context(stage.tables, stage.settings, now), pool)


def _span(
    sources: SessionSources, options: DayOptions, now: int, *, only_with_events: bool
) -> Span:
    today = day_of(now, sources.settings)
    last = min(options.last or today, today)
    first = options.first or sources.tables.rollups.first_day(sources.site) or last
    if not only_with_events:
        return first, last
    days = sources.settings.event_retention_days
    oldest = (date.fromisoformat(today) - timedelta(days=days - 1)).isoformat()
    if options.first and options.first < oldest:
        raise CommandError(
            f"Events are kept for {days} days (EVENT_RETENTION_DAYS): --from must be {oldest} "
            "or a later day."
        )
    return max(first, oldest), last
