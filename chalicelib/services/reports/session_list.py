"""The sessions of a period, newest first and page by page: open ones and closed ones alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.packs.pack import Segment
from chalicelib.domain.query.cursor import parse_cursor
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.scan.session_page import Page, Wanted, newest
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_summary import Outline, outline
from chalicelib.presentation.serializers import session_reply
from chalicelib.services.closed_sessions import days_of
from chalicelib.services.configured_sites import site_asked_for
from chalicelib.services.context import Context
from chalicelib.services.open_sessions import open_sessions
from chalicelib.services.parameters import PERIOD, check_known, page_length, period_of
from chalicelib.services.report_days import day_of

CHOICE = PERIOD | {"site", "filters", "cursor"}
PARAMETERS = CHOICE | {"limit"}


def session_list(parameters: Mapping[str, str], context: Context) -> dict[str, Any]:
    """The `data` of docs/reference/api.md, Sessions. Raise InvalidQuery for a bad
    parameter."""
    check_known(parameters, PARAMETERS)
    site = site_asked_for(parameters.get("site"), context.settings)
    wanted = wanted_by(site, parameters, page_length(parameters), context)
    page = read_page(site, wanted, context)
    outlines = outlines_of(page.sessions, context)
    return {
        "sessions": [session_reply(one, context.settings) for one in outlines],
        "cursor": page.cursor.text() if page.cursor else None,
    }


def wanted_by(
    site: str,
    parameters: Mapping[str, str],
    limit: int,
    context: Context,
) -> Wanted:
    """What the parameters of CHOICE ask for."""
    return Wanted(
        period=period_of(site, parameters, context),
        filters=parse_filters(parameters.get("filters")),
        after=parse_cursor(parameters.get("cursor")),
        limit=limit,
    )


def read_page(site: str, wanted: Wanted, context: Context) -> Page:
    # Rows before Rollups: a session that closes in between is read twice, never not at all.
    still_open = open_sessions(site, context) or []
    return newest(still_open, _segments(site, wanted, context), wanted)


def outlines_of(sessions: Iterable[Session], context: Context) -> list[Outline]:
    """What replies show of the sessions. The user_id of a closed one is kept in Sessions
    alone."""
    found = list(map(outline, sessions))
    lacking = [one.session_id for one in found if not one.is_active and one.user_id is None]
    users = context.tables.sessions.user_ids(lacking)
    return [
        replace(one, user_id=users[one.session_id]) if one.session_id in users else one
        for one in found
    ]


def _segments(site: str, wanted: Wanted, context: Context) -> Iterator[Segment]:
    """By their last start, newest first; read from the tables when they are asked for."""
    last = wanted.period.end - 1
    if wanted.after:
        last = min(last, wanted.after.at)
    if last < wanted.period.start:
        return
    first_day, last_day = (
        day_of(wanted.period.start, context.settings),
        day_of(last, context.settings),
    )
    for day in days_of(site, first_day, last_day, context, newest_first=True):
        yield from sorted(day.segments, key=lambda segment: -segment.last_start)
