"""Each route that reads: parse its parameters, ask a service, build the JSON.

The shapes are those of docs/reference/api.md. A bad parameter raises InvalidQuery.

Each function imports what only it needs. The dashboard sends several requests at once, to
several processes, and each of them then loads only its part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.services import configured_sites
from chalicelib.services.context import Context
from chalicelib.web.reading.parameters import (
    Parameters,
    id_param,
    limit_param,
    optional_site,
    reject_unknown,
    site_param,
)

if TYPE_CHECKING:
    from chalicelib.presentation.session_file import SessionFile

MAX_SESSIONS_PER_FILE = 5_000


def sites(parameters: Parameters, context: Context) -> dict[str, Any]:
    reject_unknown(parameters, ())
    return {"sites": configured_sites.sites(context)}


def realtime(parameters: Parameters, context: Context) -> dict[str, Any]:
    from chalicelib.presentation.realtime_response import realtime_response
    from chalicelib.services.reports.realtime import read_live

    reject_unknown(parameters, {"site"})
    site = site_param(parameters, context.settings)
    return realtime_response(read_live(site, context), context.settings, context.now)


def stats(parameters: Parameters, context: Context) -> dict[str, Any]:
    from chalicelib.presentation.stats_response import stats_response, with_missing_days
    from chalicelib.services.reports.stats import read_stats
    from chalicelib.web.reading.queries import stats_query

    site, query = stats_query(parameters, context)
    result = read_stats(site, query, context)
    response = stats_response(
        site,
        query,
        result.summary,
        result.previous,
        open_sessions=result.open_sessions,
        now=context.now,
    )
    return with_missing_days(response, result.missing_days)


def session_list(parameters: Parameters, context: Context) -> dict[str, Any]:
    from chalicelib.presentation import list_responses
    from chalicelib.services.reports.session_list import read_sessions
    from chalicelib.web.reading.queries import SESSIONS, session_query

    reject_unknown(parameters, SESSIONS | {"limit"})
    site, query = session_query(parameters, limit_param(parameters), context)
    page = read_sessions(site, query, context)
    return list_responses.session_list(page.sessions, page.cursor, context.settings)


def export(parameters: Parameters, context: Context) -> SessionFile:
    from chalicelib.presentation.session_file import FORMATS, session_file
    from chalicelib.services.reports.session_list import read_sessions
    from chalicelib.web.reading.queries import SESSIONS, session_query

    reject_unknown(parameters, SESSIONS | {"format"})
    form = parameters.get("format", "csv")
    if form not in FORMATS:
        raise InvalidQuery("format", f"format must be one of {', '.join(FORMATS)}")
    site, query = session_query(parameters, MAX_SESSIONS_PER_FILE, context)
    page = read_sessions(site, query, context)
    return session_file(site, query, page.sessions, page.cursor, form, context.settings)


def event_list(parameters: Parameters, context: Context) -> dict[str, Any]:
    from chalicelib.presentation import list_responses
    from chalicelib.services.reports.event_list import read_events
    from chalicelib.web.reading.queries import EVENTS, event_query

    reject_unknown(parameters, EVENTS)
    site = site_param(parameters, context.settings)
    query = event_query(parameters, context)
    page = read_events(site, query, limit_param(parameters), context)
    return list_responses.event_list(page.events, page.cursor, context.settings)


def user_sessions(user_id: str, parameters: Parameters, context: Context) -> dict[str, Any]:
    from chalicelib.domain.query.cursor import parse_cursor
    from chalicelib.presentation import list_responses
    from chalicelib.services.reports.users import read_user_sessions

    reject_unknown(parameters, {"site", "limit", "cursor"})
    user_id = id_param("user_id", user_id)
    site, limit = optional_site(parameters, context.settings), limit_param(parameters)
    after = parse_cursor(parameters.get("cursor"))
    page = read_user_sessions(user_id, site, after, limit, context)
    return list_responses.session_list(page.sessions, page.cursor, context.settings)


def user_events(user_id: str, parameters: Parameters, context: Context) -> dict[str, Any]:
    from chalicelib.presentation import list_responses
    from chalicelib.services.reports.users import read_user_events
    from chalicelib.web.reading.queries import EVENTS, event_query

    reject_unknown(parameters, EVENTS)
    user_id = id_param("user_id", user_id)
    site, limit = optional_site(parameters, context.settings), limit_param(parameters)
    page = read_user_events(user_id, site, event_query(parameters, context), limit, context)
    return list_responses.event_list(page.events, page.cursor, context.settings)


def timeline(
    session_id: str, parameters: Parameters, context: Context
) -> dict[str, Any] | None:
    """Return None if there is no such session, or the reader may not read it."""
    from chalicelib.presentation import list_responses
    from chalicelib.services.reports.timeline import read_timeline

    reject_unknown(parameters, {"site"})
    site = optional_site(parameters, context.settings)
    result = read_timeline(id_param("session_id", session_id), site, context)
    if result is None:
        return None
    return list_responses.timeline(
        result.summary, result.entries, context.settings, is_complete=result.is_complete
    )
