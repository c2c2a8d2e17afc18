"""A query is what a reader asks: a period, filters, and breakdowns."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.domain.query.dimensions import DEFAULT_DIMENSIONS, Dimension
from chalicelib.domain.query.filters import NO_FILTERS, Filters
from chalicelib.domain.query.period import Period

MAX_ROWS = 1_000
DEFAULT_ROWS = 10


@dataclass(frozen=True, slots=True)
class Query:
    """`search` is matched in the values of breakdowns, ignoring case; it changes no metrics."""

    period: Period
    filters: Filters = NO_FILTERS
    dimensions: tuple[Dimension, ...] = DEFAULT_DIMENSIONS
    limit: int = DEFAULT_ROWS
    offset: int = 0
    search: str = ""

    @property
    def comparison(self) -> Query | None:
        """Return the query for the comparison period, with totals and series only."""
        previous = self.period.previous
        return replace(self, period=previous, dimensions=()) if previous else None
