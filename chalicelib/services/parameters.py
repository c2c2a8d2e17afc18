"""Parameters that several questions take, from text to values. What is wrong raises
InvalidQuery, which names the parameter and what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from chalicelib.domain.query.calendar import DAY, day_start
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.query.period import Period, resolve
from chalicelib.services.context import Context
from chalicelib.settings import Settings

PERIOD = frozenset({"period", "from", "to", "timezone"})
USUAL_PAGE = 50
LONGEST_PAGE = 200
LONGEST_ID = 128  # characters
MOST_DIGITS = 9
FOREVER = 10**14  # ms: beyond all calendars


def check_known(parameters: Iterable[str], known: Iterable[str]) -> None:
    """A parameter that is not known would be taken for one that had an effect."""
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        names = ", ".join(sorted(known))
        those = f"{names} {'are' if ',' in names else 'is'}" if names else "none is taken"
        raise InvalidQuery(unknown[0], f"{unknown[0][:40]!r} is no parameter here; {those}.")


def whole(
    name: str, parameters: Mapping[str, str], *, least: int, most: int, default: int
) -> int:
    """A whole number within its limits."""
    text = parameters.get(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    if not (is_number and least <= int(text) <= most):
        raise InvalidQuery(name, f"{name} takes a whole number from {least} to {most:,}")
    return int(text)


def page_length(parameters: Mapping[str, str]) -> int:
    """The `limit` of a list."""
    return whole("limit", parameters, least=1, most=LONGEST_PAGE, default=USUAL_PAGE)


def checked_id(name: str, text: str) -> str:
    """An id that a session, an event or a user may have."""
    if not (1 <= len(text) <= LONGEST_ID and text.isprintable() and "/" not in text):
        raise InvalidQuery(
            name, f"{name} takes 1 to {LONGEST_ID} printable characters, no /, URL-encoded"
        )
    return text


def period_of(site: str, parameters: Mapping[str, str], context: Context) -> Period:
    """What `period`, `from`, `to` and `timezone` ask for at the moment `now` (ms); `all` begins
    with the site's oldest session."""
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


def span_of(parameters: Mapping[str, str], settings: Settings) -> tuple[int, int]:
    """The time (ms) from the beginning of the day `from` to before the end of the day `to`;
    either may be left out."""
    first, last = _date("from", parameters), _date("to", parameters)
    if first and last and last < first:
        raise InvalidQuery("to", "to takes a date that is not before from")
    zone = settings.report_timezone
    start = day_start(first, zone) if first else 0
    return start, day_start(last + DAY, zone) if last else FOREVER


def _date(name: str, parameters: Mapping[str, str]) -> date | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        if len(text) != len("2026-01-31") or not "1970-01-02" <= text < "2999":
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidQuery(name, f"{name} takes a date such as 2026-01-31") from None
