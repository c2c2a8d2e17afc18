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
from typing import Any

from chalicelib.domain.packs.pack import unpack
from chalicelib.domain.query.calendar import local
from chalicelib.domain.sessions.session import Session, Step
from chalicelib.domain.sessions.session_summary import outline
from chalicelib.domain.urls.paths import readable_path
from chalicelib.presentation.serializers import session_reply
from chalicelib.services.context import Context
from chalicelib.settings import Settings
from chalicelib.storage.export_bucket import ExportBucket
from chalicelib.storage.rollup_table.export_queue import ExportTask

# Of the form in which the API returns a session: what only an open one has, and who it was.
LEFT_OUT = ("user_id", "expires_at", "is_active", "current_page")


def mark(site: str, day: str, context: Context) -> None:
    """Have the day (YYYY-MM-DD) written. Safe to repeat; nothing without a bucket."""
    if context.settings.export_bucket:
        context.tables.export_queue.enqueue(site, day, context.now)


def write_marked(
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


def line(session: Session, settings: Settings) -> dict[str, Any]:
    """A session as it stands in the files."""
    replied = session_reply(outline(session), settings)
    return {
        **{name: value for name, value in replied.items() if name not in LEFT_OUT},
        "visitor": session.visitor,
        "region": session.place.region,
        "city": session.place.city,
        "hostname": session.hostname,
        "timeline": [_event(step, settings) for step in session.steps],
    }


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
                line(session, context.settings), ensure_ascii=False, separators=(",", ":")
            )
            for session in unpack(segment.packed).sessions()
        )
        content = gzip.compress("".join(f"{text}\n" for text in lines).encode(), mtime=0)
        bucket.put_part(marked.site, marked.day, segment.number, content)
    context.tables.export_queue.complete(marked)
    return True


def _event(step: Step, settings: Settings) -> dict[str, Any]:
    return {
        "time": local(step.at, settings.report_timezone).isoformat(timespec="milliseconds"),
        "event_type": step.event_type,
        "page": readable_path(step.page),
        "engaged_ms": step.engaged_ms,
        "scroll_depth": step.scroll_depth,
        # As text, so that a column of them has one type.
        "props": {name: _text(value) for name, value in step.props.items()},
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
