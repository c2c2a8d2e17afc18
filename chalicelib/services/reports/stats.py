"""The metrics of any period: from the packed sessions of its days, and from active sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.metrics.summary import Summary
from chalicelib.domain.query.query import Query
from chalicelib.services.context import Context
from chalicelib.services.open_sessions import open_sessions
from chalicelib.services.reports.stats_reader import StatsReader


@dataclass(frozen=True, slots=True)
class Stats:
    """The summaries of the query's period and of the comparison period. `open_sessions` is the
    number of active sessions, None if there are too many to read. The summaries lack the
    `missing_days`, if any: their scan failed or took too long."""

    summary: Summary
    previous: Summary | None
    open_sessions: int | None
    missing_days: tuple[date, ...] = ()


def read_stats(site: str, query: Query, context: Context) -> Stats:
    """Read the stats of a query. Raise InvalidQuery if there are too many sessions, or they
    have been deleted."""
    # Rows before Rollups: a session that closes in between is read twice, never not at all.
    still_open = open_sessions(site, context, has_closed_visitors=True)
    reader = StatsReader(site, still_open or [], context)
    result = reader.read(query)
    compared = reader.read(query.comparison) if query.comparison else None
    return Stats(
        summary=result.summary,
        previous=compared.summary if compared else None,
        open_sessions=None if still_open is None else result.open_sessions,
        missing_days=result.missing_days + (compared.missing_days if compared else ()),
    )
