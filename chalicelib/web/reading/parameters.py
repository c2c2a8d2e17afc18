"""Query parameters, from text to values.

A wrong one raises InvalidQuery. Its sentence names the parameter and what it accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.domain.query.calendar import DAY, day_start
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.urls.hostname import clean_hostname
from chalicelib.domain.urls.page_url import site_for_hostname
from chalicelib.domain.urls.site_patterns import is_allowed
from chalicelib.services.configured_sites import only_site
from chalicelib.settings import Settings

Parameters = Mapping[str, str]

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
MAX_ID_LENGTH = 128
MAX_DIGITS = 9
END_OF_TIME = 10**14  # ms: beyond all calendars


def reject_unknown(parameters: Iterable[str], accepted: Iterable[str]) -> None:
    """Raise for unknown parameters, which would otherwise be ignored silently."""
    unknown = sorted(set(parameters) - set(accepted))
    if unknown:
        names = ", ".join(sorted(accepted))
        expected = f"Expected one of {names}" if names else "This route has no parameters"
        raise InvalidQuery(unknown[0], f"Unknown parameter {unknown[0][:40]!r}. {expected}")


def site_param(parameters: Parameters, settings: Settings) -> str:
    """Return the site to read; optional if the configuration names exactly one."""
    invalid = InvalidQuery("site", "site must be a configured hostname; see /api/sites")
    name = parameters.get("site")
    if name is None:
        only = only_site(settings)
        if only is None:
            raise invalid
        return only
    try:
        site = site_for_hostname(clean_hostname(name.strip()))
    except ValueError:
        raise invalid from None
    if not site or not is_allowed(site, settings.sites):
        raise invalid
    return site


def optional_site(parameters: Parameters, settings: Settings) -> str | None:
    """Return the site, or None for all that may be read."""
    return site_param(parameters, settings) if "site" in parameters else None


def int_param(name: str, parameters: Parameters, *, least: int, most: int, default: int) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    if not (is_number and least <= int(text) <= most):
        raise InvalidQuery(name, f"{name} must be a whole number from {least} to {most:,}")
    return int(text)


def limit_param(parameters: Parameters) -> int:
    """Return the page length of a list."""
    return int_param("limit", parameters, least=1, most=MAX_LIMIT, default=DEFAULT_LIMIT)


def id_param(name: str, text: str) -> str:
    """Return the id of a session, an event or a user."""
    if not (1 <= len(text) <= MAX_ID_LENGTH and text.isprintable() and "/" not in text):
        raise InvalidQuery(
            name, f"{name} must be 1 to {MAX_ID_LENGTH} printable characters, no /, URL-encoded"
        )
    return text


def date_range(parameters: Parameters, settings: Settings) -> tuple[int, int]:
    """Return the time (ms) from the start of the day `from` to the end of the day `to`; both
    are optional."""
    first, last = _date("from", parameters), _date("to", parameters)
    if first and last and last < first:
        raise InvalidQuery("to", "to must not be before from")
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
        raise InvalidQuery(name, f"{name} must be a date such as 2026-01-31") from None
