"""A query is what a reader wants to know: of which time and sessions, broken down by what."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.domain.query.dimensions import DEFAULT, Dimension
from chalicelib.domain.query.filters import EVERY_SESSION, Filters
from chalicelib.domain.query.period import Period

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

    @property
    def compared(self) -> Query | None:
        """The same of the period that it is compared with; only totals and series are told."""
        previous = self.period.previous
        return replace(self, period=previous, dimensions=()) if previous else None
