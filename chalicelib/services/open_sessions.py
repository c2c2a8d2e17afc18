"""The active sessions for lists and stats: all of them, or none if there are too many to read
at once, as partial results would be misleading."""

from __future__ import annotations

from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import join_rows
from chalicelib.domain.sessions.session import Session
from chalicelib.services.context import Context
from chalicelib.services.row_events import sessions_of_rows


def open_rows(context: Context) -> list[ActiveSession] | None:
    """Return the rows of all sites, those waiting to be closed included; None if there are too
    many."""
    contents = context.tables.active_scan.read()
    return contents.rows if contents.is_complete else None


def open_sessions(
    site: str, context: Context, *, has_closed_visitors: bool = False
) -> list[Session] | None:
    """Return the active sessions of a site; None if the rows of all sites are too many. With
    `has_closed_visitors` a user is the same visitor as in closed sessions: raise Unavailable if
    the visitor key is needed and cannot be read."""
    rows = open_rows(context)
    if rows is None:
        return None
    own = [row for row in rows if row.site == site]
    users = [row.user_id for row in own] if has_closed_visitors else []
    key = context.tables.visitor_key.for_users(users)
    return [
        session
        for some in join_rows(own, context.settings.session_timeout_ms)
        for session in sessions_of_rows(some, context.settings, visitor_key=key)
    ]
