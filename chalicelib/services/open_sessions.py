"""The open sessions, as lists show them: all of them or, where there are too many to be read at
once, none. A part would be there on one page and not on the next."""

from __future__ import annotations

from chalicelib.domain.active_session import ActiveSession, as_sessions
from chalicelib.domain.session import Session
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables


def open_rows(tables: Tables) -> list[ActiveSession]:
    """Of all sites, those that wait to be closed included."""
    contents = tables.active.contents()
    return contents.rows if contents.is_complete else []


def sessions_of_row(row: ActiveSession, settings: Settings) -> list[Session]:
    """Usually one; late events can make it several."""
    return as_sessions(
        row, visitor_key=settings.visitor_key, timeout_ms=settings.session_timeout_ms
    )


def open_sessions(site: str, tables: Tables, settings: Settings) -> list[Session]:
    return [
        session
        for row in open_rows(tables)
        if row.site == site
        for session in sessions_of_row(row, settings)
    ]
