"""Engagement: how long a page view was visible, and how far it was scrolled.

It is no event of its own, but adds to a page view. It is stored

    with the page view          if both are in one request
    with another new event      `carried`, if its page view is in the same row: one write less
    in the page view's item     else; then it also keeps the session open
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.collection.event import CarriedEngagement, is_read_through
from chalicelib.domain.collection.ids import short_event_id
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.session_limits import MAX_SESSION_MS
from chalicelib.services.collect.batch import Batch, ValidEvent
from chalicelib.services.collect.known_visitor import find_visitor
from chalicelib.services.collect.session_assignment import NewEvent
from chalicelib.services.context import Context


def carry_engagement(
    new_events: Sequence[NewEvent], engagement: Sequence[ValidEvent]
) -> list[NewEvent]:
    """Return the events with the engagement that can be stored with them: with an earlier page
    view of the row, and no later than its events, so that it keeps the session open no longer
    than they do."""
    new_ids = {new.valid.event_id for new in new_events}
    left = [one for one in engagement if one.event_id not in new_ids]
    carrying: list[NewEvent] = []
    for new in new_events:
        carried = [
            one
            for one in left
            if one.at <= new.row.last_activity and new.row.view_at(one.event_id) is not None
        ]
        left = [one for one in left if one not in carried]
        carrying.append(_carrying(new, carried) if carried else new)
    return carrying


def _carrying(new: NewEvent, carried: Sequence[ValidEvent]) -> NewEvent:
    stored = tuple(
        CarriedEngagement(
            short_event_id(one.event_id), one.payload.engaged_ms, one.payload.scroll_depth
        )
        for one in carried
    )
    return replace(new, event=replace(new.event, carried=stored), carried=tuple(carried))


def session_stored_with(engagement: ValidEvent, stored: Sequence[NewEvent]) -> str | None:
    """Return the id of the session in which the engagement has been stored with one of these
    events; None if it has not been stored."""
    for new in stored:
        if engagement.event_id == new.valid.event_id or engagement in new.carried:
            return new.event.session_id
    return None


def rows_with_page_views(
    batch: Batch, stored: Sequence[NewEvent], context: Context
) -> list[ActiveSession]:
    """Return the rows that may have the page views of engagement, the most likely first: those
    of the new events; or else that of the named session; or else the visitor's."""
    if stored:
        return list({new.row.session_id: new.row for new in stored}.values())
    ids = [batch.named_session] if batch.named_session else []
    if not ids:
        ids = find_visitor(batch.visitor, context).session_ids
    rows = context.tables.active_sessions.get_many(ids).values()
    newest_first = sorted(rows, key=lambda row: -row.last_activity)
    return [row for row in newest_first if row.site == batch.visitor.site]


def apply_engagement(
    engagement: ValidEvent, rows: Sequence[ActiveSession], context: Context
) -> str | None:
    """Add to a page view of a session that has not been closed, and keep that open. Return the
    session's id, or None if no row has the page view.

    It may be in a row before these: the session reached its limit since, or a late event opened
    another row."""
    own_ids = {row.session_id for row in rows}
    related_ids = {id_ for row in rows for id_ in row.related_ids} - own_ids
    for row in rows:
        if row.site == engagement.site and _adds(engagement, row, context):
            return row.session_id
    if not related_ids:
        return None
    for row in context.tables.active_sessions.get_many(related_ids).values():
        if row.site == engagement.site and _adds(engagement, row, context):
            return row.session_id
    return None


def _adds(valid: ValidEvent, row: ActiveSession, context: Context) -> bool:
    """Add engagement to its page view; return False if the row does not have that. First the
    row is kept from being closed meanwhile."""
    tables, timeout_ms = context.tables, context.settings.session_timeout_ms
    view_at = row.view_at(valid.event_id)
    if view_at is None and row.is_truncated:
        view_at = tables.events.page_view_time(row.session_id, valid.event_id)
    if view_at is None or valid.at - row.start_time >= MAX_SESSION_MS:
        return False
    engagement = valid.engagement
    active_until = row.active_until(timeout_ms)
    is_reading = is_read_through(view_at, active_until, engagement, timeout_ms=timeout_ms)
    is_later = engagement.at > row.last_activity
    read_until = engagement.at if is_later and is_reading else None
    seen_at = engagement.at if is_later and not is_reading else None
    is_expired = context.now >= row.expires_at(timeout_ms) * 1000
    if engagement.at > active_until or is_expired:
        kept = tables.active_sessions.keep_open(
            row, read_until=read_until, seen_at=seen_at, now=context.now
        )
        if kept is None:
            return False
    return tables.events.update_engagement(
        row.session_id,
        valid.event_id,
        engaged_ms=engagement.engaged_ms,
        scroll_depth=engagement.scroll_depth,
        read_until=read_until,
        seen_at=seen_at,
    )
