"""Who is on the site now, from the active sessions.

A page view of the last 30 minutes belongs to a session that is still a row, so the rows are
enough. How old they are depends on the number of rows of all sites:

    up to one page of a scan   as they are now
    up to MAX_LIVE_ROWS        up to ten seconds old: larger tables cost more to read
    more                       the job's snapshots, of which the response says how old they are
"""

from __future__ import annotations

from chalicelib.presentation.realtime_response import MINUTE_MS
from chalicelib.services.context import Context
from chalicelib.services.reports.live_snapshot import (
    LiveSnapshot,
    SnapshotData,
    merge_snapshots,
)

MAX_LIVE_ROWS = 100_000
MAX_AGE_MS = 10_000  # of the copy of a table with more than one page
STALE_MS = 15 * MINUTE_MS  # a snapshot that no run has renewed is of nobody


def read_live(site: str, context: Context) -> SnapshotData:
    """Return the snapshot of all rows, or the merged snapshots of the job."""
    return _read_rows(site, context) or _read_snapshots(site, context)


def _read_rows(site: str, context: Context) -> SnapshotData | None:
    """Return the snapshot of all rows, or None if there are too many to read."""
    copy = context.tables.row_copy
    with copy.lock:
        is_recent = copy.is_large and 0 <= context.now - copy.read_at < MAX_AGE_MS
        if not is_recent and not copy.update_small(context.now):
            if _row_count(context) > MAX_LIVE_ROWS:
                return None
            copy.update_large(context.now)
        if site not in copy.results:
            snapshot = LiveSnapshot(context.settings, copy.read_at)
            for session in copy.rows.sessions(site):
                snapshot.add_session(session)
            copy.results[site] = snapshot.to_dict()
        result: SnapshotData = copy.results[site]
        return result


def _row_count(context: Context) -> int:
    """Return the number of rows as of the job's last run, which notes only large ones."""
    count = context.tables.site_registry.row_count()
    return count.rows if count else 0


def _read_snapshots(site: str, context: Context) -> SnapshotData:
    snapshots = context.tables.rollups.snapshots(site)
    fresh = [part for part in snapshots if part["at"] > context.now - STALE_MS]
    return merge_snapshots(fresh, now=context.now)
