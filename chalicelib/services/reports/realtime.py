"""Who is on the site now, from the active sessions.

A page view of the last 30 minutes belongs to a session that is still a row, so the rows are
enough. How old they are depends on the number of rows of all sites:

    up to one page of a scan   as they are now
    up to MAX_LIVE_ROWS        up to ten seconds old: larger tables cost more to read
    more                       the job's snapshots, of which the response says how old they are
"""

from __future__ import annotations

from chalicelib.domain.sessions.live_session import MINUTE_MS
from chalicelib.services.context import Context
from chalicelib.services.reports.live_snapshot import (
    LiveSnapshot,
    SnapshotData,
    merge_snapshots,
)
from chalicelib.storage.active_table.row_copy import RowCopy

MAX_LIVE_ROWS = 100_000
MAX_AGE_MS = 10_000  # of what was read from a table with more than one page
STALE_MS = 15 * MINUTE_MS  # a snapshot that no run has renewed is of nobody


def read_live(site: str, context: Context) -> SnapshotData:
    """Return the snapshot of all rows, or the merged snapshots of the job."""
    copy = context.tables.row_copy
    with copy.lock:
        if not copy.is_large or not 0 <= context.now - copy.read_at < MAX_AGE_MS:
            _update(copy, context)
        if site not in copy.results:
            read = _snapshot_of_rows if copy.has_all_rows else _merged_snapshots
            copy.results[site] = read(site, context)
        result: SnapshotData = copy.results[site]
        return result


def _update(copy: RowCopy, context: Context) -> None:
    if copy.update_small(context.now):
        return
    if _row_count(context) <= MAX_LIVE_ROWS:
        copy.update_large(context.now)
    else:
        copy.leave_out_rows(context.now)


def _row_count(context: Context) -> int:
    """Return the number of rows as of the job's last run, which notes only large ones."""
    count = context.tables.site_registry.row_count()
    return count.rows if count else 0


def _snapshot_of_rows(site: str, context: Context) -> SnapshotData:
    copy = context.tables.row_copy
    snapshot = LiveSnapshot(context.settings, copy.read_at)
    for session in copy.rows.sessions(site):
        snapshot.add_session(session)
    return snapshot.to_dict()


def _merged_snapshots(site: str, context: Context) -> SnapshotData:
    snapshots = context.tables.rollups.snapshots(site)
    fresh = [part for part in snapshots if part["at"] > context.now - STALE_MS]
    return merge_snapshots(fresh, now=context.now)
