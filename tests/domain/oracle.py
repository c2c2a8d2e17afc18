"""Metrics computed in the simplest way: from lists, with a loop for each definition."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.domain.query.dimensions import DIMENSIONS, PROP_PREFIX, format_prop
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.urls.paths import path_forms, readable_path
from chalicelib.domain.urls.readable_host import readable_host_or_none


def local_time(session, zone):
    return datetime.fromtimestamp(session.started_at / 1000, zone)


def figures(sessions, zone, pageviews=None, events=None, engaged_ms=None):
    """Return the metrics of these sessions. A row of a page or an event has some metrics of its
    own."""
    number = len(sessions)
    if pageviews is None:
        pageviews = sum(session.pageviews for session in sessions)
    if events is None:
        events = sum(session.events for session in sessions)
    if engaged_ms is None:
        engaged_ms = sum(session.engaged_ms for session in sessions)
    depths = [
        step.scroll_depth
        for session in sessions
        for step in session.steps
        if step.scroll_depth is not None
    ]
    duration_ms = sum(session.duration_ms for session in sessions)
    bounces = sum(session.is_bounce for session in sessions)
    days = {(session.visitor, local_time(session, zone).date()) for session in sessions}
    return {
        "visitors": len(days),
        "sessions": number,
        "pageviews": pageviews,
        "events": events,
        "views_per_session": round(pageviews / number, 4) if number else None,
        "bounce_rate": round(bounces / number, 4) if number else None,
        "session_duration": round(duration_ms / (number * 1000)) if number else None,
        "engaged_time": round(engaged_ms / (number * 1000)) if number else None,
        "scroll_depth": round(sum(depths) / len(depths)) if depths else None,
    }


def breakdown(sessions, name, zone):
    """Return all rows of a dimension in the order of the response."""
    by_value: dict[Any, list[Session]] = {}
    for session in sessions:
        for value in set(values(session, name, zone)):
            by_value.setdefault(value, []).append(session)
    rows = [
        {"value": value, **figures(having, zone, **own_figures(having, name, value))}
        for value, having in by_value.items()
    ]
    rows.sort(key=lambda row: row["value"] if row["value"] is not None else "")
    rows.sort(key=lambda row: (-row["visitors"], row["value"] is None))
    return rows


def listed(sessions, name, zone):
    """Return the rows as a response lists them: the row without an event or a property is
    last."""
    rows = breakdown(sessions, name, zone)
    if name == "event" or name.startswith(PROP_PREFIX):
        rows.sort(key=lambda row: row["value"] is None)
    return rows


def own_figures(sessions, name, value):
    """Return the metrics that the row of a page, an event or a property counts on its own."""
    steps = [step for session in sessions for step in session.steps]
    if name == "page":
        views = [
            step for step in steps if step.is_page_view and readable_path(step.page) == value
        ]
        return {"pageviews": len(views), "engaged_ms": sum(view.engaged_ms for view in views)}
    if name == "event":
        return {"events": sum(step.event_type == value for step in steps)}
    if name.startswith(PROP_PREFIX):
        having = [step for step in steps if prop_of(step, name) == value and value is not None]
        return {"events": len(having)}
    return {}


def values(session, name, zone):
    """Return the values of a session, or [None] if it has none."""
    if name == "page":
        return list(map(readable_path, session.pages)) or [None]
    if name == "event":
        results = [step.event_type for step in session.steps if not step.is_page_view]
        return [event_type for event_type in results if event_type] or [None]
    if name.startswith(PROP_PREFIX):
        results = [prop_of(step, name) for step in session.steps]
        return [value for value in results if value is not None] or [None]
    if name == "hour_of_week":
        at = local_time(session, zone)
        return [at.weekday() * 24 + at.hour]
    if name in ("entry_page", "exit_page"):
        return [readable_path(getattr(session, name) or "") or None]
    if name == "hostname":
        return [readable_host_or_none(session.hostname)]
    if hasattr(session, name):
        return [getattr(session, name) or None]
    if name in ("country", "region", "city"):
        return [getattr(session.location, name) or None]
    if name in ("source", "channel"):
        return [DIMENSIONS[name].value_of(session)]
    return [DIMENSIONS[name].value_of(session.user_agent)]


def prop_of(step, name):
    return format_prop(step.props.get(name.removeprefix(PROP_PREFIX))) or None


def matches(session, conditions, zone):
    """Return whether the session matches `conditions`: (dimension, operator, values)."""
    for name, operator, expected in conditions:
        texts = ["" if value is None else str(value) for value in values(session, name, zone)]
        if name in ("page", "entry_page", "exit_page"):
            expected = {form for part in expected for form in path_forms(part)}
        if operator in ("==", "!="):
            result = any(text in expected for text in texts)
        else:
            result = any(
                part.casefold() in text.casefold() for part in expected for text in texts
            )
        if result == operator.startswith("!"):
            return False
    return True


def totals_between(sessions, start, end, zone):
    return figures([one for one in sessions if start <= one.started_at < end], zone)
