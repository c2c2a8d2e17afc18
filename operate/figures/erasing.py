"""Erasing deletes everything of one user of a site, or of a whole site: rows, figures, events,
sessions. Run again, it finds nothing.

Figures first and Sessions last, so that what is broken off can be found again. Of a user, whole
sessions go that count as the user's; in the session of another one the user_id is taken from
the events. Visitors' pointers go by themselves within 48 hours, and tell nobody's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.session import Session
from chalicelib.domain.visitor import visitor_of
from chalicelib.services.closed import days_of
from chalicelib.services.day_work import DayWork
from chalicelib.services.days import day_after, day_of, month_of
from chalicelib.storage import active_sessions, events, sessions
from chalicelib.storage.dynamodb import ConditionFailed
from chalicelib.storage.items import Item
from operate.figures.rewrite import rewrite_day
from operate.figures.sources import Sources

ALL_DAYS = ("0000-00-00", "9999-99-99")


@dataclass(slots=True)
class Erased:
    """How many items and sessions are gone, and from how many events a user_id."""

    rows: int = 0
    sessions_in_figures: int = 0
    events: int = 0
    user_ids: int = 0
    sessions: int = 0


def erase_user(sources: Sources, user_id: str, *, now: int) -> Erased:
    """`now` in ms."""
    tables, site = sources.tables, sources.site
    visitor = visitor_of("", user_id, site=site, key=tables.visitor_key.read())
    outlines = [one for one in sources.outlines() if one.user_id == user_id]
    groups = {one.events_under or one.session_id for one in outlines}
    erased = Erased()
    for page in tables.active.pages():
        for row in page.rows:
            if row.site == site and row.user_id == user_id:
                groups.add(row.session_id)
                tables.database.delete(
                    tables.active.name, active_sessions.row_key(row.session_id)
                )
                erased.rows += 1
    for session in _erase_from_figures(sources, visitor, groups, now):
        groups.add(session.events_under or session.session_id)
        erased.sessions_in_figures += 1
    _erase_events(sources, user_id, groups, erased)
    keys = [sessions.session_key(one.session_id) for one in outlines]
    tables.database.delete_many(tables.sessions.name, keys)
    erased.sessions = len(keys)
    return erased


def erase_site(sources: Sources) -> Erased:
    """Everything that is stored of a site. Take it out of SITES before: events that come
    afterwards are counted."""
    tables, site = sources.tables, sources.site
    erased = Erased()
    rows = [row for page in tables.active.pages() for row in page.rows if row.site == site]
    keys = [active_sessions.row_key(row.session_id) for row in rows]
    tables.database.delete_many(tables.active.name, keys)
    erased.rows = len(keys)
    figures = tables.database.query(tables.rollups.name, "site = :site", {":site": site})
    keys = [{"site": site, "sort_key": item["sort_key"]} for item in figures]
    tables.database.delete_many(tables.rollups.name, keys)
    of_site = (i for i in tables.database.scan(tables.events.name) if i.get("site") == site)
    keys = [events.event_key(item["session_id"], item["event_id"]) for item in of_site]
    tables.database.delete_many(tables.events.name, keys)
    erased.events = len(keys)
    keys = [sessions.session_key(outline.session_id) for outline in sources.outlines()]
    tables.database.delete_many(tables.sessions.name, keys)
    erased.sessions = len(keys)
    for due in list(tables.register.due()):
        if site in due.sites:
            tables.register.done(due, site)
    tables.register.remove_site(site)
    return erased


def _erase_from_figures(
    sources: Sources, visitor: str, groups: Iterable[str], now: int
) -> list[Session]:
    """The sessions that were taken out: those of the visitor, and those of these groups."""
    known = set(groups)

    def is_erased(session: Session) -> bool:
        group = session.events_under or session.session_id
        return session.visitor == visitor or group in known

    found: list[Session] = []
    for closed in list(days_of(sources.site, *ALL_DAYS, sources.tables)):
        some = [one for part in closed.segments for one in part.sessions() if is_erased(one)]
        if not some:
            continue
        work = DayWork(sources.site, closed.day, sources.tables, sources.settings, now)
        rewrite_day(work, lambda before: [one for one in before if not is_erased(one)])
        found += some
        tomorrow = day_after(day_of(now, sources.settings))
        for days in {month_of(closed.day), closed.day}:
            sources.tables.register.add_due(tomorrow, days, sources.site)
    return found


def _erase_events(
    sources: Sources, user_id: str, groups: Iterable[str], erased: Erased
) -> None:
    database, table = sources.tables.database, sources.tables.events.name
    known = set(groups)
    gone: list[Item] = []
    for item in database.scan(table):
        if item.get("site") != sources.site:
            continue
        key = events.event_key(item["session_id"], item["event_id"])
        if item["session_id"] in known:
            gone.append(key)
        elif item.get("user_id") == user_id:
            _forget_user(sources, key, user_id)
            erased.user_ids += 1
    database.delete_many(table, gone)
    erased.events = len(gone)


def _forget_user(sources: Sources, key: Item, user_id: str) -> None:
    values = {":user": user_id}
    try:
        sources.tables.database.update(
            sources.tables.events.name,
            key,
            "REMOVE user_id",
            values=values,
            condition="user_id = :user",
        )
    except ConditionFailed:
        return  # it has gone meanwhile
