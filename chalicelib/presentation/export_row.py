"""A session as a line of the files in the export bucket.

It has no user_id: `make erase` cannot reach files in a bucket.
"""

from __future__ import annotations

import json
from typing import Any

from chalicelib.domain.query.calendar import local_datetime
from chalicelib.domain.sessions.session import Session, Step
from chalicelib.domain.sessions.session_summary import summarize_session
from chalicelib.domain.urls.paths import readable_path
from chalicelib.presentation.serializers import serialize_session
from chalicelib.settings import Settings

# Of the form in which the API returns a session: what only an open one has, and who it was.
OMITTED_FIELDS = ("user_id", "expires_at", "is_active", "current_page")


def export_row(session: Session, settings: Settings) -> dict[str, Any]:
    replied = serialize_session(summarize_session(session), settings)
    return {
        **{name: value for name, value in replied.items() if name not in OMITTED_FIELDS},
        "visitor": session.visitor,
        "region": session.location.region,
        "city": session.location.city,
        "hostname": session.hostname,
        "timeline": [_event(step, settings) for step in session.steps],
    }


def _event(step: Step, settings: Settings) -> dict[str, Any]:
    return {
        "time": local_datetime(step.at, settings.report_timezone).isoformat(
            timespec="milliseconds"
        ),
        "event_type": step.event_type,
        "page": readable_path(step.page),
        "engaged_ms": step.engaged_ms,
        "scroll_depth": step.scroll_depth,
        # As text, so that a column of them has one type.
        "props": {name: _text(value) for name, value in step.props.items()},
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
