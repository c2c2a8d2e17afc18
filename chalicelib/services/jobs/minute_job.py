"""The work of each minute: close sessions that have ended, run pending compactions, and export
finished days."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chalicelib.services.context import Context
from chalicelib.services.jobs import s3_export
from chalicelib.services.jobs.compact import compact
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.services.jobs.job_report import Report
from chalicelib.storage.aws.retries import stop_at, within

READ_AT_A_TIME = 8  # rows whose events are waited for together
MS_TO_CLOSE = 8_000  # that one more batch takes at the most
MS_TO_COMPACT = 25_000  # that a large day takes
MS_TO_WRITE = 10_000  # what must be left to begin with one more file
SECONDS_TO_END = 1  # in which no call starts any more


def run_minute_job(context: Context, *, remaining_ms: Callable[[], int]) -> Report:
    """Run the job; `remaining_ms` is the time that the function has left."""
    with within(remaining_ms() / 1000 - SECONDS_TO_END) as deadline:
        return _run(context, remaining_ms, deadline)


def _run(
    context: Context,
    remaining_ms: Callable[[], int],
    deadline: float,
) -> Report:
    report = Report()
    threads = ThreadPoolExecutor(READ_AT_A_TIME, initializer=stop_at, initargs=(deadline,))
    with report.failing_alone("sessions"), threads as pool:
        expire_sessions(
            context,
            has_time=lambda: remaining_ms() > MS_TO_CLOSE,
            pool=pool,
            report=report,
        )
    with report.failing_alone("compaction"):
        compacted = compact(context, has_time=lambda: remaining_ms() > MS_TO_COMPACT)
        report.recents_compacted = compacted.recents
        report.failed += compacted.failed
    with report.failing_alone("exports"):
        s3_export.export_pending_days(context, has_time=lambda: remaining_ms() > MS_TO_WRITE)
    return report
