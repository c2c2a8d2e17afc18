"""Which sites and days an operator means, and their sources, opened."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta

from chalicelib.domain.urls.site_patterns import is_configured, named_sites
from chalicelib.services.context import Context
from chalicelib.services.report_days import day_of
from operate.aws.region import account_of
from operate.aws.stage import OpenStage, open_stage, read_stage
from operate.console import parser
from operate.data.session_sources import Sources
from operate.errors import Refused

READ_AT_A_TIME = 16  # sessions whose events are waited for together


def asked(name: str, description: str | None, arguments: Sequence[str]) -> argparse.Namespace:
    """Raise Refused for a day that is none."""
    given = parser(f"data.{name}", description)
    given.add_argument("--site", help="all sites where left out")
    given.add_argument("--from", dest="first", help="a day; the first one where left out")
    given.add_argument("--to", dest="last", help="a day; today where left out")
    wanted = given.parse_args(arguments)
    for option, text in (("FROM=", wanted.first), ("TO=", wanted.last)):
        if text is not None and not _is_day(text):
            raise Refused(f"{option} must be a day such as 2026-11-01, not {text!r}.")
    return wanted


def opened(
    wanted: argparse.Namespace, *, only_with_events: bool = False
) -> Iterator[tuple[Sources, tuple[str, str]]]:
    """Each site with its first and its last day; `only_with_events`, those whose events are
    still stored."""
    stage = open_tables_of(wanted)
    for site in [wanted.site] if wanted.site else all_sites(stage):
        with sources_of(stage, site) as sources:
            days = _days(sources, wanted, only_with_events=only_with_events)
            if days[0] <= days[1]:
                yield sources, days
            elif wanted.first and wanted.last:
                raise Refused(f"TO= must be {days[0]} or a later day.")


def open_tables_of(wanted: argparse.Namespace) -> OpenStage:
    stage = read_stage(wanted.stage)
    return open_stage(stage, account_of(stage, wanted.region))


def all_sites(stage: OpenStage) -> list[str]:
    """Those that have closed a session, and those of the configuration."""
    seen = stage.tables.site_registry.sites()
    named = set(named_sites(stage.settings.sites))
    return sorted(named | {site for site in seen if is_configured(site, stage.settings.sites)})


@contextmanager
def sources_of(stage: OpenStage, site: str) -> Iterator[Sources]:
    with ThreadPoolExecutor(READ_AT_A_TIME) as pool:
        context = Context(stage.tables, stage.settings, time.time_ns() // 1_000_000)
        yield Sources(site, context, pool)


def _days(
    sources: Sources, wanted: argparse.Namespace, *, only_with_events: bool
) -> tuple[str, str]:
    today = day_of(time.time_ns() // 1_000_000, sources.settings)
    last = min(wanted.last or today, today)
    first = wanted.first or sources.tables.rollups.first_day(sources.site) or last
    if not only_with_events:
        return first, last
    kept_days = sources.settings.event_retention_days - 1
    kept = (date.fromisoformat(today) - timedelta(days=kept_days)).isoformat()
    if wanted.first and wanted.first < kept:
        raise Refused(
            f"Events are kept for {kept_days + 1} days (EVENT_RETENTION_DAYS): FROM= must be "
            f"{kept} or a later day."
        )
    return max(first, kept), last


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
