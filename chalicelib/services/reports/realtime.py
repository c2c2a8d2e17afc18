"""Who is here now: read from the open sessions, within seconds of the event.

A page view of the last 30 minutes belongs to a session that is still a row, so the rows tell
all. Where they are more than one page of a scan holds, the job leaves snapshots as it scans
them anyway, and the answer says how old they are.
"""

from __future__ import annotations

from typing import Any

from chalicelib.domain.query.calendar import iso
from chalicelib.domain.sessions.active_session import joined
from chalicelib.services.context import Context
from chalicelib.services.reports.live_snapshot import (
    LISTS,
    MINUTE_MS,
    MINUTES,
    Picture,
    Told,
    put_together,
)
from chalicelib.settings import Settings

STALE_MS = 15 * MINUTE_MS  # a snapshot that no run has renewed is of nobody


def realtime(site: str, context: Context) -> dict[str, Any]:
    """The `data` of docs/reference/api.md, Realtime."""
    page = context.tables.active_scan.first_page()
    if page.is_complete:
        picture = Picture(context.settings, context.now)
        of_site = (row for row in page.rows if row.site == site)
        for rows in joined(of_site, context.settings.session_timeout_ms):
            picture.add(rows)
        return _reply(picture.told(), context.settings, context.now)
    snapshots = context.tables.rollups.snapshots(site)
    fresh = [part for part in snapshots if part["at"] > context.now - STALE_MS]
    return _reply(put_together(fresh, now=context.now), context.settings, context.now)


def _reply(told: Told, settings: Settings, now: int) -> dict[str, Any]:
    at = told["at"]
    minutes = {minute: (views, visitors) for minute, views, visitors in told["minutes"]}
    last = at // MINUTE_MS
    series = [
        (minute, *minutes.get(minute, (0, 0))) for minute in range(last - MINUTES + 1, last + 1)
    ]
    return {
        "current_visitors": told["current_visitors"],
        "visitors": told["visitors"],
        "pageviews": told["pageviews"],
        "open_sessions": told["open_sessions"],
        "cut_sessions": told["cut_sessions"],
        "series": [
            {
                "time": iso(minute * MINUTE_MS, settings.report_timezone),
                "pageviews": views,
                "visitors": visitors,
            }
            for minute, views, visitors in series
        ],
        **{name: _list(told[name]) for name in LISTS},
        "feed": told["feed"],
        "timezone": settings.report_timezone.key,
        "generated_at": iso(at, settings.report_timezone),
        "age_seconds": (now - at) // 1000,
    }


def _list(counts: list[tuple[str | None, int]]) -> list[dict[str, Any]]:
    """Visitors per value, most first, then by value; a visitor in two sessions counts in
    both."""
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0] or ""))
    return [{"value": value, "visitors": visitors} for value, visitors in ordered]
