"""A query is what a reader wants to know: of which time and sessions, broken down by what."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.dimensions import DEFAULT, Dimension
from chalicelib.domain.filters import EVERY_SESSION, Filters
from chalicelib.domain.period import Period

MOST_ROWS = 1_000
USUAL_ROWS = 10


@dataclass(frozen=True, slots=True)
class Query:
    """`search` is looked for in the values of breakdowns, in any case; it changes no figure."""

    period: Period
    filters: Filters = EVERY_SESSION
    dimensions: tuple[Dimension, ...] = DEFAULT
    limit: int = USUAL_ROWS
    offset: int = 0
    search: str = ""
