"""Have days that are over written into the bucket of exports, such as those from before there
was one.

    python -m operate.data.backfill_export --stage prod [--site example.com] [--from DAY]
        [--to DAY]

It only says which; the job writes them, some each minute. Run again, the same files come again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from chalicelib.services.context import Context
from chalicelib.services.jobs import s3_export
from chalicelib.services.report_days import day_after, day_of
from operate.console import counted, run, say
from operate.data.day_options import asked, opened
from operate.data.session_sources import Sources
from operate.errors import Refused


def main(arguments: Sequence[str]) -> None:
    for sources, days in opened(asked("backfill_export", __doc__, arguments)):
        marked = mark_days(sources, *days, now=time.time_ns() // 1_000_000)
        say(f"{sources.site}: {counted(len(marked), 'day')} will be written within minutes.")


def mark_days(sources: Sources, first: str, last: str, *, now: int) -> list[str]:
    """The days from the first to the last that are over; `now` in ms."""
    if not sources.settings.export_bucket:
        raise Refused("EXPORT_BUCKET of the stage is empty. See docs/how-to/export-to-s3.md.")
    yesterday_or_before = [
        day for day in _days(first, last) if day < day_of(now, sources.settings)
    ]
    for day in yesterday_or_before:
        s3_export.mark(sources.site, day, Context(sources.tables, sources.settings, now))
    return yesterday_or_before


def _days(first: str, last: str) -> Iterator[str]:
    day = first
    while day <= last:
        yield day
        day = day_after(day)


if __name__ == "__main__":
    run(main)
