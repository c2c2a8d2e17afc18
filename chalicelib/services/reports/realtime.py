"""Who is on the site now, from the active sessions, within seconds of an event.

A page view of the last 30 minutes belongs to a session that is still a row, so the rows are
enough. If they exceed one page of a scan, the job's snapshots are used, and the response says
how old they are."""

from __future__ import annotations

from chalicelib.domain.sessions.joined_rows import join_rows
from chalicelib.presentation.realtime_response import MINUTE_MS
from chalicelib.services.context import Context
from chalicelib.services.reports.live_snapshot import (
    LiveSnapshot,
    SnapshotData,
    merge_snapshots,
)

STALE_MS = 15 * MINUTE_MS  # a snapshot that no run has renewed is of nobody


def read_live(site: str, context: Context) -> SnapshotData:
    """Return the snapshot of all rows, or the merged snapshots of the job."""
    page = context.tables.active_scan.first_page()
    if page.is_complete:
        picture = LiveSnapshot(context.settings, context.now)
        of_site = (row for row in page.rows if row.site == site)
        for rows in join_rows(of_site, context.settings.session_timeout_ms):
            picture.add(rows)
        return picture.to_dict()
    snapshots = context.tables.rollups.snapshots(site)
    fresh = [part for part in snapshots if part["at"] > context.now - STALE_MS]
    return merge_snapshots(fresh, now=context.now)
