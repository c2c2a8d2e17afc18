"""Who is here now: read from the open sessions, within seconds of the event.

A page view of the last 30 minutes belongs to a session that is still a row, so the rows tell
all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.active_session import ActiveSession, as_sessions
from chalicelib.domain.calendar import iso
from chalicelib.domain.device import parse_user_agent
from chalicelib.domain.outline import Outline, outline
from chalicelib.domain.session import Session
from chalicelib.services.replies import session_reply, source_of
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables

MINUTE_MS = 60_000
MINUTES = 30
CURRENT_MS = 5 * MINUTE_MS
FEED_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Live:
    """An open row of the site: what it is, as a session."""

    row: ActiveSession
    session: Session

    @property
    def visitor(self) -> str:
        return self.session.visitor


def realtime(site: str, tables: Tables, settings: Settings, now: int) -> dict[str, Any]:
    """The `data` of docs/api.md, Realtime. `now` in ms."""
    live = list(_live(site, open_rows(tables), settings))
    current = [one for one in live if one.row.last_activity > now - CURRENT_MS]
    first_minute = (now // MINUTE_MS - MINUTES + 1) * MINUTE_MS
    views = [
        (step.at, one.visitor)
        for one in live
        for step in one.session.steps
        if step.is_page_view and step.at >= first_minute
    ]
    return {
        "current_visitors": _visitors(current),
        "visitors": _visitors(one for one in live if one.row.last_activity >= first_minute),
        "pageviews": len(views),
        "open_sessions": sum(_is_open(one.row, settings, now) for one in live),
        "series": _series(views, first_minute, settings),
        "pages": _list(current, lambda one: one.row.current_page),
        "sources": _list(current, lambda one: source_of(one.session).name),
        "countries": _list(current, lambda one: one.session.place.country),
        "devices": _list(current, lambda one: parse_user_agent(one.session.user_agent).device),
        "feed": [session_reply(one, settings) for one in _feed(live)],
        "generated_at": iso(now, settings.report_timezone),
        "age_seconds": 0,
    }


def open_rows(tables: Tables) -> list[ActiveSession]:
    """All rows of all sites, the ones that wait to be closed included."""
    return tables.active.contents().rows


def _live(site: str, rows: Iterable[ActiveSession], settings: Settings) -> Iterator[Live]:
    for row in rows:
        if row.site == site:
            sessions = as_sessions(
                row, visitor_key=settings.visitor_key, timeout_ms=settings.session_timeout_ms
            )
            if sessions:
                yield Live(row, sessions[-1])


def _is_open(row: ActiveSession, settings: Settings, now: int) -> bool:
    return now < row.expires_at(settings.session_timeout_ms) * 1000


def _visitors(live: Iterable[Live]) -> int:
    return len({one.visitor for one in live})


def _series(
    views: Sequence[tuple[int, str]], first_minute: int, settings: Settings
) -> list[dict[str, Any]]:
    """A row for each of the last 30 minutes, the running one last."""
    pageviews = Counter(at // MINUTE_MS for at, _ in views)
    visitors = Counter(minute for minute, _ in {(at // MINUTE_MS, who) for at, who in views})
    return [
        {
            "time": iso(minute * MINUTE_MS, settings.report_timezone),
            "pageviews": pageviews[minute],
            "visitors": visitors[minute],
        }
        for minute in range(first_minute // MINUTE_MS, first_minute // MINUTE_MS + MINUTES)
    ]


def _list(live: Iterable[Live], value_of: Callable[[Live], str | None]) -> list[dict[str, Any]]:
    """Visitors per value, most first, then by value; a visitor in two sessions counts in
    both."""
    pairs = {(value_of(one), one.visitor) for one in live}
    counts = Counter(value for value, _ in pairs)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] or ""))
    return [{"value": value, "visitors": visitors} for value, visitors in ordered]


def _feed(live: Iterable[Live]) -> list[Outline]:
    newest = sorted(live, key=lambda one: (-one.row.last_activity, one.row.session_id))
    return [outline(one.session) for one in newest[:FEED_LENGTH]]
