"""Lists of sessions and of events, as the API returns them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.domain.collection.event import Event
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.scan.event_page import event_cursor
from chalicelib.domain.sessions.session import Step
from chalicelib.domain.sessions.session_summary import SessionSummary
from chalicelib.presentation.serializers import (
    fit_response,
    serialize_event,
    serialize_listed_event,
    serialize_session,
    serialize_step,
)
from chalicelib.settings import Settings


def session_list(
    sessions: Iterable[SessionSummary], cursor: Cursor | None, settings: Settings
) -> dict[str, Any]:
    return {
        "sessions": [serialize_session(one, settings) for one in sessions],
        "cursor": cursor.text() if cursor else None,
    }


def event_list(
    events: Sequence[tuple[str, Event]], cursor: Cursor | None, settings: Settings
) -> dict[str, Any]:
    """Return events, each with the id of its session. The page ends early if they are too large
    for one response."""
    listed = fit_response(serialize_listed_event(*one, settings) for one in events)
    if len(listed) < len(events):
        cursor = event_cursor(*events[len(listed) - 1])
    return {"events": listed, "cursor": cursor.text() if cursor else None}


def timeline(
    session: SessionSummary,
    entries: Sequence[Event | Step],
    settings: Settings,
    *,
    is_complete: bool,
) -> dict[str, Any]:
    """Return a session with its events, or with its steps if the events have been deleted."""
    listed = fit_response(
        serialize_event(one, settings)
        if isinstance(one, Event)
        else serialize_step(one, settings)
        for one in entries
    )
    return {
        "session": serialize_session(session, settings),
        "timeline": listed,
        "timeline_complete": is_complete and len(listed) == len(entries),
    }
