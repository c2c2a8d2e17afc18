r"""Filters say which sessions figures are made of: those that match each condition.

    country==DE|AT;page=~/blog;utm_source!=

    ==  is one of the values, exactly          !=  is none of them
    =~  contains one of them, in any case      !~  contains none of them
    ;   and         |   or another value       \   takes the next character as it is

An empty value stands for what a session did not have. Of pages, events and props a session has
several: `==` and `=~` match if one does, and `!=` and `!~` match exactly the other sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.packs.pack import arrival_of
from chalicelib.domain.query.calendar import hour_of_week
from chalicelib.domain.query.dimensions import (
    ARRIVAL,
    EVENT,
    HOUR,
    PAGE,
    PROPS,
    Dimension,
    Value,
    dimension,
)
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.urls.escapes import Token, split, text_of, tokens

OPERATORS = ("==", "!=", "=~", "!~")
MOST_CONDITIONS = 20
MOST_VALUES = 100

_MARKS = "|".join((*OPERATORS, ";", r"\|"))


@dataclass(frozen=True, slots=True)
class Condition:
    """`values` are as they were written; those of `=~` and `!~` are compared in lower case."""

    dimension: Dimension
    operator: str
    values: tuple[str, ...]

    @property
    def is_negative(self) -> bool:
        return self.operator[0] == "!"

    def finds(self, values: Iterable[Value]) -> list[bool]:
        """Whether each value is one that `==` or `=~` looks for, also where this says `!`."""
        texts = ["" if value is None else str(value) for value in values]
        wanted = set().union(*map(self.dimension.forms_of, self.values))
        if self.operator[1] == "=":
            return [text in wanted for text in texts]
        parts = {part.casefold() for part in wanted}
        return [any(part in text for part in parts) for text in map(str.casefold, texts)]

    def matches(self, session: Session, zone: ZoneInfo) -> bool:
        return any(self.finds(values_of(session, self.dimension, zone))) != self.is_negative


@dataclass(frozen=True, slots=True)
class Filters:
    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def matches(self, session: Session, zone: ZoneInfo) -> bool:
        """Whether the session is one of those that figures are made of."""
        return all(condition.matches(session, zone) for condition in self.conditions)


EVERY_SESSION = Filters()


def parse_filters(text: str | None) -> Filters:
    """Raise InvalidQuery for what is no filter."""
    parts = [part for part in split(tokens(text or "", _MARKS), ";") if part]
    if len(parts) > MOST_CONDITIONS:
        raise InvalidQuery("filters", f"filters takes at most {MOST_CONDITIONS} conditions")
    return Filters(tuple(_parse_condition(part) for part in parts))


def values_of(session: Session, dimension: Dimension, zone: ZoneInfo) -> list[Value]:
    """The distinct values that a session has, in order; one None if it has none."""
    raws = _raws_of(session, dimension.of, zone)
    values = (dimension.value_of(raw) for raw in raws)
    if dimension.is_of_steps:
        return list(dict.fromkeys(value for value in values if value is not None)) or [None]
    return list(values)


def _raws_of(session: Session, of: str, zone: ZoneInfo) -> Sequence[Any]:
    if of == PAGE:
        return session.pages
    if of == EVENT:
        return [step.event_type for step in session.steps if not step.is_page_view]
    if of == PROPS:
        return [step.props for step in session.steps]
    if of == HOUR:
        return [hour_of_week(session.started_at, zone)]
    if of == ARRIVAL:
        return [arrival_of(session)]
    return [getattr(session, of)]


def _parse_condition(part: Sequence[Token]) -> Condition:
    place = next((n for n, token in enumerate(part) if token.mark in OPERATORS), None)
    if place is None:
        raise InvalidQuery(
            "filters",
            "filters takes conditions such as country==DE, with one of ==, !=, =~ and !~",
        )
    operator = part[place].mark
    values = tuple(map(text_of, split(part[place + 1 :], "|")))
    if operator[1] == "~" and "" in values:
        raise InvalidQuery("filters", f"filters takes a text to look for after {operator}")
    if len(values) > MOST_VALUES:
        raise InvalidQuery("filters", f"filters takes at most {MOST_VALUES} values a condition")
    return Condition(dimension(text_of(part[:place]), "filters"), operator, values)
