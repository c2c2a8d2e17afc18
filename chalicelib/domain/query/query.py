"""A query is what a reader wants to know: of which time and sessions, broken down by what."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.domain.query.dimensions import DEFAULT_DIMENSIONS, Dimension
from chalicelib.domain.query.filters import NO_FILTERS, Filters
from chalicelib.domain.query.period import Period

MAX_ROWS = 1_000
DEFAULT_ROWS = 10


@dataclass(frozen=True, slots=True)
class Query:
    """`search` is looked for in the values of breakdowns, in any case; it changes no figure."""

    period: Period
    filters: Filters = NO_FILTERS
    dimensions: tuple[Dimension, ...] = DEFAULT_DIMENSIONS
    limit: int = DEFAULT_ROWS
    offset: int = 0
    search: str = ""

    @property
    def comparison(self) -> Query | None:
        """The same of the period that it is compared with; only totals and series are told."""
        previous = self.period.previous
        return replace(self, period=previous, dimensions=()) if previous else None
