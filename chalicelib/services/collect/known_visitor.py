"""What is stored about the visitor of a batch: earlier sessions, and earlier deliveries.

It takes two calls at most. The first one reads the visitor's pointers, which lead to sessions
of the last 48 hours. The second one reads the rows of these sessions, and whether one of them
has an event of the batch already. Neither is needed for the usual event, which names its
session and comes after all that is known of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from chalicelib.domain.collection.session_pointer import SessionPointer
from chalicelib.domain.collection.visitor import VisitorIdentity
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.services.collect.batch import Batch, ValidEvent
from chalicelib.services.collect.daily_salts import salts_of_last_day
from chalicelib.services.context import Context
from chalicelib.storage.visitor_lookup import Lookup, look_up


@dataclass(slots=True)
class KnownVisitor:
    """Kept up to date while a batch is assigned.

    pointer_key    of today's pointer
    pointer       as it is stored: what a claim replaces
    latest        the same, or else the newest pointer of the last 24 hours
    free_id       for a new session, if the id that was looked up is free
    rows          the visitor's active sessions, by id
    stored_in     by event id, the session that has the event already
    """

    pointer_key: str
    pointer: SessionPointer | None
    latest: SessionPointer | None
    free_id: str | None = None
    rows: dict[str, ActiveSession] = field(default_factory=dict)
    stored_in: dict[str, str] = field(default_factory=dict)

    @property
    def session_ids(self) -> list[str]:
        """The sessions that may have an event of the visitor, newest first."""
        return self.latest.session_ids() if self.latest else []

    def update_row(self, session_id: str, row: ActiveSession | None) -> None:
        """Note the state of a row; None if it does not exist any more."""
        if row is not None:
            self.rows[session_id] = row
        else:
            self.rows.pop(session_id, None)


def find_visitor(
    visitor: VisitorIdentity,
    context: Context,
    *,
    named_session: str | None = None,
    own_ids: Collection[str] = (),
    new_id: str | None = None,
) -> KnownVisitor:
    """Make the first call: for the visitor's pointers; the row of the session that a batch
    names, and which of its events that session has; and whether `new_id` is free."""
    pointer_keys = [visitor.pointer_key(salt) for salt in salts_of_last_day(context)]
    named = [named_session] if named_session else []
    result = look_up(
        Lookup(pointer_keys, session_ids=named, events=_pairs(named, own_ids), new_id=new_id),
        context.tables,
    )
    pointers = [result.pointers[id_] for id_ in pointer_keys if id_ in result.pointers]
    return KnownVisitor(
        pointer_key=pointer_keys[0],
        pointer=result.pointers.get(pointer_keys[0]),
        latest=pointers[0] if pointers else None,
        free_id=new_id if result.is_free else None,
        rows={id_: row for id_, row in result.rows.items() if id_ == named_session},
        stored_in=result.stored_in,
    )


def look_further(batch: Batch, visitor: KnownVisitor, context: Context) -> None:
    """Make the second call: for the visitor's rows, and for earlier deliveries of the events in
    all sessions. There is none if nothing is known of the visitor."""
    named = batch.named_session
    ids = dict.fromkeys([*visitor.session_ids, *([named] if named else [])])
    row = visitor.rows.get(named or "")
    if row is not None:
        ids |= dict.fromkeys(sorted(row.related_ids))
        if row.pointer_key != visitor.pointer_key and _may_precede(batch.events, row):
            # The visitor may have had another pointer when the row was opened: before midnight,
            # or before the site gave a user_id.
            pointers = look_up(Lookup([row.pointer_key]), context.tables).pointers
            ids |= dict.fromkeys(id_ for one in pointers.values() for id_ in one.session_ids())
    # The first call has looked for the events of several in the session that they name.
    unseen = [id_ for id_ in ids if id_ != named or len(batch.events) == 1]
    result = look_up(
        Lookup(
            session_ids=[id_ for id_ in ids if id_ not in visitor.rows],
            events=_pairs(unseen, batch.own_ids - visitor.stored_in.keys()),
        ),
        context.tables,
    )
    visitor.stored_in |= result.stored_in
    rows = [*visitor.rows.values(), *result.rows.values()]
    related = context.tables.active_sessions.with_relatives(rows)
    site = batch.visitor.site
    visitor.rows = {id_: one for id_, one in related.items() if one.site == site}


def _may_precede(events: Iterable[ValidEvent], row: ActiveSession) -> bool:
    """Whether one of the events happened before the row was opened."""
    return any(event.at < row.first_received_at for event in events)


def _pairs(session_ids: Iterable[str], event_ids: Collection[str]) -> list[tuple[str, str]]:
    ordered = sorted(event_ids)
    return [(session_id, event_id) for session_id in session_ids for event_id in ordered]
