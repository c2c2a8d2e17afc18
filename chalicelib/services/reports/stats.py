"""The figures of any period: the packed sessions of its days, and those that are still open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.query.calendar import iso
from chalicelib.domain.query.dimensions import parse_dimensions
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.query import MOST_ROWS, USUAL_ROWS, Query
from chalicelib.presentation.stats_response import report, visitors_are
from chalicelib.services.configured_sites import site_asked_for
from chalicelib.services.context import Context
from chalicelib.services.open_sessions import open_sessions
from chalicelib.services.parameters import PERIOD, check_known, period_of, whole
from chalicelib.services.reports.stats_reader import Reader

MOST_OFFSET = 1_000_000
LONGEST_SEARCH = 2_000  # characters: no value is longer
PARAMETERS = PERIOD | {
    "site", "interval", "compare", "filters", "dimensions", "limit", "offset", "search",
}  # fmt: skip


def stats(parameters: Mapping[str, str], context: Context) -> dict[str, Any]:
    """The `data` of docs/reference/api.md, Stats.

    Raise InvalidQuery for a bad parameter.
    """
    site = site_asked_for(parameters.get("site"), context.settings)
    query = _query(site, parameters, context)
    # Rows before Rollups: a session that closes in between is read twice, never not at all.
    still_open = open_sessions(site, context, has_closed_visitors=True)
    reader = Reader(site, still_open or [], context)
    found = reader.figures(query)
    compared = query.compared
    previous = reader.figures(compared).summary if compared else None
    return {
        "site": site,
        "period": query.period.as_reply(),
        **report(query, found.summary, previous),
        "meta": {
            "open_sessions": None if still_open is None else found.open_sessions,
            "visitors_are": visitors_are(query.period),
            "cut": sorted(found.summary.cut),
            "filters": query.filters.as_reply(),
            "generated_at": iso(context.now, query.period.zone),
        },
    }


def _query(site: str, parameters: Mapping[str, str], context: Context) -> Query:
    check_known(parameters, PARAMETERS)
    search = parameters.get("search", "")
    if len(search) > LONGEST_SEARCH:
        raise InvalidQuery("search", f"search takes at most {LONGEST_SEARCH:,} characters")
    return Query(
        period=period_of(site, parameters, context),
        filters=parse_filters(parameters.get("filters")),
        dimensions=parse_dimensions(parameters.get("dimensions")),
        limit=whole("limit", parameters, least=1, most=MOST_ROWS, default=USUAL_ROWS),
        offset=whole("offset", parameters, least=0, most=MOST_OFFSET, default=0),
        search=search,
    )
