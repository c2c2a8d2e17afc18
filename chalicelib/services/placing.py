"""Find the session that the events of a visit belong to, or open one.

A visit is what one request brings of one visitor. In this order:

    the session that it names      if it is open for these events
    the one its pointer leads to   if it is open for these events
    a new one                      claimed through the pointer, so that one of several callers
    wins

An event that brings an id of its own and lies under the named session or one that the pointer
remembers is a duplicate, wherever the visit ends up. The usual event costs one call here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from os import urandom

from chalicelib.domain.active_session import (
    ActiveSession,
    last_user_id,
    marks,
    opened_by,
)
from chalicelib.domain.event import Event
from chalicelib.domain.ids import session_id
from chalicelib.domain.page import parse_page
from chalicelib.domain.pointer import Pointer
from chalicelib.domain.visitor import Client
from chalicelib.services.salts import salts_of_last_day
from chalicelib.settings import Settings
from chalicelib.storage import active_sessions, events, sessions
from chalicelib.storage.active_sessions import OpenedLater, Touch
from chalicelib.storage.dynamodb import MOST_KEYS_A_READ, Unavailable, chunks
from chalicelib.storage.items import Item
from chalicelib.storage.tables import Tables

ATTEMPTS_TO_OPEN = 8


@dataclass(frozen=True, slots=True)
class Visit:
    """`events` are of one site and carry no session id yet; `repeatable` are the ids among
    theirs that the tracker gave, and may have sent before."""

    client: Client
    named: str | None  # a session id of the form that the server makes
    events: tuple[Event, ...]
    repeatable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a visit belongs. `duplicates` says under which session an event lies already; of a
    single event of an open session only the attempt to put it tells."""

    session_id: str
    duplicates: dict[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a visitor after looking the pointers up."""

    pointer_id: str
    pointer: Pointer | None  # under `pointer_id`, as read: what a claim replaces
    latest: Pointer | None  # that one, or else the newest of the last 24 hours
    free_id: str | None = None  # for a new session, if the candidate is free
    named_row: ActiveSession | None = None
    under_named: dict[str, str] = field(default_factory=dict)  # duplicates, as in `Placed`

    @property
    def session_ids(self) -> list[str]:
        """The sessions in which an event of the visitor may lie, the newest first."""
        return self.latest.sessions() if self.latest else []


@dataclass(frozen=True, slots=True)
class Look:
    """One read: where the events lie already, and the rows of the session that was named and of
    the visitor's last one."""

    duplicates: dict[str, str]
    named_row: ActiveSession | None
    last_row: ActiveSession | None


def place(visit: Visit, tables: Tables, settings: Settings, now: int) -> Placed:
    """`now` is the arrival, in ms. Safe to repeat: the same visit again ends in the same
    session."""
    is_single = len(visit.events) == 1
    known = None
    if visit.named and is_single:
        try:
            if tables.active.touch(_touch(visit, visit.named, now)):
                return Placed(visit.named, {})
        except OpenedLater as later:
            known = find(visit.client, tables, settings, now)
            placed = _continued(visit, later.row, known, tables, now)
            if placed:
                return placed
    batch = None if is_single else visit
    known = known or find(
        visit.client, tables, settings, now, batch=batch, candidate=_new_id(visit)
    )
    if known.named_row:
        placed = _continued(visit, known.named_row, known, tables, now)
        if placed:
            return placed
    look = _look(visit, known, tables)
    fresh = _without(visit, look.duplicates)
    if not fresh.events:
        return Placed(_newest_place(visit, look.duplicates), look.duplicates)
    chosen = _continued_last(fresh, look, tables, now)
    chosen = chosen or _open(fresh, known, tables, settings, now)
    _leave(look, chosen, visit, tables, now)
    return Placed(chosen, look.duplicates)


def _leave(look: Look, chosen: str, visit: Visit, tables: Tables, now: int) -> None:
    """The visitor is in that session now, and in no other one of the site."""
    rows = {row.session_id: row for row in (look.named_row, look.last_row) if row}
    for id_, row in rows.items():
        if id_ != chosen and row.site == visit.client.site and row.left_at is None:
            tables.active.leave(id_, now=now)


def _continued_last(visit: Visit, look: Look, tables: Tables, now: int) -> str | None:
    """Continue the visitor's last session, if it is open for the visit."""
    if look.last_row is None or not _is_open(look.last_row, visit, tables):
        return None
    touch = _touch(visit, look.last_row.session_id, now)
    return touch.session_id if tables.active.touch(touch, seen=look.last_row) else None


def find(
    client: Client,
    tables: Tables,
    settings: Settings,
    now: int,
    *,
    batch: Visit | None = None,
    candidate: str | None = None,
) -> Known:
    """Look up the visitor's pointers of the last 24 hours, as a session may go on past
    midnight; of a batch that names a session also that one's row, and which events it has; and
    whether the candidate for a new session's id is free."""
    salts = salts_of_last_day(now, tables.active, settings)
    pointer_ids = [client.pointer_id(salt) for salt in salts]
    named = batch.named if batch else None
    pointer_keys = [events.pointer_key(id_) for id_ in pointer_ids]
    event_keys = _event_keys(batch.repeatable, [named]) if batch and named else []
    found = tables.database.get_many(
        {
            tables.events.name: pointer_keys + event_keys,
            tables.active.name: [
                active_sessions.row_key(id_) for id_ in dict.fromkeys([named, candidate]) if id_
            ],
            tables.sessions.name: [sessions.session_key(candidate)] if candidate else [],
        },
        inexact=[tables.sessions.name],  # what has just closed was a row long before
    )
    pointers = {
        item["session_id"]: events.pointer_from_item(item)
        for item in found[tables.events.name]
        if events.is_pointer(item)
    }
    in_order = [pointers.get(key["session_id"]) for key in pointer_keys]
    rows = {
        item["session_id"]: active_sessions.from_item(item)
        for item in found[tables.active.name]
    }
    is_taken = candidate in rows or found[tables.sessions.name]
    return Known(
        pointer_id=pointer_ids[0],
        pointer=in_order[0],
        latest=next(filter(None, in_order), None),
        free_id=None if is_taken else candidate,
        named_row=rows.get(named) if named else None,
        under_named=_places(i for i in found[tables.events.name] if not events.is_pointer(i)),
    )


def _is_open(row: ActiveSession | None, visit: Visit, tables: Tables) -> bool:
    earliest = min(event.at for event in visit.events)
    return row is not None and tables.active.is_open_for(row, visit.client.site, earliest)


def _continued(
    visit: Visit, row: ActiveSession, known: Known, tables: Tables, now: int
) -> Placed | None:
    """Continue the named session, if it is open for what is new of the visit. An event from
    before it was opened may have been counted in an earlier one, and be sent again by a tracker
    that has moved on."""
    named = _without(visit, known.under_named)
    if not named.events or not _is_open(row, named, tables):
        return None
    early = visit.repeatable.intersection(
        event.event_id for event in named.events if event.at < row.opened_at
    )
    duplicates = dict(known.under_named)
    if early:
        elsewhere = {*known.session_ids, *_sessions_of_opener(row, known, tables)}
        duplicates |= _duplicates(early, sorted(elsewhere - {row.session_id}), tables)
    fresh = _without(visit, duplicates)
    if not fresh.events:
        return Placed(_newest_place(visit, duplicates), duplicates)
    if not _is_open(row, fresh, tables):
        return None
    touched = tables.active.touch(_touch(fresh, row.session_id, now), seen=row)
    return Placed(row.session_id, duplicates) if touched else None


def _sessions_of_opener(row: ActiveSession, known: Known, tables: Tables) -> list[str]:
    """Those of the visitor that the row was opened for, who may have been called another name
    then."""
    if row.pointer_id == known.pointer_id:
        return []
    (found,) = tables.database.get_many(
        {tables.events.name: [events.pointer_key(row.pointer_id)]}
    ).values()
    return [id_ for item in found for id_ in events.pointer_from_item(item).sessions()]


def _look(visit: Visit, known: Known, tables: Tables) -> Look:
    """In one call for all but the visitor with many sessions and many events, and in none for
    one of whom nothing is known."""
    is_single = len(visit.events) == 1
    elsewhere = [id_ for id_ in known.session_ids if id_ != visit.named]
    keys = _event_keys(visit.repeatable - set(known.under_named), elsewhere)
    if visit.named and is_single:
        keys += _event_keys(visit.repeatable, [visit.named])
    reserved = 2  # for the two rows
    last = known.session_ids[0] if known.session_ids else None
    found = tables.database.get_many(
        {
            tables.events.name: keys[: MOST_KEYS_A_READ - reserved],
            tables.active.name: [
                active_sessions.row_key(id_)
                for id_ in dict.fromkeys([last, visit.named])
                if id_
            ],
        }
    )
    rows = {
        item["session_id"]: active_sessions.from_item(item)
        for item in found[tables.active.name]
    }
    rest = _items(keys[MOST_KEYS_A_READ - reserved :], tables)
    return Look(
        duplicates=known.under_named | _places([*found[tables.events.name], *rest]),
        named_row=rows.get(visit.named) if visit.named else None,
        last_row=rows.get(last) if last else None,
    )


def _open(
    visit: Visit,
    known: Known,
    tables: Tables,
    settings: Settings,
    now: int,
) -> str:
    """The id of a session that is open for the visit: opened here, or by who was quicker."""
    if known.latest and known.latest.claimed_at > now - settings.close_after_ms:
        # Claimed so lately that its row, which is not there, was never there: its opener is
        # between the two writes, or died there. Either way the session is the visitor's.
        opened = _open_as(known.latest.session_id, visit, known, tables, now)
        if opened:
            return opened
    standing, free_id = known.pointer, known.free_id
    for _ in range(ATTEMPTS_TO_OPEN):
        candidate = free_id or _free_id(visit, tables)
        new = _following(standing or known.latest, candidate, now)
        standing = tables.events.claim(known.pointer_id, new, instead_of=standing)
        opened = _open_as(standing.session_id, visit, known, tables, now)
        if opened:
            return opened
        free_id = None
    raise Unavailable("too many callers opened a session for one visitor at once")


def _open_as(
    session_id: str, visit: Visit, known: Known, tables: Tables, now: int
) -> str | None:
    """Open the id, or continue it where somebody did for the same visitor; None if it is
    another visitor's, or has ended."""
    row = opened_by(_under(visit, session_id), pointer_id=known.pointer_id, now=now)
    obstacle = tables.active.open(row)
    if obstacle is None:
        return session_id
    if obstacle.pointer_id != known.pointer_id:
        return None
    touched = tables.active.touch(_touch(visit, session_id, now), seen=obstacle)
    return session_id if touched else None


def _following(pointer: Pointer | None, session_id: str, now: int) -> Pointer:
    return pointer.followed_by(session_id, now=now) if pointer else Pointer(session_id, now)


def _new_id(visit: Visit) -> str:
    return session_id(min(event.at for event in visit.events), urandom(4))


def _free_id(visit: Visit, tables: Tables) -> str:
    """An id that no session has, open or closed."""
    while True:
        candidate = _new_id(visit)
        taken = tables.database.get_many(
            {
                tables.active.name: [active_sessions.row_key(candidate)],
                tables.sessions.name: [sessions.session_key(candidate)],
            }
        )
        if not any(taken.values()):
            return candidate


def _event_keys(event_ids: Collection[str], session_ids: Iterable[str]) -> list[Item]:
    return [
        events.event_key(session_id, event_id)
        for session_id in session_ids
        for event_id in sorted(event_ids)
    ]


def _duplicates(
    event_ids: Collection[str], session_ids: Iterable[str], tables: Tables
) -> dict[str, str]:
    """Which of the events lie under one of these sessions, and under which."""
    return _places(_items(_event_keys(event_ids, session_ids), tables))


def _items(keys: list[Item], tables: Tables) -> list[Item]:
    return [
        item
        for some in chunks(keys, MOST_KEYS_A_READ)
        for item in tables.database.get_many({tables.events.name: some})[tables.events.name]
    ]


def _places(items: Iterable[Item]) -> dict[str, str]:
    return {item["event_id"]: item["session_id"] for item in items}


def _newest_place(visit: Visit, duplicates: dict[str, str]) -> str:
    newest = max(visit.events, key=lambda event: (event.at, event.event_id))
    return duplicates[newest.event_id]


def _without(visit: Visit, duplicates: dict[str, str]) -> Visit:
    return replace(
        visit, events=tuple(event for event in visit.events if event.event_id not in duplicates)
    )


def _under(visit: Visit, session_id: str) -> list[Event]:
    return [replace(event, session_id=session_id) for event in visit.events]


def _touch(visit: Visit, session_id: str, now: int) -> Touch:
    last = max(visit.events, key=lambda event: (event.at, event.event_id))
    views, others = marks(visit.events)
    return Touch(
        session_id=session_id,
        site=visit.client.site,
        earliest=min(event.at for event in visit.events),
        latest=last.at,
        now=now,
        current_page=parse_page(last.page_url).path,
        user_id=last_user_id(visit.events),
        views=views,
        others=others,
    )
