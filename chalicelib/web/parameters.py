"""Query parameters, from text to the queries that services answer.

A wrong one raises InvalidQuery. Its sentence names the parameter and what it accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.domain.query.calendar import DAY, day_start
from chalicelib.domain.query.cursor import parse_cursor
from chalicelib.domain.query.dimensions import parse_dimensions
from chalicelib.domain.query.filters import parse_filters
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.period import Period, resolve
from chalicelib.domain.query.query import MOST_ROWS, USUAL_ROWS, Query
from chalicelib.domain.scan.event_page import Sought
from chalicelib.domain.scan.session_page import Wanted
from chalicelib.domain.urls.hostname import clean_hostname
from chalicelib.domain.urls.page_url import site_of
from chalicelib.domain.urls.site_patterns import is_configured
from chalicelib.services.configured_sites import only_site
from chalicelib.services.context import Context
from chalicelib.settings import Settings

Parameters = Mapping[str, str]

PERIOD = frozenset({"period", "from", "to", "timezone"})
STATS = PERIOD | {
    "site", "interval", "compare", "filters", "dimensions", "limit", "offset", "search",
}  # fmt: skip
SESSIONS = PERIOD | {"site", "filters", "cursor"}
EVENTS = frozenset({"site", "event_type", "from", "to", "limit", "cursor"})

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_ID_LENGTH = 128
MAX_EVENT_TYPE_LENGTH = 120
MAX_SEARCH_LENGTH = 2_000  # no value is longer
MAX_OFFSET = 1_000_000
MAX_DIGITS = 9
END_OF_TIME = 10**14  # ms: beyond all calendars
MAX_CLOCK_LEAD_MS = 600_000  # visitors' clocks are ahead by less than that
DAY_MS = 86_400_000


def stats_query(parameters: Parameters, context: Context) -> tuple[str, Query]:
    """A site, and what to count there."""
    site = site_param(parameters, context.settings)
    reject_unknown(parameters, STATS)
    search = parameters.get("search", "")
    if len(search) > MAX_SEARCH_LENGTH:
        raise InvalidQuery("search", f"search takes at most {MAX_SEARCH_LENGTH:,} characters")
    query = Query(
        period=period_param(site, parameters, context),
        filters=parse_filters(parameters.get("filters")),
        dimensions=parse_dimensions(parameters.get("dimensions")),
        limit=int_param("limit", parameters, least=1, most=MOST_ROWS, default=USUAL_ROWS),
        offset=int_param("offset", parameters, least=0, most=MAX_OFFSET, default=0),
        search=search,
    )
    return site, query


def session_query(parameters: Parameters, limit: int, context: Context) -> tuple[str, Wanted]:
    """A site, and which of its sessions to return."""
    site = site_param(parameters, context.settings)
    wanted = Wanted(
        period=period_param(site, parameters, context),
        filters=parse_filters(parameters.get("filters")),
        after=parse_cursor(parameters.get("cursor")),
        limit=limit,
    )
    return site, wanted


def event_query(parameters: Parameters, context: Context) -> Sought:
    """Which events to return, as far back as events are kept."""
    settings, now = context.settings, context.now
    event_type = parameters.get("event_type")
    if event_type is not None and not 1 <= len(event_type) <= MAX_EVENT_TYPE_LENGTH:
        raise InvalidQuery(
            "event_type", f"event_type takes 1 to {MAX_EVENT_TYPE_LENGTH} characters"
        )
    start, end = date_range(parameters, settings)
    kept_from = now - settings.event_retention_days * DAY_MS
    return Sought(
        max(start, kept_from),
        min(end, now + MAX_CLOCK_LEAD_MS),
        event_type,
        parse_cursor(parameters.get("cursor")),
    )


def reject_unknown(parameters: Iterable[str], known: Iterable[str]) -> None:
    """An unknown parameter would be ignored, and its caller would believe that it counted."""
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        names = ", ".join(sorted(known))
        those = f"{names} {'are' if ',' in names else 'is'}" if names else "none is taken"
        raise InvalidQuery(unknown[0], f"{unknown[0][:40]!r} is no parameter here; {those}.")


def site_param(parameters: Parameters, settings: Settings) -> str:
    """The site to read; it may be left out if the configuration names only one."""
    invalid = InvalidQuery("site", "site takes the host name of a site; see /api/sites.")
    name = parameters.get("site")
    if name is None:
        only = only_site(settings)
        if only is None:
            raise invalid
        return only
    try:
        site = site_of(clean_hostname(name.strip()))
    except ValueError:
        raise invalid from None
    if not site or not is_configured(site, settings.sites):
        raise invalid
    return site


def optional_site(parameters: Parameters, settings: Settings) -> str | None:
    """The site, or None for all that may be read."""
    return site_param(parameters, settings) if "site" in parameters else None


def int_param(name: str, parameters: Parameters, *, least: int, most: int, default: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    if not (is_number and least <= int(text) <= most):
        raise InvalidQuery(name, f"{name} takes a whole number from {least} to {most:,}")
    return int(text)


def limit_param(parameters: Parameters) -> int:
    """The length of a page of a list."""
    return int_param("limit", parameters, least=1, most=MAX_LIMIT, default=DEFAULT_LIMIT)


def id_param(name: str, text: str) -> str:
    """The id of a session, an event or a user."""
    if not (1 <= len(text) <= MAX_ID_LENGTH and text.isprintable() and "/" not in text):
        raise InvalidQuery(
            name, f"{name} takes 1 to {MAX_ID_LENGTH} printable characters, no /, URL-encoded"
        )
    return text


def period_param(site: str, parameters: Parameters, context: Context) -> Period:
    """What `period`, `from`, `to` and `timezone` say; `all` begins with the site's oldest
    session."""
    name = parameters.get("period", "today")
    first = context.tables.rollups.first_day(site) if name == "all" else None
    return resolve(
        name,
        now=context.now,
        timezone=parameters.get("timezone", context.settings.report_timezone.key),
        from_=parameters.get("from"),
        to=parameters.get("to"),
        interval=parameters.get("interval"),
        compare=parameters.get("compare"),
        first_day=date.fromisoformat(first) if first else None,
    )


def date_range(parameters: Parameters, settings: Settings) -> tuple[int, int]:
    """The time (ms) from the beginning of the day `from` to the end of the day `to`; either may
    be left out."""
    first, last = _date("from", parameters), _date("to", parameters)
    if first and last and last < first:
        raise InvalidQuery("to", "to takes a date that is not before from")
    zone = settings.report_timezone
    start = day_start(first, zone) if first else 0
    return start, day_start(last + DAY, zone) if last else END_OF_TIME


def _date(name: str, parameters: Parameters) -> date | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        if len(text) != len("2026-01-31") or not "1970-01-02" <= text < "2999":
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidQuery(name, f"{name} takes a date such as 2026-01-31") from None
