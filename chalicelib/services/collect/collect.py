"""Collect what trackers send.

Each payload of a request takes this way, top to bottom:

    payload ─▶ valid event ─▶ drop reason      validate, drop_reason
                   │
                   ▼ none
               batch ─▶ assigned session       batches, assign_session
                              │
                              ▼
                        stored event           store_events, store_engagement
                              │
                              ▼
                           outcome             one per payload, in their order

An invalid or dropped event does not affect the others of its request. An event that is reported
as stored is stored once, however often it is delivered. A second delivery of the same event id
is a duplicate. It is recognized

    in the same request       by `batches`, as a repeat
    in a later request        by `assign_session`, which looks for it in the sessions of the
                              visitor before it adds anything to a row; or, if it is the usual
                              event of an open session, which costs one call less,
                              by `store_events`: the conditional put fails, and what
                              `assign_session` added to the row is taken back

and its outcome has the session that it is stored in. An event without an id of its own gets a
new id with each delivery, so trackers that retry send ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from os import urandom

from chalicelib.domain.collection import ids
from chalicelib.domain.collection.event import Event
from chalicelib.domain.collection.event_payload import InvalidEvent
from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.domain.exclusions.drop_reason import DropReason
from chalicelib.services.collect.batch import Batch, ValidEvent, batches, validate
from chalicelib.services.collect.drop_rules import drop_reason
from chalicelib.services.collect.engagement import (
    apply_engagement,
    carry_engagement,
    rows_with_page_views,
    session_stored_with,
)
from chalicelib.services.collect.session_assignment import NewEvent, assign_session
from chalicelib.services.context import Context

PROCESSED = "Event processed successfully"


class OutcomeStatus(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"
    DROPPED = "dropped"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the payload at `position` of a request; `message` says it in a sentence.
    `first_message` is what the first delivery of a duplicate was answered."""

    position: int
    status: OutcomeStatus
    message: str
    event_id: str | None = None
    session_id: str | None = None
    drop_reason: DropReason | None = None
    first_message: str | None = None


def collect(
    payloads: Sequence[object], client: RequestClient, context: Context
) -> list[Outcome]:
    """Store the events of one request; return their outcomes, in the same order."""
    outcomes: list[Outcome] = []
    counted: list[ValidEvent] = []
    random = _random_bytes()
    for position, payload in enumerate(payloads):
        try:
            event = validate(payload, position, next(random), context)
        except InvalidEvent as error:
            outcomes.append(Outcome(position, OutcomeStatus.INVALID, str(error)))
            continue
        reason = drop_reason(event, client, context.settings)
        if reason is None:
            counted.append(event)
        else:
            outcomes.append(_dropped(event, reason))
    for batch in batches(counted, client):
        outcomes += store_batch(batch, context)
    return sorted(outcomes, key=lambda outcome: outcome.position)


def _random_bytes() -> Iterator[bytes]:
    """4 bytes for each new id of a request, counted on from random ones: none occurs twice."""
    first = int.from_bytes(urandom(4), "big")
    number = 0
    while True:
        yield ((first + number) % 2**32).to_bytes(4, "big")
        number += 1


def store_batch(batch: Batch, context: Context) -> list[Outcome]:
    """Store the events of one visitor. Safe to repeat."""
    stored: list[NewEvent] = []
    outcomes: list[Outcome] = []
    if batch.events:
        assignment = assign_session(batch, context)
        new_events = carry_engagement(assignment.new_events, batch.engagement)
        stored, late_duplicates = store_events(new_events, context)
        duplicates = [*assignment.duplicates, *late_duplicates]
        outcomes += [_stored(new.valid, new.event) for new in stored]
        outcomes += [_duplicate(event, session_id) for event, session_id in duplicates]
    for repeat in batch.repeats:
        first = next(one for one in outcomes if one.event_id == repeat.event_id)
        outcomes.append(_duplicate(repeat, first.session_id))
    return outcomes + store_engagement(batch, stored, context)


def store_events(
    new_events: Sequence[NewEvent], context: Context
) -> tuple[list[NewEvent], list[tuple[ValidEvent, str]]]:
    """Store these events; return them as they are stored, and the duplicates among them with
    their session ids."""
    events = context.tables.events
    stored = _store_with_new_ids(
        [new for new in new_events if not new.valid.has_own_id], context
    )
    own = [new for new in new_events if new.valid.has_own_id]
    if len(own) != 1:
        # `assign_session` has looked for each of several events.
        events.put_many([new.event for new in own])
        return stored + own, []
    (new,) = own
    if events.put(new.event):
        return stored + own, []
    context.tables.active_sessions.retract(new.row, new.event)
    return stored, [(new.valid, new.event.session_id)]


def _store_with_new_ids(new_events: Sequence[NewEvent], context: Context) -> list[NewEvent]:
    """Store events whose ids were made here; those whose session has an event of that id get
    another one: 4 random bytes can occur twice within a second."""
    events = context.tables.events
    if len(new_events) == 1:
        (new,) = new_events
        return [replace(new, event=events.put_with_new_id(new.event, _with_new_id))]
    taken = events.taken_ids([new.event for new in new_events])
    stored = [
        replace(new, event=_with_new_id(new.event)) if new.event.event_id in taken else new
        for new in new_events
    ]
    events.put_many([new.event for new in stored])
    return stored


def _with_new_id(event: Event) -> Event:
    return replace(event, event_id=ids.new_event_id(event.at, urandom(4)))


def store_engagement(
    batch: Batch, stored: Sequence[NewEvent], context: Context
) -> list[Outcome]:
    """Store the engagement that is not stored with one of the new events; return the outcomes
    of all engagement."""
    outcomes: list[Outcome] = []
    unmatched_engagement: list[ValidEvent] = []
    for engagement in batch.engagement:
        session_id = session_stored_with(engagement, stored)
        if session_id is None:
            unmatched_engagement.append(engagement)
        else:
            outcomes.append(_engaged(engagement, session_id))
    rows = rows_with_page_views(batch, stored, context) if unmatched_engagement else []
    for engagement in unmatched_engagement:
        session_id = apply_engagement(engagement, rows, context)
        if session_id is None:
            outcomes.append(_dropped(engagement, DropReason.NO_PAGE_VIEW))
        else:
            outcomes.append(_engaged(engagement, session_id))
    return outcomes


def _stored(event: ValidEvent, stored: Event) -> Outcome:
    return Outcome(
        event.position,
        OutcomeStatus.STORED,
        _processed(event),
        stored.event_id,
        stored.session_id,
    )


def _engaged(engagement: ValidEvent, session_id: str) -> Outcome:
    return Outcome(
        engagement.position,
        OutcomeStatus.STORED,
        _processed(engagement),
        engagement.event_id,
        session_id,
    )


def _duplicate(event: ValidEvent, session_id: str | None) -> Outcome:
    return Outcome(
        event.position,
        OutcomeStatus.DUPLICATE,
        "Duplicate event",
        event.event_id,
        session_id,
        first_message=_processed(event),
    )


def _dropped(event: ValidEvent, reason: DropReason) -> Outcome:
    return Outcome(
        event.position,
        OutcomeStatus.DROPPED,
        reason.message,
        event.event_id,
        drop_reason=reason,
    )


def _processed(event: ValidEvent) -> str:
    note = event.payload.note
    return f"{PROCESSED}; {note}" if note else PROCESSED
