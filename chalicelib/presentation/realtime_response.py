"""A live snapshot of a site (services/reports/live_snapshot.py) as the API returns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.domain.query.calendar import format_iso
from chalicelib.domain.sessions.live_session import MINUTE_MS
from chalicelib.settings import Settings

MINUTES = 30
COUNTS = ("current_visitors", "visitors", "pageviews", "open_sessions", "cut_sessions")
LISTS = ("pages", "sources", "countries", "devices")


def realtime_response(
    snapshot: Mapping[str, Any], settings: Settings, now: int
) -> dict[str, Any]:
    """Return the response of /api/realtime. `now` in ms."""
    at, zone = snapshot["at"], settings.report_timezone
    minutes = {minute: (views, visitors) for minute, views, visitors in snapshot["minutes"]}
    last = at // MINUTE_MS
    series = [
        (minute, *minutes.get(minute, (0, 0))) for minute in range(last - MINUTES + 1, last + 1)
    ]
    return {
        **{name: snapshot[name] for name in COUNTS},
        "series": [
            {
                "time": format_iso(minute * MINUTE_MS, zone),
                "pageviews": views,
                "visitors": visitors,
            }
            for minute, views, visitors in series
        ],
        **{name: _list(snapshot[name]) for name in LISTS},
        "feed": snapshot["feed"],
        "timezone": zone.key,
        "generated_at": format_iso(at, zone),
        "age_seconds": (now - at) // 1000,
    }


def _list(counts: Iterable[tuple[str | None, int]]) -> list[dict[str, Any]]:
    """Return the visitors per value, most first, then by value. A visitor in two sessions
    counts in both."""
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0] or ""))
    return [{"value": value, "visitors": visitors} for value, visitors in ordered]
