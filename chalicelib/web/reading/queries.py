"""Parses the parameters of a route into the query that a service answers."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.query.cursor import parse_cursor
from chalicelib.domain.query.dimensions import parse_dimensions
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.period import Period, resolve_period
from chalicelib.domain.query.query import DEFAULT_ROWS, MAX_ROWS, Query
from chalicelib.domain.scan.event_page import EventQuery
from chalicelib.domain.scan.session_page import SessionQuery
from chalicelib.services.context import Context
from chalicelib.web.reading.parameters import (
    Parameters,
    date_range,
    int_param,
    reject_unknown,
    site_param,
)

PERIOD = frozenset({"period", "from", "to", "timezone"})
STATS = PERIOD | {
    "site", "interval", "compare", "filters", "dimensions", "limit", "offset", "search",
}  # fmt: skip
SESSIONS = PERIOD | {"site", "filters", "cursor"}
EVENTS = frozenset({"site", "event_type", "from", "to", "limit", "cursor"})

MAX_EVENT_TYPE_LENGTH = 120
MAX_SEARCH_LENGTH = 2_000  # no value is longer
MAX_OFFSET = 1_000_000
MAX_CLOCK_LEAD_MS = 600_000  # visitors' clocks are ahead by less than that
DAY_MS = 86_400_000


def stats_query(parameters: Parameters, context: Context) -> tuple[str, Query]:
    """Return the site and what to count."""
    site = site_param(parameters, context.settings)
    reject_unknown(parameters, STATS)
    search = parameters.get("search", "")
    if len(search) > MAX_SEARCH_LENGTH:
        raise InvalidQuery(
            "search", f"search can have at most {MAX_SEARCH_LENGTH:,} characters"
        )
    query = Query(
        period=period_param(site, parameters, context),
        filters=parse_filters(parameters.get("filters")),
        dimensions=parse_dimensions(parameters.get("dimensions")),
        limit=int_param("limit", parameters, least=1, most=MAX_ROWS, default=DEFAULT_ROWS),
        offset=int_param("offset", parameters, least=0, most=MAX_OFFSET, default=0),
        search=search,
    )
    return site, query


def session_query(
    parameters: Parameters, limit: int, context: Context
) -> tuple[str, SessionQuery]:
    """Return the site and which of its sessions to return."""
    site = site_param(parameters, context.settings)
    query = SessionQuery(
        period=period_param(site, parameters, context),
        filters=parse_filters(parameters.get("filters")),
        after=parse_cursor(parameters.get("cursor")),
        limit=limit,
    )
    return site, query


def event_query(parameters: Parameters, context: Context) -> EventQuery:
    """Return which events to list, as far back as events are kept."""
    settings, now = context.settings, context.now
    event_type = parameters.get("event_type")
    if event_type is not None and not 1 <= len(event_type) <= MAX_EVENT_TYPE_LENGTH:
        raise InvalidQuery(
            "event_type", f"event_type must be 1 to {MAX_EVENT_TYPE_LENGTH} characters"
        )
    start, end = date_range(parameters, settings)
    kept_from = now - settings.event_retention_days * DAY_MS
    return EventQuery(
        max(start, kept_from),
        min(end, now + MAX_CLOCK_LEAD_MS),
        event_type,
        parse_cursor(parameters.get("cursor")),
    )


def period_param(site: str, parameters: Parameters, context: Context) -> Period:
    """Parse `period`, `from`, `to` and `timezone`; `all` begins with the site's oldest
    session."""
    name = parameters.get("period", "today")
    first = context.tables.rollups.first_day(site) if name == "all" else None
    return resolve_period(
        name,
        now=context.now,
        timezone=parameters.get("timezone", context.settings.report_timezone.key),
        from_=parameters.get("from"),
        to=parameters.get("to"),
        interval=parameters.get("interval"),
        compare=parameters.get("compare"),
        first_day=date.fromisoformat(first) if first else None,
    )
