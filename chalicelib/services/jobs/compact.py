"""Compaction merges the recents of a day into packs, summarizes finished days, and adds up the
summaries of a month.

    today          when a site has MAX_RECENTS recents; checked every 20 minutes
    a past day     once, an hour after midnight; a day that gets a late session, once a day
    a past month   a day after its end, and a day after one of its days has changed

Each step is one transaction, which fails if another run was first. The last one of a day merges
its last recents and stores its summary: a day with a summary and no recents is read from the
summary. Any number of runs may overlap, or die at any point.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from chalicelib.domain.metrics.summary import sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary, encode_summary
from chalicelib.domain.query.calendar import day_start
from chalicelib.domain.sessions.session import Session
from chalicelib.services.context import Context
from chalicelib.services.jobs import s3_export
from chalicelib.services.jobs.compact_day import DayCompaction
from chalicelib.services.jobs.job_report import BAD_DATA_ERRORS
from chalicelib.services.report_days import day_after, day_of, days_of_month, month_of
from chalicelib.settings import Settings
from chalicelib.storage.aws.retries import ConditionFailed, TransactionCancelled, Unavailable
from chalicelib.storage.rollup_table.compaction_queue import CompactionTask
from chalicelib.storage.rollup_table.rollup_items import StoredMonth

MAX_RECENTS = 80  # of today; each costs every reader a few KB more
CHECKED_EVERY = 20  # minutes: how often the recents of today are counted
FINAL_AFTER_MS = 65 * 60 * 1000  # after midnight: what was open then has closed


@dataclass(slots=True)
class CompactionResult:
    """The result of a run; `failed` lists the sites and days that could not be compacted."""

    recents: int = 0
    failed: list[str] = field(default_factory=list)


def enqueue_days(sessions: Iterable[Session], context: Context) -> None:
    """Enqueue the days on which these closed sessions started for compaction. Safe to
    repeat."""
    next_time = day_after(day_of(context.now - FINAL_AFTER_MS, context.settings))
    for site, day in sorted(
        {(s.site, day_of(s.started_at, context.settings)) for s in sessions}
    ):
        # Not before the day itself is over: a summary that it had would miss what comes.
        context.tables.compaction_queue.enqueue(max(next_time, day_after(day)), day, site)


def compact(
    context: Context,
    *,
    has_time: Callable[[], bool] = lambda: True,
    max_recents: int = MAX_RECENTS,
) -> CompactionResult:
    """Run pending compactions. Stop when `has_time` returns False; the next run continues."""
    result = CompactionResult()
    tasks = list(context.tables.compaction_queue.tasks())
    pending_days = {(site, task.target) for task in tasks for site in task.sites}
    for task in tasks:
        if not task.sites:
            context.tables.compaction_queue.delete(task)
        is_over = context.now >= _midnight(task.on, context.settings) + FINAL_AFTER_MS
        is_today = task.target == day_of(context.now, context.settings)
        for site in sorted(task.sites):
            if not (is_over or (is_today and _is_checked_this_minute(site, context.now))):
                continue
            if not has_time():
                return result
            work = DayCompaction(site, task.target, context)
            try:
                if not is_over:
                    result.recents += work.merge_recents(max_recents)
                elif task.is_month:
                    _finish_month(task, site, context, pending_days)
                else:
                    result.recents += _finish_day(task, work, pending_days)
            except (*BAD_DATA_ERRORS, TransactionCancelled, ConditionFailed, Unavailable):
                result.failed.append(f"{site} {task.target}")
    return result


def _midnight(day: str, settings: Settings) -> int:
    return day_start(date.fromisoformat(day), settings.report_timezone)


def _is_checked_this_minute(site: str, now: int) -> bool:
    """Return whether the site is due; each site has its own minute."""
    return zlib.crc32(site.encode()) % CHECKED_EVERY == now // 60_000 % CHECKED_EVERY


def _finish_day(
    task: CompactionTask, work: DayCompaction, pending_days: set[tuple[str, str]]
) -> int:
    """Finish a day and remove it from the pending ones; return the number of merged recents."""
    merged, is_finished = work.finish()
    if is_finished:
        s3_export.enqueue_day(work.site, task.target, work.context)
        month = month_of(task.target)
        tomorrow = day_after(day_of(work.context.now, work.context.settings))
        second_of_next_month = day_after(day_after(days_of_month(month)[-1]))
        work.context.tables.compaction_queue.enqueue(
            max(tomorrow, second_of_next_month), month, work.site
        )
        work.context.tables.compaction_queue.complete(task, work.site)
        pending_days.discard((work.site, task.target))
    return merged


def _finish_month(
    task: CompactionTask, site: str, context: Context, pending_days: set[tuple[str, str]]
) -> None:
    """Add up the summaries of the month, unless one of its days is pending itself."""
    month, days = task.target, days_of_month(task.target)
    if any((site, day) in pending_days for day in days):
        return
    # Read before the summaries: if one of them changes now, put_month fails.
    stored = next(iter(context.tables.rollups.months(site, [month])), None)
    summaries = list(context.tables.rollups.summaries(site, days[0], days[-1]))
    if stored is not None and stored.packed is None and summaries:
        total = sum_summaries(decode_summary(summary.packed) for summary in summaries)
        context.tables.rollups.put_month(
            StoredMonth(site, month, encode_summary(total), stored.version)
        )
    context.tables.compaction_queue.complete(task, site)
