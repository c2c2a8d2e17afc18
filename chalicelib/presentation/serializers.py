"""Serializes domain values to the JSON of docs/reference/api.md."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chalicelib.domain.attributes.source import source_of
from chalicelib.domain.attributes.user_agent import parse_user_agent
from chalicelib.domain.collection.event import Event
from chalicelib.domain.query.calendar import format_iso, local_datetime
from chalicelib.domain.sessions.session import ENDED_BY_LIMIT, Step
from chalicelib.domain.sessions.session_summary import SessionSummary
from chalicelib.domain.urls.page_url import UTM_PARAMETERS, parse_page_url
from chalicelib.domain.urls.paths import readable_path, readable_path_or_none
from chalicelib.settings import Settings

MAX_RESPONSE_BYTES = 4_000_000  # of an answer as it travels; Lambda takes 6 MB
SESSION_FIELDS = (
    "session_id", "user_id", "site", "start_time", "last_activity", "expires_at", "is_active",
    "ended_by", "page_count", "events", "duration", "engaged_time", "entry_page", "exit_page",
    "current_page", "referrer", "source", "channel", *UTM_PARAMETERS, "country", "device",
    "browser", "os", "language", "screen",
)  # fmt: skip


def serialize_session(outline: SessionSummary, settings: Settings) -> dict[str, Any]:
    """Serialize a session, as every route returns it. Unknown values are null."""
    zone = settings.report_timezone
    came_by = source_of(outline)
    device = parse_user_agent(outline.user_agent)
    active_until = outline.active_until or outline.last_activity
    expires_at = -(-(active_until + settings.session_timeout_ms) // 1000) * 1000
    return {
        "session_id": outline.session_id,
        "user_id": outline.user_id,
        "site": outline.site,
        "start_time": format_iso(outline.start_time, zone),
        "last_activity": format_iso(outline.last_activity, zone),
        "expires_at": format_iso(expires_at, zone),
        "is_active": outline.is_active,
        # Stored by releases before 0.2.
        "ended_by": ENDED_BY_LIMIT if outline.ended_by == "full" else outline.ended_by,
        "page_count": outline.page_count,
        "events": outline.events,
        "duration": round(outline.duration_ms / 1000),
        "engaged_time": round(outline.engaged_ms / 1000),
        "entry_page": readable_path_or_none(outline.entry_page),
        "exit_page": readable_path_or_none(outline.exit_page),
        "current_page": readable_path_or_none(outline.current_page),
        "referrer": outline.referrer,
        "source": came_by.name,
        "channel": came_by.channel,
        **{name: getattr(outline, name) for name in UTM_PARAMETERS},
        "country": outline.location.country,
        "device": device.device,
        "browser": device.browser,
        "os": device.os,
        "language": outline.language,
        "screen": outline.screen,
    }


def fit_response(replies: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many items as fit into a response, but at least one: events can have 60 KB of
    props each."""
    fitting: list[dict[str, Any]] = []
    size = 0
    for one in replies:
        size += encoded_size(json.dumps(one))
        if fitting and size > MAX_RESPONSE_BYTES:
            break
        fitting.append(one)
    return fitting


def encoded_size(text: str) -> int:
    """Return the size of a JSON value within the JSON string that Lambda returns."""
    return len(json.dumps(text))


def serialize_event(event: Event, settings: Settings) -> dict[str, Any]:
    """Serialize an event, as every route returns it, with its time to the millisecond."""
    return {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "timestamp": _format_ms(event.at, settings),
        "page_url": event.page_url,
        "page": readable_path(parse_page_url(event.page_url).path),
        "title": event.title,
        "referrer": event.referrer,
        "props": dict(event.props),
        "engaged_ms": event.engaged_ms,
        "scroll_depth": event.scroll_depth,
    }


def serialize_step(step: Step, settings: Settings) -> dict[str, Any]:
    """Serialize a step whose event was deleted, in the form of `serialize_event`."""
    return {
        "event_id": None,
        "event_type": step.event_type,
        "timestamp": _format_ms(step.at, settings),
        "page_url": None,
        "page": readable_path(step.page),
        "title": None,
        "referrer": None,
        "props": dict(step.props),
        "engaged_ms": step.engaged_ms,
        "scroll_depth": step.scroll_depth,
    }


def serialize_listed_event(session_id: str, event: Event, settings: Settings) -> dict[str, Any]:
    """Serialize an event of a list, with its session and visitor."""
    whose = {"session_id": session_id, "site": event.site, "user_id": event.user_id}
    return whose | serialize_event(event, settings)


def _format_ms(at: int, settings: Settings) -> str:
    return local_datetime(at, settings.report_timezone).isoformat(timespec="milliseconds")
