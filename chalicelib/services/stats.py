"""The figures of any period: the packed sessions of its days, and those that are still open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.domain.active_session import as_sessions
from chalicelib.domain.answer import report, visitors_are
from chalicelib.domain.calendar import iso
from chalicelib.domain.dimensions import parse_dimensions
from chalicelib.domain.filters import parse_filters
from chalicelib.domain.invalid_query import InvalidQuery
from chalicelib.domain.period import Period, resolve
from chalicelib.domain.query import MOST_ROWS, USUAL_ROWS, Query
from chalicelib.domain.session import Session
from chalicelib.services.figures import Reader
from chalicelib.services.sites import site_asked_for
from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import Contents
from chalicelib.storage.tables import Tables

MOST_OFFSET = 1_000_000
LONGEST_SEARCH = 200  # characters
PARAMETERS = frozenset(
    {
        "site", "period", "from", "to", "interval", "compare", "filters", "dimensions", "limit",
        "offset", "search", "timezone",
    }
)  # fmt: skip


def stats(
    parameters: Mapping[str, str], tables: Tables, settings: Settings, now: int
) -> dict[str, Any]:
    """The `data` of docs/api.md, Stats; `now` in ms. Raise InvalidQuery for a bad parameter."""
    site = site_asked_for(parameters.get("site"), settings)
    query = _query(site, parameters, tables, settings, now)
    contents = tables.active.contents()
    # A part of the open sessions would be neither here nor there.
    open_sessions = _sessions_in(contents, site, settings) if contents.is_complete else []
    reader = Reader(site, open_sessions, tables, settings, now)
    found = reader.figures(query)
    compared = query.compared
    previous = reader.figures(compared).summary if compared else None
    return {
        "site": site,
        "period": query.period.as_reply(),
        **report(query, found.summary, previous),
        "meta": {
            "open_sessions": found.open_sessions if contents.is_complete else None,
            "visitors_are": visitors_are(query.period),
            "cut": sorted(found.summary.cut),
            "filters": query.filters.as_reply(),
            "generated_at": iso(now, query.period.zone),
        },
    }


def open_sessions_of(site: str, tables: Tables, settings: Settings) -> list[Session]:
    """The open sessions of a site, as far as their rows tell."""
    return _sessions_in(tables.active.contents(), site, settings)


def _sessions_in(contents: Contents, site: str, settings: Settings) -> list[Session]:
    return [
        session
        for row in contents.rows
        if row.site == site
        for session in as_sessions(
            row, visitor_key=settings.visitor_key, timeout_ms=settings.session_timeout_ms
        )
    ]


def _query(
    site: str, parameters: Mapping[str, str], tables: Tables, settings: Settings, now: int
) -> Query:
    unknown = sorted(set(parameters) - PARAMETERS)
    if unknown:
        known = ", ".join(sorted(PARAMETERS))
        raise InvalidQuery(
            unknown[0], f"{unknown[0][:40]!r} is no parameter here; {known} are."
        )
    search = parameters.get("search", "")
    if len(search) > LONGEST_SEARCH:
        raise InvalidQuery("search", f"search takes at most {LONGEST_SEARCH} characters")
    return Query(
        period=_period(site, parameters, tables, settings, now),
        filters=parse_filters(parameters.get("filters")),
        dimensions=parse_dimensions(parameters.get("dimensions")),
        limit=_whole("limit", parameters, 1, MOST_ROWS, USUAL_ROWS),
        offset=_whole("offset", parameters, 0, MOST_OFFSET, 0),
        search=search,
    )


def _whole(
    name: str, parameters: Mapping[str, str], least: int, most: int, default: int
) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        raise InvalidQuery(name, f"{name} takes a whole number from {least} to {most:,}")
    return int(text)


def _period(
    site: str, parameters: Mapping[str, str], tables: Tables, settings: Settings, now: int
) -> Period:
    name = parameters.get("period", "today")
    first = tables.rollups.first_day(site) if name == "all" else None
    return resolve(
        name,
        now=now,
        timezone=parameters.get("timezone", settings.report_timezone.key),
        from_=parameters.get("from"),
        to=parameters.get("to"),
        interval=parameters.get("interval"),
        compare=parameters.get("compare"),
        first_day=date.fromisoformat(first) if first else None,
    )
