"""Have days that are over written into the bucket of exports, such as those from before there
was one.

    python -m operate.data.backfill_export --stage prod [--site example.com] [--from DAY]
        [--to DAY]

It only says which; the job writes them, some each minute. Run again, the same files come again.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.services.context import Context
from chalicelib.services.jobs import s3_export
from chalicelib.services.report_days import day_after, day_of
from operate.data.session_sources import SessionSources
from operate.errors import CommandError


def mark_days(sources: SessionSources, first: str, last: str, *, now: int) -> list[str]:
    """The days from the first to the last that are over; `now` in ms."""
    if not sources.settings.export_bucket:
        raise CommandError(
            "EXPORT_BUCKET of the stage is empty. See docs/how-to/export-to-s3.md."
        )
    yesterday_or_before = [
        day for day in _days(first, last) if day < day_of(now, sources.settings)
    ]
    for day in yesterday_or_before:
        s3_export.enqueue_day(sources.site, day, Context(sources.tables, sources.settings, now))
    return yesterday_or_before


def _days(first: str, last: str) -> Iterator[str]:
    day = first
    while day <= last:
        yield day
        day = day_after(day)
