"""Write the closed sessions of each day that is over into a bucket, for whoever outgrows the
built-in figures: a line of JSON a session, its events in it.

Only where EXPORT_BUCKET names one. Compaction marks a day when it has put it together, and
again when it has changed; a run of the job writes what is marked, as long as it has time, and
the next one goes on. A day that is written again has the same files.

The lines hold no user_id: what is in a bucket is out of reach when a user is to be forgotten.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

from chalicelib.domain.packs.pack import read_pack
from chalicelib.presentation.export_row import export_row
from chalicelib.services.context import Context
from chalicelib.storage.export_bucket import ExportBucket
from chalicelib.storage.rollup_table.export_queue import ExportTask


def enqueue_day(site: str, day: str, context: Context) -> None:
    """Have the day (YYYY-MM-DD) written. Safe to repeat; nothing without a bucket."""
    if context.settings.export_bucket:
        context.tables.export_queue.enqueue(site, day, context.now)


def export_pending_days(
    context: Context,
    *,
    has_time: Callable[[], bool] = lambda: True,
    bucket: ExportBucket | None = None,
) -> int:
    """How many days were written to their end."""
    if not context.settings.export_bucket:
        return 0
    written = 0
    for marked in list(context.tables.export_queue.tasks()):
        bucket = bucket or ExportBucket(context.settings.export_bucket)
        if not _write(marked, bucket, context, has_time):
            return written
        written += 1
    return written


def _write(
    marked: ExportTask,
    bucket: ExportBucket,
    context: Context,
    has_time: Callable[[], bool],
) -> bool:
    """Whether all of it is written."""
    for segment in context.tables.rollups.segments(marked.site, marked.day, marked.day):
        if segment.number < marked.next_part:
            continue
        if not has_time():
            context.tables.export_queue.save_progress(marked, segment.number)
            return False
        lines = (
            json.dumps(
                export_row(session, context.settings), ensure_ascii=False, separators=(",", ":")
            )
            for session in read_pack(segment.packed).sessions()
        )
        content = gzip.compress("".join(f"{text}\n" for text in lines).encode(), mtime=0)
        bucket.put_part(marked.site, marked.day, segment.number, content)
    context.tables.export_queue.complete(marked)
    return True
