"""Builds the stats of the API from summaries: totals, series and breakdowns, with rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.metrics.summary import Rows, Summary, sort_rows
from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query.calendar import bucket_index, format_iso
from chalicelib.domain.query.dimensions import PROP_PREFIX, Dimension
from chalicelib.domain.query.filters import Filters
from chalicelib.domain.query.period import Period
from chalicelib.domain.query.query import Query

HOUR_OF_WEEK = "hour_of_week"

EXACT = "exact"
SUM_OF_DAYS = "sum of daily visitors"


def answer(packs: Iterable[Pack], query: Query) -> dict[str, Any]:
    """Return the response computed from sessions alone, which must include those of the
    comparison period."""
    packs = list(packs)
    previous = query.period.previous
    return report(
        query,
        summarize(query, packs),
        None if previous is None else summarize(query, packs, previous),
    )


def summarize(query: Query, packs: Iterable[Pack], period: Period | None = None) -> Summary:
    """Compute the metrics that the query requests: of its period, or of the comparison period,
    which has no breakdowns."""
    within = period or query.period
    return aggregate(
        packs,
        within.days,
        within.zone,
        dimensions=query.dimensions if period is None else (),
        filters=query.filters,
    )


def report(query: Query, summary: Summary, previous: Summary | None = None) -> dict[str, Any]:
    """Return the metrics, given the summaries of all days of the period and of the comparison
    period."""
    body: dict[str, Any] = {
        "totals": compute_metrics(summary.total)._asdict(),
        "series": _series(summary, query.period),
        "breakdowns": {
            dimension.name: _breakdown(summary, dimension, query)
            for dimension in query.dimensions
        },
    }
    if previous is not None and query.period.previous is not None:
        body["previous"] = compute_metrics(previous.total)._asdict()
        body["previous_series"] = _series(previous, query.period.previous)
    return body


def stats_response(
    site: str,
    query: Query,
    summary: Summary,
    previous: Summary | None,
    *,
    open_sessions: int | None,
    now: int,
) -> dict[str, Any]:
    """Return the metrics together with the query they answer. `now` in ms."""
    return {
        "site": site,
        "period": period_response(query.period),
        **report(query, summary, previous),
        "meta": {
            "open_sessions": open_sessions,
            "visitors_are": visitor_counting(query.period),
            "cut": sorted(summary.truncated_dimensions),
            "filters": filters_response(query.filters),
            "generated_at": format_iso(now, query.period.zone),
        },
    }


def with_missing_days(response: dict[str, Any], days: Iterable[date]) -> dict[str, Any]:
    """Name the days that the metrics of the response lack, if any."""
    missing = [day.isoformat() for day in sorted(set(days))]
    meta = response["meta"] | ({"missing_days": missing} if missing else {})
    return {**response, "meta": meta}


def period_response(period: Period) -> dict[str, str]:
    until = period.end if period.now is None else period.now
    return {
        "from": format_iso(period.start, period.zone),
        "to": format_iso(until, period.zone),
        "timezone": period.zone.key,
        "interval": period.interval,
    }


def filters_response(filters: Filters) -> list[dict[str, Any]]:
    return [
        {
            "dimension": condition.dimension.name,
            "operator": condition.operator,
            "values": [value or None for value in condition.values],
        }
        for condition in filters.conditions
    ]


def visitor_counting(period: Period) -> str:
    """Return how visitors are counted: distinct per day, and summed over days."""
    return EXACT if len(period.days) == 1 else SUM_OF_DAYS


def _series(summary: Summary, period: Period) -> list[dict[str, Any]]:
    starts = period.buckets
    totals = [0] * len(starts)
    for at, counters in (summary.hours if period.interval == "hour" else summary.days).items():
        totals[bucket_index(starts, at)] += counters
    partial = period.partial_bucket
    return [
        {
            "time": format_iso(at, period.zone),
            **compute_metrics(counters)._asdict(),
            "partial": number == partial,
        }
        for number, (at, counters) in enumerate(zip(starts, totals, strict=True))
    ]


def _breakdown(summary: Summary, dimension: Dimension, query: Query) -> dict[str, Any]:
    name = dimension.name
    rows = _searched(summary.rows.get(name, {}), dimension.forms_of(query.search))
    ordered = sort_rows(rows, is_truncated=name in summary.truncated_dimensions)
    if name == "event" or name.startswith(PROP_PREFIX):
        # Most sessions have none: that row would take the place of one that tells more.
        ordered.sort(key=lambda row: row[0] is None)
    # A week is a grid: with some of its hours there would be none.
    is_whole = name == HOUR_OF_WEEK
    shown = ordered if is_whole else ordered[query.offset : query.offset + query.limit]
    return {
        "rows": [
            {"value": value, **compute_metrics(counters)._asdict()} for value, counters in shown
        ],
        "total": len(rows),
    }


def _searched(rows: Rows, texts: Iterable[str]) -> Rows:
    """Return the rows whose value contains one of the texts, ignoring case; all without
    texts."""
    parts = {text.casefold() for text in texts}
    if "" in parts:
        return rows
    return {
        value: counters
        for value, counters in rows.items()
        if value is not None and any(part in str(value).casefold() for part in parts)
    }
