"""Moments are when events happened, as packed sessions know it: for lists of events, which are
newest first by time, then by `session_id/event_id` from the last to the first.

Packs know the time and the type of each event, but not its id or its address: they tell
which sessions are to be read from Events.
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
from chalicelib.domain.sessions.session import MAX_SESSION_MS, Session


def event_cursor(session_id: str, event: Event) -> Cursor:
    """The place of an event in a list."""
    return Cursor(event.at, f"{session_id}/{event.event_id}")


class EventRef(NamedTuple):
    """One or more events of a session at one time; `key` comes right after theirs."""

    key: Cursor
    storage_session_id: str  # the id that the events of the session are stored under


@dataclass(frozen=True, slots=True)
class EventQuery:
    """The events from `start` to before `end` (ms) of that type, or of every type if it is
    None; those after the cursor."""

    start: int
    end: int
    event_type: str | None
    after: Cursor | None

    @property
    def latest(self) -> int:
        """The last moment at which one can lie."""
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
        """Whether a page can end there: after the beginning, where it has come to something."""
        return key.at <= self.latest and self.is_after_cursor(key)

    def is_after_cursor(self, key: Cursor) -> bool:
        return self.after is None or key < self.after


def events_in_pack(pack: Pack, query: EventQuery, most: int) -> list[EventRef]:
    """The newest ones, `most` or a few more, in no order."""
    pairs = _pairs(pack, query)
    # Those at the time of the cursor may all have been in the page before.
    older = nlargest(most, (at for at, _ in pairs if at < query.latest))
    chosen = [(at, place) for at, place in pairs if at >= (older or [0])[-1]]
    places = sorted({place for _, place in chosen})
    under, names = pack.column("storage_session_id"), pack.texts()["storage_session_id"]
    ids = dict(zip(places, pack.session_ids(places), strict=True)) if places else {}
    found = (
        EventRef(Cursor(at, f"{ids[place]}/"), names[under[place]] or ids[place])
        for at, place in chosen
    )
    return [moment for moment in found if query.is_after_cursor(moment.key)]


def open_session_events(session: Session, under: str, query: EventQuery) -> list[EventRef]:
    """Those that an open session may have: of events other than page views, its row does not
    know the type."""
    found = (
        EventRef(Cursor(step.at, f"{session.session_id}/"), under)
        for step in session.steps
        if query.start <= step.at <= query.latest
        and (query.event_type is None or step.is_page_view == (query.event_type == PAGE_VIEW))
    )
    return [moment for moment in found if query.is_after_cursor(moment.key)]


def newest_events(found: Iterable[EventRef], most: int) -> list[EventRef]:
    """Each key once, newest first."""
    by_key: Mapping[Cursor, EventRef] = {moment.key: moment for moment in found}
    return [by_key[key] for key in nlargest(most, by_key)]


def _pairs(pack: Pack, query: EventQuery) -> set[tuple[int, int]]:
    """Time, and number of the session, of what is sought in the pack."""
    types: Sequence[str | None] = pack.texts()["event_type"]
    if query.event_type is not None and query.event_type not in types:
        return set()
    counts = pack.column("steps")
    gaps = iter(pack.column("gap"))
    times = chain.from_iterable(
        accumulate(islice(gaps, count - 1), initial=start)
        for start, count in zip(pack.starts(), counts, strict=True)
    )
    places = chain.from_iterable(map(repeat, range(len(counts)), counts))
    wanted = [query.event_type in (None, name) for name in types]
    flags = map(wanted.__getitem__, pack.column("event_type"))
    return {
        (at, place)
        for at, place, is_wanted in zip(times, places, flags, strict=True)
        if is_wanted and query.start <= at <= query.latest
    }
