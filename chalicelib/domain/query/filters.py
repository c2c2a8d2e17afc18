r"""Filters select the sessions of the metrics: those that match every condition.

    country==DE|AT;page=~/blog;utm_source!=

    ==  is one of the values, exactly          !=  is none of them
    =~  contains one of them, in any case      !~  contains none of them
    ;   and         |   or another value       \   escapes the next character

An empty value stands for what a session did not have. Of pages, events and props a session has
several: `==` and `=~` match if one does, and `!=` and `!~` match exactly the other sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.packs.pack import acquisition_of
from chalicelib.domain.query.calendar import hour_of_week
from chalicelib.domain.query.dimensions import (
    ACQUISITION,
    EVENT,
    HOUR,
    PAGE,
    PROPS,
    Dimension,
    Value,
    parse_dimension,
)
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.urls.escapes import Token, join_text, split_tokens, tokenize

OPERATORS = ("==", "!=", "=~", "!~")
MAX_CONDITIONS = 20
MAX_VALUES = 100

_DELIMITERS = "|".join((*OPERATORS, ";", r"\|"))


@dataclass(frozen=True, slots=True)
class Condition:
    """`values` are as written; those of `=~` and `!~` are compared in lower case."""

    dimension: Dimension
    operator: str
    values: tuple[str, ...]

    @property
    def is_negative(self) -> bool:
        return self.operator[0] == "!"

    def match_values(self, values: Iterable[Value]) -> list[bool]:
        """Return for each value whether `==` or `=~` would match it, also for `!=` and `!~`."""
        texts = ["" if value is None else str(value) for value in values]
        accepted = set().union(*map(self.dimension.forms_of, self.values))
        if self.operator[1] == "=":
            return [text in accepted for text in texts]
        parts = {part.casefold() for part in accepted}
        return [any(part in text for part in parts) for text in map(str.casefold, texts)]

    def matches(self, session: Session, zone: ZoneInfo) -> bool:
        return (
            any(self.match_values(session_values(session, self.dimension, zone)))
            != self.is_negative
        )


@dataclass(frozen=True, slots=True)
class Filters:
    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def matches(self, session: Session, zone: ZoneInfo) -> bool:
        """Return whether the session meets the condition."""
        return all(condition.matches(session, zone) for condition in self.conditions)


NO_FILTERS = Filters()


def parse_filters(text: str | None) -> Filters:
    """Parse filters; raise InvalidQuery if they are invalid."""
    parts = [part for part in split_tokens(tokenize(text or "", _DELIMITERS), ";") if part]
    if len(parts) > MAX_CONDITIONS:
        raise InvalidQuery("filters", f"filters can have at most {MAX_CONDITIONS} conditions")
    return Filters(tuple(_parse_condition(part) for part in parts))


def session_values(session: Session, dimension: Dimension, zone: ZoneInfo) -> list[Value]:
    """Return the session's distinct values, in order; a single None if it has none."""
    raw_values = _raw_values(session, dimension.column, zone)
    values = [dimension.value_of(raw) for raw in raw_values]
    if dimension.is_multi_valued:
        return list(dict.fromkeys(value for value in values if value is not None)) or [None]
    return values


def _raw_values(session: Session, column: str, zone: ZoneInfo) -> Sequence[Any]:
    if column == PAGE:
        return session.pages
    if column == EVENT:
        return [step.event_type for step in session.steps if not step.is_page_view]
    if column == PROPS:
        return [step.props for step in session.steps]
    if column == HOUR:
        return [hour_of_week(session.started_at, zone)]
    if column == ACQUISITION:
        return [acquisition_of(session)]
    return [getattr(session, column)]


def _parse_condition(part: Sequence[Token]) -> Condition:
    place = next((n for n, token in enumerate(part) if token.delimiter in OPERATORS), None)
    if place is None:
        raise InvalidQuery(
            "filters",
            "filters must be conditions such as country==DE, with one of ==, !=, =~ and !~",
        )
    operator = part[place].delimiter
    values = tuple(map(join_text, split_tokens(part[place + 1 :], "|")))
    if operator[1] == "~" and "" in values:
        raise InvalidQuery("filters", f"filters must have a text after {operator}")
    if len(values) > MAX_VALUES:
        raise InvalidQuery(
            "filters", f"filters can have at most {MAX_VALUES} values a condition"
        )
    return Condition(parse_dimension(join_text(part[:place]), "filters"), operator, values)
