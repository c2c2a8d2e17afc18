"""Find the events of a list in packs: newest first by time, then by `session_id/event_id`.

A pack knows the time and type of each event, but neither its id nor its full URL. It only says
which sessions to read from the Events table, and up to which time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate, chain, islice, repeat
from typing import NamedTuple

from chalicelib.domain.collection.event import PAGE_VIEW, Event
from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import MAX_SESSION_MS


def event_cursor(session_id: str, event: Event) -> Cursor:
    """Return the position of an event in a list."""
    return Cursor(event.at, f"{session_id}/{event.event_id}")


class EventRef(NamedTuple):
    """The events of a session at one time. `key` sorts right after them in a list."""

    key: Cursor
    storage_session_id: str  # under which its events are stored


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events from `start` to before `end` (ms), of one type or of all (None), after the
    cursor."""

    start: int
    end: int
    event_type: str | None
    after: Cursor | None

    @property
    def latest(self) -> int:
        """The latest time (ms) that an event of the query can have."""
        return self.end - 1 if self.after is None else min(self.end - 1, self.after.at)

    def matches(self, session_id: str, event: Event) -> bool:
        if self.event_type not in (None, event.event_type):
            return False
        return self.start <= event.at < self.end and self.is_after_cursor(
            event_cursor(session_id, event)
        )

    def may_match(self, pack: Pack) -> bool:
        ends = pack.last_start + MAX_SESSION_MS
        return pack.first_start <= self.latest and self.start < ends

    def can_end_page(self, key: Cursor) -> bool:
        """Return whether a page may end here: it is later than where the page began."""
        return key.at <= self.latest and self.is_after_cursor(key)

    def is_after_cursor(self, key: Cursor) -> bool:
        return self.after is None or key < self.after


def events_in_pack(pack: Pack, query: EventQuery, most: int) -> list[EventRef]:
    """Return the newest `most` events of the pack, or a few more, in no order."""
    pairs = _pairs(pack, query)
    # All events at the time of the cursor may have been on the previous page.
    older = nlargest(most, (at for at, _ in pairs if at < query.latest))
    chosen = [(at, index) for at, index in pairs if at >= (older or [0])[-1]]
    indices = sorted({index for _, index in chosen})
    ids = dict(zip(indices, pack.session_ids(indices), strict=True)) if indices else {}
    codes, storage_ids = pack.column("storage_session_id"), pack.texts()["storage_session_id"]
    refs = (
        EventRef(Cursor(at, f"{ids[index]}/"), storage_ids[codes[index]] or ids[index])
        for at, index in chosen
    )
    return [ref for ref in refs if query.is_after_cursor(ref.key)]


def open_session_events(
    session: Session, storage_session_id: str, query: EventQuery
) -> list[EventRef]:
    """Return the refs of events that may match: the row of an open session does not know the
    type of events other than page views."""
    refs = (
        EventRef(Cursor(step.at, f"{session.session_id}/"), storage_session_id)
        for step in session.steps
        if query.start <= step.at <= query.latest
        and (query.event_type is None or step.is_page_view == (query.event_type == PAGE_VIEW))
    )
    return [ref for ref in refs if query.is_after_cursor(ref.key)]


def newest_events(refs: Iterable[EventRef], most: int) -> list[EventRef]:
    """Return the newest, each position once."""
    by_key: Mapping[Cursor, EventRef] = {ref.key: ref for ref in refs}
    return [by_key[key] for key in nlargest(most, by_key)]


def _pairs(pack: Pack, query: EventQuery) -> set[tuple[int, int]]:
    """Return (time, index of the session) of the events in the pack that match."""
    types: Sequence[str | None] = pack.texts()["event_type"]
    if query.event_type is not None and query.event_type not in types:
        return set()
    counts = pack.column("steps")
    gaps = iter(pack.column("gap"))
    times = chain.from_iterable(
        accumulate(islice(gaps, count - 1), initial=start)
        for start, count in zip(pack.starts(), counts, strict=True)
    )
    indices = chain.from_iterable(map(repeat, range(len(counts)), counts))
    has_type = [query.event_type in (None, name) for name in types]
    flags = map(has_type.__getitem__, pack.column("event_type"))
    return {
        (at, index)
        for at, index, is_of_type in zip(times, indices, flags, strict=True)
        if is_of_type and query.start <= at <= query.latest
    }
