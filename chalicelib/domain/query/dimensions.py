"""Dimensions are what metrics can be broken down and filtered by.

Each is read from one raw column of a session, or from each of its steps. A missing value is
None. A new dimension is a line in `DIMENSIONS`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from chalicelib.domain.attributes.device import Device
from chalicelib.domain.attributes.source import source_of
from chalicelib.domain.attributes.user_agent import parse_user_agent
from chalicelib.domain.collection.event import PropValue
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.urls.escapes import join_text, split_tokens, strip_spaces, tokenize
from chalicelib.domain.urls.paths import path_forms, readable_path, readable_path_or_none
from chalicelib.domain.urls.readable_host import (
    host_forms,
    readable_host,
    readable_host_or_none,
)

Value = str | int | None  # int for hour_of_week only

# What a dimension is worked out from: a value of the session, or of some of its steps.
ACQUISITION, USER_AGENT, LOCATION = "acquisition", "user_agent", "location"
ENTRY, EXIT, HOUR = "entry_page", "exit_page", "hour_of_week"
PAGE, EVENT, PROPS = "page", "event_type", "props"
MULTI_VALUED_COLUMNS = (PAGE, EVENT, PROPS)
# How values are read that earlier releases stored in another form, after the sign of such ones.
LEGACY_FORMS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    **dict.fromkeys(("page", "entry_page", "exit_page"), ("%", readable_path)),
    **dict.fromkeys(("hostname", "source"), ("xn--", readable_host)),
}

PROP_PREFIX = "prop:"
MAX_DIMENSIONS = 50


@dataclass(frozen=True, slots=True)
class Dimension:
    """`read` makes its value of the raw one; None where that is the value already. `forms` are
    those in which values have the text of a filter or search; None where there is but one."""

    name: str
    column: str
    extract: Callable[[Any], Value] | None = None
    is_default: bool = True
    search_forms: Callable[[str], set[str]] | None = None

    @property
    def is_multi_valued(self) -> bool:
        """Whether a session can have several values."""
        return self.column in MULTI_VALUED_COLUMNS

    def value_of(self, raw: Any) -> Value:
        """Treat an empty text as no value."""
        value: Value = raw if self.extract is None else self.extract(raw)
        return None if value == "" else value

    def forms_of(self, text: str) -> set[str]:
        return {text} if self.search_forms is None else self.search_forms(text)


def _device(field: str) -> Callable[[str], Value]:
    extract: Callable[[Device], str | None] = attrgetter(field)
    return lambda user_agent: extract(parse_user_agent(user_agent))


DIMENSIONS: Mapping[str, Dimension] = {
    parse_dimension.name: parse_dimension
    for parse_dimension in (
        Dimension("page", PAGE, readable_path, search_forms=path_forms),
        Dimension("entry_page", ENTRY, readable_path_or_none, search_forms=path_forms),
        Dimension("exit_page", EXIT, readable_path_or_none, search_forms=path_forms),
        Dimension("hostname", "hostname", readable_host_or_none, search_forms=host_forms),
        Dimension("referrer", ACQUISITION, attrgetter("referrer")),
        Dimension(
            "source",
            ACQUISITION,
            lambda acquisition: source_of(acquisition).name,
            search_forms=host_forms,
        ),
        Dimension("channel", ACQUISITION, lambda acquisition: source_of(acquisition).channel),
        Dimension("utm_source", ACQUISITION, attrgetter("utm_source")),
        Dimension("utm_medium", ACQUISITION, attrgetter("utm_medium")),
        Dimension("utm_campaign", ACQUISITION, attrgetter("utm_campaign")),
        Dimension("utm_term", ACQUISITION, attrgetter("utm_term")),
        Dimension("utm_content", ACQUISITION, attrgetter("utm_content")),
        Dimension("country", LOCATION, attrgetter("country")),
        Dimension("region", LOCATION, attrgetter("region"), is_default=False),
        Dimension("city", LOCATION, attrgetter("city"), is_default=False),
        Dimension("language", "language"),
        Dimension("device", USER_AGENT, _device("device")),
        Dimension("browser", USER_AGENT, _device("browser")),
        Dimension("browser_version", USER_AGENT, _device("browser_version"), is_default=False),
        Dimension("os", USER_AGENT, _device("os")),
        Dimension("os_version", USER_AGENT, _device("os_version"), is_default=False),
        Dimension("screen", "screen"),
        Dimension("event", EVENT, lambda event_type: event_type or None),
        Dimension("hour_of_week", HOUR, is_default=False),
    )
}

DEFAULT_DIMENSIONS = tuple(
    parse_dimension for parse_dimension in DIMENSIONS.values() if parse_dimension.is_default
)


def parse_dimension(name: str, parameter: str = "dimensions") -> Dimension:
    """Return the dimension; raise InvalidQuery, naming the parameter, for an unknown name."""
    if name in DIMENSIONS:
        return DIMENSIONS[name]
    if name.startswith(PROP_PREFIX) and name != PROP_PREFIX:
        return Dimension(
            name, PROPS, _prop_reader(name.removeprefix(PROP_PREFIX)), is_default=False
        )
    known = ", ".join([*DIMENSIONS, "prop:NAME"])
    raise InvalidQuery(parameter, f"Unknown dimension in {parameter}. Expected one of {known}")


def parse_dimensions(text: str | None) -> tuple[Dimension, ...]:
    r"""Parse a comma-separated list of names, each counted once; none means the default ones.
    A backslash takes the next character as it is: `prop:price\, EUR`."""
    parts = split_tokens(tokenize(text or "", r"[,\s]"), ",")
    names = dict.fromkeys(join_text(strip_spaces(part)) for part in parts)
    names.pop("", None)
    if len(names) > MAX_DIMENSIONS:
        raise InvalidQuery("dimensions", f"dimensions can have at most {MAX_DIMENSIONS}")
    return tuple(parse_dimension(name) for name in names) or DEFAULT_DIMENSIONS


def format_prop(value: PropValue | None) -> str | None:
    """Format a property's value as text; numbers and booleans as in JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


def _prop_reader(name: str) -> Callable[[Mapping[str, PropValue]], Value]:
    return lambda props: format_prop(props.get(name))
