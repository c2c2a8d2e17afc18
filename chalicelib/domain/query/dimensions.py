"""Dimensions are what figures can be broken down and filtered by.

Each is read from one raw value of a session, or from each of its steps: `of` says from which.
What a session did not have is None. A new one is a line in `DIMENSIONS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from chalicelib.domain.attributes.device import Device
from chalicelib.domain.attributes.source import Source, source
from chalicelib.domain.attributes.user_agent import parse_user_agent
from chalicelib.domain.collection.event import PropValue
from chalicelib.domain.packs.pack import Arrival
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.urls.escapes import split, text_of, tokens, without_spaces_around
from chalicelib.domain.urls.paths import forms_of_path, readable_path, readable_path_or_none
from chalicelib.domain.urls.readable_host import (
    forms_of_host,
    readable_host,
    readable_host_or_none,
)

Value = str | int | None  # int for hour_of_week only

# What a dimension is worked out from: a value of the session, or of some of its steps.
ARRIVAL, AGENT, PLACE = "arrival", "user_agent", "place"
ENTRY, EXIT, HOUR = "entry_page", "exit_page", "hour_of_week"
PAGE, EVENT, PROPS = "page", "event_type", "props"
OF_STEPS = (PAGE, EVENT, PROPS)
# How values are read that earlier releases stored in another form, after the sign of such ones.
REREAD: Mapping[str, tuple[str, Callable[[str], str]]] = {
    **dict.fromkeys(("page", "entry_page", "exit_page"), ("%", readable_path)),
    **dict.fromkeys(("hostname", "source"), ("xn--", readable_host)),
}

PROP = "prop:"
MOST_DIMENSIONS = 50


@dataclass(frozen=True, slots=True)
class Dimension:
    """`read` makes its value of the raw one; None where that is the value already. `forms` are
    those in which values have the text of a filter or search; None where there is but one."""

    name: str
    of: str
    read: Callable[[Any], Value] | None = None
    by_default: bool = True
    forms: Callable[[str], set[str]] | None = None

    @property
    def is_of_steps(self) -> bool:
        """Whether a session can have several values."""
        return self.of in OF_STEPS

    def value_of(self, raw: Any) -> Value:
        """An empty text is no value."""
        value: Value = raw if self.read is None else self.read(raw)
        return None if value == "" else value

    def forms_of(self, text: str) -> set[str]:
        return {text} if self.forms is None else self.forms(text)


def _source(arrival: Arrival) -> Source:
    return source(
        arrival.referrer,
        utm_source=arrival.utm_source,
        utm_medium=arrival.utm_medium,
        utm_campaign=arrival.utm_campaign,
        click_id=arrival.click_id,
        site=arrival.site,
    )


def _device(field: str) -> Callable[[str], Value]:
    read: Callable[[Device], str | None] = attrgetter(field)
    return lambda user_agent: read(parse_user_agent(user_agent))


DIMENSIONS: Mapping[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("page", PAGE, readable_path, forms=forms_of_path),
        Dimension("entry_page", ENTRY, readable_path_or_none, forms=forms_of_path),
        Dimension("exit_page", EXIT, readable_path_or_none, forms=forms_of_path),
        Dimension("hostname", "hostname", readable_host_or_none, forms=forms_of_host),
        Dimension("referrer", ARRIVAL, attrgetter("referrer")),
        Dimension(
            "source", ARRIVAL, lambda arrival: _source(arrival).name, forms=forms_of_host
        ),
        Dimension("channel", ARRIVAL, lambda arrival: _source(arrival).channel),
        Dimension("utm_source", ARRIVAL, attrgetter("utm_source")),
        Dimension("utm_medium", ARRIVAL, attrgetter("utm_medium")),
        Dimension("utm_campaign", ARRIVAL, attrgetter("utm_campaign")),
        Dimension("utm_term", ARRIVAL, attrgetter("utm_term")),
        Dimension("utm_content", ARRIVAL, attrgetter("utm_content")),
        Dimension("country", PLACE, attrgetter("country")),
        Dimension("region", PLACE, attrgetter("region"), by_default=False),
        Dimension("city", PLACE, attrgetter("city"), by_default=False),
        Dimension("language", "language"),
        Dimension("device", AGENT, _device("device")),
        Dimension("browser", AGENT, _device("browser")),
        Dimension("browser_version", AGENT, _device("browser_version"), by_default=False),
        Dimension("os", AGENT, _device("os")),
        Dimension("os_version", AGENT, _device("os_version"), by_default=False),
        Dimension("screen", "screen"),
        Dimension("event", EVENT, lambda event_type: event_type or None),
        Dimension("hour_of_week", HOUR, by_default=False),
    )
}

DEFAULT = tuple(dimension for dimension in DIMENSIONS.values() if dimension.by_default)


def dimension(name: str, parameter: str = "dimensions") -> Dimension:
    """Raise InvalidQuery, naming the parameter, for a name that none has."""
    if name in DIMENSIONS:
        return DIMENSIONS[name]
    if name.startswith(PROP) and name != PROP:
        return Dimension(name, PROPS, _prop_reader(name.removeprefix(PROP)), by_default=False)
    known = ", ".join([*DIMENSIONS, "prop:NAME"])
    raise InvalidQuery(parameter, f"{parameter} takes dimensions, which are {known}")


def parse_dimensions(text: str | None) -> tuple[Dimension, ...]:
    r"""A comma list of names, each counted once; nothing means the default ones. A backslash
    takes the next character as it is: `prop:price\, EUR`."""
    parts = split(tokens(text or "", r"[,\s]"), ",")
    names = dict.fromkeys(text_of(without_spaces_around(part)) for part in parts)
    names.pop("", None)
    if len(names) > MOST_DIMENSIONS:
        raise InvalidQuery("dimensions", f"dimensions takes at most {MOST_DIMENSIONS}")
    return tuple(dimension(name) for name in names) or DEFAULT


def prop_text(value: PropValue | None) -> str | None:
    """Values of props are compared and listed as text, numbers and booleans as in JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


def _prop_reader(name: str) -> Callable[[Mapping[str, PropValue]], Value]:
    return lambda props: prop_text(props.get(name))
