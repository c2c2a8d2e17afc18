"""What is stored about a visitor, read from three tables in one call.

events              the visitor's pointers; whether an event is stored in a session
active sessions     rows
sessions            whether the id of a closed session is free for a new one
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.domain.collection.session_pointer import SessionPointer
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.storage import session_pointers
from chalicelib.storage.active_table.active_sessions import readable, row_key
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import MAX_KEYS_PER_READ, chunks
from chalicelib.storage.events import event_key

if TYPE_CHECKING:
    from chalicelib.storage.tables import Tables


@dataclass(frozen=True, slots=True)
class Lookup:
    """What to read. `events` are pairs of a session id and an event id; `new_id` is the id of
    a session to be opened."""

    pointer_keys: Sequence[str] = ()
    session_ids: Sequence[str] = ()
    events: Sequence[tuple[str, str]] = ()
    new_id: str | None = None


@dataclass(slots=True)
class LookupResult:
    """What exists of it.

    pointers     by pointer id
    rows         active sessions by id, without those that cannot be read
    stored_in    by event id, the session that an event is stored in
    is_free      whether no session has the new id, active or closed
    """

    pointers: dict[str, SessionPointer] = field(default_factory=dict)
    rows: dict[str, ActiveSession] = field(default_factory=dict)
    stored_in: dict[str, str] = field(default_factory=dict)
    is_free: bool = True


def look_up(lookup: Lookup, tables: Tables) -> LookupResult:
    """One call for up to 100 keys, rows before events."""
    settings = tables.settings
    names = settings.active_sessions_table, settings.sessions_table, settings.events_table
    result = LookupResult()
    for some in chunks(_keys(lookup, *names), MAX_KEYS_PER_READ):
        keys: dict[str, list[Item]] = {name: [] for name in names}
        for name, key in some:
            keys[name].append(key)
        # A session that has just closed had a row a moment ago, which is read consistently.
        items = tables.database.get_many(keys, eventually_consistent=[settings.sessions_table])
        rows, closed, of_events = (items[name] for name in names)
        _add_rows(result, rows, lookup.new_id)
        result.is_free = result.is_free and not closed
        _add_events(result, of_events)
    return result


def _keys(
    lookup: Lookup, active_sessions: str, sessions: str, events: str
) -> Iterable[tuple[str, Item]]:
    """Each key with the name of its table."""
    ids = dict.fromkeys([*lookup.session_ids, *([lookup.new_id] if lookup.new_id else [])])
    yield from ((active_sessions, row_key(session_id)) for session_id in ids)
    if lookup.new_id:
        yield sessions, {"session_id": lookup.new_id}
    for pointer_key in lookup.pointer_keys:
        yield events, session_pointers.pointer_item_key(pointer_key)
    for session_id, event_id in lookup.events:
        yield events, event_key(session_id, event_id)


def _add_rows(result: LookupResult, items: Sequence[Item], new_id: str | None) -> None:
    if any(item["session_id"] == new_id for item in items):
        result.is_free = False
    result.rows |= {row.session_id: row for row in readable(items)}


def _add_events(result: LookupResult, items: Iterable[Item]) -> None:
    for item in items:
        if session_pointers.is_pointer(item):
            pointer = session_pointers.from_item(item)
            result.pointers[session_pointers.pointer_id_of(item)] = pointer
        else:
            # `moved_to` if its session turned out to be part of another one.
            result.stored_in[item["event_id"]] = item.get("moved_to") or item["session_id"]
