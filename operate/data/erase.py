"""Erasing deletes all data of a user of a site, or of a whole site: active sessions, metrics,
events and sessions. A second run finds nothing.

Metrics come first and the Sessions table last, so that an interrupted run finds the rest. For a
user, it deletes the sessions that count as the user's, with the records of where their events
were before. In another user's session, it removes the user_id from the events. Pointers of
visitors contain no user_id and expire within 48 hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.collection.visitor import effective_visitor
from chalicelib.domain.sessions.joined_rows import join_rows
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_summary import SessionSummary
from chalicelib.services.closed_sessions import read_days
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact_day import DayCompaction
from chalicelib.services.report_days import day_after, day_of, month_of
from chalicelib.services.row_events import sessions_of_rows
from chalicelib.storage import events, sessions
from chalicelib.storage.active_table import quarantine
from chalicelib.storage.active_table.active_sessions import row_key
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import chunks
from chalicelib.storage.aws.retries import ConditionFailed
from operate.console import pluralize
from operate.data.rewrite_day import rewrite_day
from operate.data.session_sources import SessionSources

DELETE_CHUNK = 1_000
ALL_DAYS = ("0000-00-00", "9999-99-99")


class NamedTable(Protocol):
    name: str


@dataclass(slots=True)
class Erased:
    """How many items were deleted, and from how many events a user_id was removed."""

    rows: int = 0
    sessions_in_rollups: int = 0
    events: int = 0
    user_ids: int = 0
    sessions: int = 0

    def describe(self) -> str:
        parts = [
            pluralize(self.events, "event"),
            pluralize(self.sessions, "session"),
            f"{pluralize(self.rows, 'open session')} deleted",
        ]
        if self.user_ids:
            parts.append(f"the user_id removed from {pluralize(self.user_ids, 'more event')}")
        return ", ".join(parts)


def erase_user(sources: SessionSources, user_id: str, *, now: int) -> Erased:
    """Erase a user of the site. `now` in ms."""
    tables, site = sources.tables, sources.site
    visitor = effective_visitor("", user_id, site=site, key=tables.visitor_key.read())
    own, moved = _stored_sessions(sources, user_id)
    groups = {one.storage_session_id or one.session_id for one in own}
    erased = Erased()
    rows = _erase_rows(sources, user_id)
    groups |= rows
    erased.rows = len(rows)
    for session in _erase_from_rollups(sources, visitor, groups, now):
        groups.add(session.storage_session_id or session.session_id)
        erased.sessions_in_rollups += 1
    _erase_events(sources, user_id, groups, erased)
    notes = [old for old, new in moved.items() if new in groups]
    keys = [sessions.session_key(id_) for id_ in (*notes, *(one.session_id for one in own))]
    tables.database.delete_many(tables.sessions.name, keys)
    erased.sessions = len(own)
    return erased


def erase_site(sources: SessionSources) -> Erased:
    """Erase everything stored of the site. Remove it from SITES first: events that arrive
    afterwards are counted."""
    tables, site = sources.tables, sources.site
    erased = Erased()
    erased.rows = _delete_of_site(sources, tables.active_sessions, "session_id")
    figures = tables.database.query(tables.rollups.name, "site = :site", {":site": site})
    keys = [{"site": site, "sort_key": item["sort_key"]} for item in figures]
    tables.database.delete_many(tables.rollups.name, keys)
    erased.events = _delete_of_site(sources, tables.events, "session_id", "event_id")
    erased.sessions = _delete_of_site(sources, tables.sessions, "session_id")
    for due in list(tables.compaction_queue.tasks()):
        if site in due.sites:
            tables.compaction_queue.complete(due, site)
    tables.compaction_queue.forget_site(site)
    tables.site_registry.remove_site(site)
    return erased


def _of_site(sources: SessionSources, table: NamedTable) -> Iterator[Item]:
    return (
        item
        for item in sources.tables.database.scan(table.name)
        if item.get("site") == sources.site
    )


def _delete_of_site(sources: SessionSources, table: NamedTable, *key: str) -> int:
    """Delete the site's items and return their number, without the records of moved events."""
    number = 0
    for some in chunks(_of_site(sources, table), DELETE_CHUNK):
        keys = [{part: item[part] for part in key} for item in some]
        sources.tables.database.delete_many(table.name, keys)
        number += sum("moved_to" not in item for item in some)
    return number


def _stored_sessions(
    sources: SessionSources, user_id: str
) -> tuple[list[SessionSummary], dict[str, str]]:
    """Return the user's sessions, and the new id of each session id that has moved."""
    summaries: list[SessionSummary] = []
    moved: dict[str, str] = {}
    for item in _of_site(sources, sources.tables.sessions):
        if "moved_to" in item:
            moved[item["session_id"]] = item["moved_to"]
        elif item.get("user_id") == user_id:
            summaries.append(sessions.from_item(item))
    return summaries, moved


def _erase_rows(sources: SessionSources, user_id: str) -> set[str]:
    """Delete the user's active sessions and quarantined rows, and return their ids. Remove the
    user_id from rows of another user's session."""
    tables, site = sources.tables, sources.site
    gone: set[str] = set()
    rows = [row for page in tables.active_scan.pages() for row in page.rows if row.site == site]
    for some in join_rows(rows, tables.active_sessions.timeout_ms):
        if any(one.user_id == user_id for one in sessions_of_rows(some, sources.settings)):
            gone |= some.ids
        else:
            for row in some.rows:
                if row.user_id == user_id:
                    _forget_user(
                        sources, tables.active_sessions, row_key(row.session_id), user_id
                    )
    for item in _of_site(sources, tables.active_sessions):
        if item.get("user_id") == user_id:
            gone.add(item["session_id"])
    keys = [row_key(row_id) for row_id in sorted(gone)]
    tables.database.delete_many(tables.active_sessions.name, keys)
    return {row_id.removeprefix(quarantine.PREFIX) for row_id in gone}


def _erase_from_rollups(
    sources: SessionSources, visitor: str, groups: Iterable[str], now: int
) -> list[Session]:
    """Delete the sessions of the visitor and of these groups from Rollups, and return them."""
    ids = set(groups)

    def is_erased(session: Session) -> bool:
        group = session.storage_session_id or session.session_id
        return session.visitor == visitor or group in ids

    erased: list[Session] = []
    for closed in list(read_days(sources.site, *ALL_DAYS, sources.context)):
        some = [one for part in closed.packs for one in part.sessions() if is_erased(one)]
        if not some:
            continue
        work = DayCompaction(
            sources.site, closed.day, Context(sources.tables, sources.settings, now)
        )
        rewrite_day(work, lambda before: [one for one in before if not is_erased(one)])
        erased += some
        tomorrow = day_after(day_of(now, sources.settings))
        for days in {month_of(closed.day), closed.day}:
            sources.tables.compaction_queue.enqueue(tomorrow, days, sources.site)
    return erased


def _erase_events(
    sources: SessionSources, user_id: str, groups: Iterable[str], erased: Erased
) -> None:
    database, table = sources.tables.database, sources.tables.events.name
    ids = set(groups)
    gone: list[Item] = []
    for item in _of_site(sources, sources.tables.events):
        key = events.event_key(item["session_id"], item["event_id"])
        if item["session_id"] in ids or item.get("moved_to") in ids:
            gone.append(key)
            erased.events += "moved_to" not in item
        elif item.get("user_id") == user_id:
            _forget_user(sources, sources.tables.events, key, user_id)
            erased.user_ids += 1
    database.delete_many(table, gone)


def _forget_user(sources: SessionSources, table: NamedTable, key: Item, user_id: str) -> None:
    values = {":user": user_id}
    try:
        sources.tables.database.update(
            table.name,
            key,
            "REMOVE user_id",
            values=values,
            condition="user_id = :user",
        )
    except ConditionFailed:
        return  # deleted since it was read
