"""Find the session of each event of a batch, or open one, and add the events to its row.

Events go, in this order, to

    the session that they name       if it is open for them
    another one of their visitor     if it is open for them
    a new one                        claimed through the visitor's pointer, so that one of
                                     several callers wins

Which of them it is changes no metric: rows of a visitor that turn out to be one session are
closed as one. An event that a session of the visitor has already is a duplicate, whichever
session the others go to.

The usual event names an open session, and nothing that is known of the session is later. Then
one call does all of this. Whether such an event is a duplicate shows when it is stored.

For example, a tracker that was offline delivers three events at 12:00. They happened at 10:00,
10:05 and 11:00, and name a session whose last event was at 9:50. Between the second and the
third there is a gap of more than 30 minutes, so they are two groups. The first group continues
the named session. The second one opens a new session, to which the visitor's pointer leads from
then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os import urandom

from chalicelib.domain.collection.event import Event
from chalicelib.domain.collection.ids import new_session_id
from chalicelib.domain.collection.session_pointer import SessionPointer
from chalicelib.domain.sessions.active_session import (
    MAX_VISITOR_ROWS,
    ActiveSession,
    new_active_session,
)
from chalicelib.services.collect.batch import Batch, ValidEvent
from chalicelib.services.collect.known_visitor import (
    KnownVisitor,
    find_visitor,
    look_further,
)
from chalicelib.services.context import Context
from chalicelib.storage.active_table.active_sessions import Declined
from chalicelib.storage.active_table.row_update import RowUpdate
from chalicelib.storage.aws.retries import Unavailable
from chalicelib.storage.visitor_lookup import Lookup, look_up

MAX_ATTEMPTS_TO_OPEN = 8
MAX_ATTEMPTS_TO_ASSIGN = 100  # each assigns an event or finds a row gone


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that has been added to the row of its session, which is as it was then. It is
    yet to be stored; `carried` is engagement with earlier page views that is stored with it."""

    valid: ValidEvent
    event: Event
    row: ActiveSession
    carried: tuple[ValidEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """The session of each event of a batch. Duplicates come with the id of the session that
    they are stored in."""

    new_events: Sequence[NewEvent]
    duplicates: Sequence[tuple[ValidEvent, str]]


def assign_session(batch: Batch, context: Context) -> Assignment:
    """Safe to repeat: the same batch again ends in the same sessions."""
    named_session, named_row = batch.named_session, None
    if named_session and len(batch.events) == 1:
        continued = _continue_usual(batch, named_session, context)
        if isinstance(continued, Assignment):
            return continued
        named_session, named_row = None, continued.row  # it has just been read
    first_at = min(event.at for event in batch.events)
    visitor = find_visitor(
        batch.visitor,
        context,
        named_session=named_session,
        own_ids=batch.own_ids,
        new_id=new_session_id(first_at, urandom(4)),
    )
    if named_row is not None:
        visitor.rows[named_row.session_id] = named_row
    assigner = _Assigner(batch, visitor, context)
    groups = assigner.new_groups()
    if len(groups) == 1 and assigner.continues_named(groups[0]):
        return assigner.assignment()
    look_further(batch, visitor, context)
    for group in assigner.new_groups():
        assigner.assign(group)
    return assigner.assignment()


def _continue_usual(batch: Batch, session_id: str, context: Context) -> Assignment | Declined:
    """Add a single event to the session that it names, without looking anywhere else."""
    update = _row_update(batch, session_id, batch.events, context)
    row = context.tables.active_sessions.continue_session(update)
    if isinstance(row, Declined):
        return row
    return Assignment([NewEvent(batch.events[0], update.events[0], row)], [])


@dataclass(slots=True)
class _Assigner:
    """Assigns a batch, one group of events after the other. Between the events of a group there
    is no gap that ends a session."""

    batch: Batch
    visitor: KnownVisitor
    context: Context
    new_events: list[NewEvent] = field(default_factory=list)

    def assignment(self) -> Assignment:
        stored_in = self.visitor.stored_in
        duplicates = [event for event in self.batch.events if event.event_id in stored_in]
        return Assignment(
            self.new_events, [(event, stored_in[event.event_id]) for event in duplicates]
        )

    def new_groups(self) -> list[tuple[ValidEvent, ...]]:
        """Return the events that no session has yet, the oldest group first; each group in the
        order of the request."""
        new = [one for one in self.batch.events if one.event_id not in self.visitor.stored_in]
        groups: list[list[ValidEvent]] = []
        for event in sorted(new, key=lambda one: (one.at, one.position)):
            gap_ms = event.at - groups[-1][-1].at if groups else 0
            if not groups or gap_ms >= self.context.settings.session_timeout_ms:
                groups.append([])
            groups[-1].append(event)
        return [tuple(sorted(group, key=lambda one: one.position)) for group in groups]

    def continues_named(self, group: Sequence[ValidEvent]) -> bool:
        """Add the group to the named session if it can be in no other one: it happened after
        that session was opened, and none has been opened since."""
        row = self.visitor.rows.get(self.batch.named_session or "")
        if row is None or row.later or not self._fits(row, group):
            return False
        if any(event.has_own_id and event.at < row.first_received_at for event in group):
            return False
        return self._try_to_continue(row, group)

    def assign(self, group: Sequence[ValidEvent]) -> None:
        """Add the group to the row that is open for it, as far as it has room, and the rest to
        the next one."""
        for _ in range(MAX_ATTEMPTS_TO_ASSIGN):
            if not group:
                return
            row = self._open_row_for(group)
            if row is None:
                self._open_session(group)
                return
            fitting = self._fitting(row, group)
            if self._try_to_continue(row, fitting):
                group = group[len(fitting) :]
        raise Unavailable("too many callers changed the sessions of one visitor at once")

    def _open_row_for(self, group: Sequence[ValidEvent]) -> ActiveSession | None:
        """Return the named row, or else the one with the newest activity of those that the
        visitor's pointer leads to: there the events are found if they are delivered again. A
        visitor with too many rows gets no more while any of them is open."""
        named, rows = self.batch.named_session, self.visitor.rows
        candidates = {named, *self.visitor.session_ids} & rows.keys()
        if len(rows) >= MAX_VISITOR_ROWS:
            candidates = set(rows)
        open_rows = [
            rows[id_] for id_ in candidates if id_ and self._accepts_some(rows[id_], group)
        ]
        return max(
            open_rows,
            key=lambda row: (row.session_id == named, row.last_activity, row.session_id),
            default=None,
        )

    def _accepts_some(self, row: ActiveSession, group: Sequence[ValidEvent]) -> bool:
        return self._fits(row, self._fitting(row, group))

    def _fitting(self, row: ActiveSession, group: Sequence[ValidEvent]) -> Sequence[ValidEvent]:
        """Return the first events of the group, as many as the session has room for."""
        events = _in_session(self.batch, row.session_id, group, self.context)
        return group[: len(row.fitting_events(events))]

    def _fits(self, row: ActiveSession, group: Sequence[ValidEvent]) -> bool:
        return bool(group) and self._update(row.session_id, group).fits(row)

    def _try_to_continue(self, row: ActiveSession, group: Sequence[ValidEvent]) -> bool:
        """Add the group to the row; return False if it is not open for them any more."""
        update = self._update(row.session_id, group)
        continued = self.context.tables.active_sessions.continue_session(update, checked=row)
        if isinstance(continued, Declined):
            self.visitor.update_row(row.session_id, continued.row)
            return False
        self._add(group, update.events, continued)
        return True

    def _open_session(self, group: Sequence[ValidEvent]) -> None:
        """Open a session for the group, or continue the one that a quicker caller opened.

        Two requests of a new visitor, for example, claim the pointer at once, each for an id of
        its own. One claim succeeds. The other caller gets that pointer back, and continues the
        session to which it leads.
        """
        just_claimed = self._just_claimed_session()
        if just_claimed and self._try_to_open(just_claimed, group):
            return
        for _ in range(MAX_ATTEMPTS_TO_OPEN):
            if self._try_to_open(self._claim_session(group), group):
                return
        raise Unavailable("too many callers opened a session for one visitor at once")

    def _just_claimed_session(self) -> str | None:
        """Return the session claimed so recently that it cannot have been closed. If it has no
        row, the caller that claimed it is about to put the row, or died. In both cases the
        session is the visitor's."""
        latest = self.visitor.latest
        not_closed_since = self.context.now - self.context.settings.close_after_ms
        return latest.session_id if latest and latest.claimed_at > not_closed_since else None

    def _claim_session(self, group: Sequence[ValidEvent]) -> str:
        """Let the visitor's pointer lead to a new session; return the session that it leads to
        now."""
        visitor = self.visitor
        new_id = visitor.free_id or self._free_id(group)
        visitor.free_id = None
        claimed = self.context.tables.session_pointers.claim(
            visitor.pointer_key,
            _advance_pointer(visitor.pointer or visitor.latest, new_id, self.context.now),
            instead_of=visitor.pointer,
        )
        visitor.pointer = visitor.latest = claimed
        return claimed.session_id

    def _try_to_open(self, session_id: str, group: Sequence[ValidEvent]) -> bool:
        """Put a new row of that id, with the group, or continue the row that is there. Return
        False if that is another visitor's, or not open for the group."""
        visitor, table = self.visitor, self.context.tables.active_sessions
        if session_id in visitor.rows:
            return False
        for other in visitor.rows.values():
            if not other.is_full and session_id not in other.later:
                table.supersede(other.session_id, by=session_id)
        events = _in_session(self.batch, session_id, group, self.context)
        new = new_active_session(
            events,
            pointer_key=visitor.pointer_key,
            now=self.context.now,
            earlier=self._earlier_rows(),
        )
        row = table.open(new)
        if row is new:
            self._add(group, events, new)
            return True
        if row.pointer_key != visitor.pointer_key or row.site != self.batch.visitor.site:
            return False
        visitor.rows[session_id] = row
        return self._try_to_continue(row, group)

    def _earlier_rows(self) -> frozenset[str]:
        """Return the rows that a new one knows of: those that may turn out to be one session
        with it, and the full one that it follows, for engagement with a page of that one."""
        rows = self.visitor.rows.values()
        full = [row for row in rows if row.is_full]
        last_full = sorted(full, key=lambda row: row.last_activity)[-1:]
        return frozenset(row.session_id for row in rows if row in last_full or not row.is_full)

    def _free_id(self, group: Sequence[ValidEvent]) -> str:
        """Return an id that no session has, active or closed."""
        while True:
            new_id = new_session_id(group[0].at, urandom(4))
            if look_up(Lookup(new_id=new_id), self.context.tables).is_free:
                return new_id

    def _add(
        self, group: Iterable[ValidEvent], events: Iterable[Event], row: ActiveSession
    ) -> None:
        self.visitor.rows[row.session_id] = row
        self.new_events += [
            NewEvent(valid, event, row) for valid, event in zip(group, events, strict=True)
        ]

    def _update(self, session_id: str, group: Sequence[ValidEvent]) -> RowUpdate:
        return _row_update(self.batch, session_id, group, self.context)


def _row_update(
    batch: Batch, session_id: str, group: Iterable[ValidEvent], context: Context
) -> RowUpdate:
    events = _in_session(batch, session_id, group, context)
    return RowUpdate(session_id, events, context.now, context.settings.session_timeout_ms)


def _in_session(
    batch: Batch, session_id: str, group: Iterable[ValidEvent], context: Context
) -> tuple[Event, ...]:
    return tuple(batch.in_session(event, session_id, context) for event in group)


def _advance_pointer(
    pointer: SessionPointer | None, session_id: str, now: int
) -> SessionPointer:
    return pointer.advance(session_id, now=now) if pointer else SessionPointer(session_id, now)
