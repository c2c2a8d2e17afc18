"""The open sessions as lists and figures have them: all of them or, where there are too many to
be read at once, none. A part of them would be neither here nor there."""

from __future__ import annotations

from chalicelib.domain.sessions.active_session import ActiveSession, join_rows
from chalicelib.domain.sessions.session import Session
from chalicelib.services.context import Context
from chalicelib.services.joined_rows import sessions_of_rows


def open_rows(context: Context) -> list[ActiveSession] | None:
    """Of all sites, those that wait to be closed included; None where they are too many."""
    contents = context.tables.active_scan.read()
    return contents.rows if contents.is_complete else None


def open_sessions(
    site: str, context: Context, *, has_closed_visitors: bool = False
) -> list[Session] | None:
    """Of one site; None where the rows of all sites are too many. With `has_closed_visitors` a
    user is the same visitor as in closed sessions: raise Unavailable if that takes the visitor
    key and it cannot be read."""
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
