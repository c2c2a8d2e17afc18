"""Queue past days for the export, such as those before there was an export bucket. The job then
writes some of them each minute. A second run writes the same files."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.services.context import Context
from chalicelib.services.jobs import s3_export
from chalicelib.services.report_days import day_after, day_of
from operate.data.session_sources import SessionSources
from operate.errors import CommandError


def mark_days(sources: SessionSources, first: str, last: str, *, now: int) -> list[str]:
    """Queue the days from the first to the last that are over, and return them. `now` in ms."""
    if not sources.settings.export_bucket:
        raise CommandError("The stage has no EXPORT_BUCKET. See docs/how-to/export-to-s3.md.")
    past_days = [day for day in _days(first, last) if day < day_of(now, sources.settings)]
    for day in past_days:
        s3_export.enqueue_day(sources.site, day, Context(sources.tables, sources.settings, now))
    return past_days


def _days(first: str, last: str) -> Iterator[str]:
    day = first
    while day <= last:
        yield day
        day = day_after(day)
