"""Writes the closed sessions of each finished day to a bucket, for analyses beyond the built-in
reports: one line of JSON per session, with its events.

Only if EXPORT_BUCKET names one. Compaction enqueues a day when it has merged or changed it; a
run of the job writes pending days while it has time, and the next one continues. A day that is
written again has the same files.

The lines have no user_id: `make erase` cannot reach files in a bucket.
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
    """Enqueue the day (YYYY-MM-DD) for export, if there is a bucket. Safe to repeat."""
    if context.settings.export_bucket:
        context.tables.export_queue.enqueue(site, day, context.now)


def export_pending_days(
    context: Context,
    *,
    has_time: Callable[[], bool] = lambda: True,
    bucket: ExportBucket | None = None,
) -> int:
    """Export pending days; return how many were completed."""
    if not context.settings.export_bucket:
        return 0
    completed = 0
    for task in list(context.tables.export_queue.tasks()):
        bucket = bucket or ExportBucket(context.settings.export_bucket)
        if not _write(task, bucket, context, has_time):
            return completed
        completed += 1
    return completed


def _write(
    task: ExportTask,
    bucket: ExportBucket,
    context: Context,
    has_time: Callable[[], bool],
) -> bool:
    """Write a day; return whether it is complete."""
    for pack in context.tables.rollups.packs(task.site, task.day, task.day):
        if pack.number < task.next_part:
            continue
        if not has_time():
            context.tables.export_queue.save_progress(task, pack.number)
            return False
        lines = (
            json.dumps(
                export_row(session, context.settings), ensure_ascii=False, separators=(",", ":")
            )
            for session in read_pack(pack.packed).sessions()
        )
        content = gzip.compress("".join(f"{text}\n" for text in lines).encode(), mtime=0)
        bucket.put_part(task.site, task.day, pack.number, content)
    context.tables.export_queue.complete(task)
    return True
