"""A request to scan some days of a site, as JSON for the function that scans: what a query
requests, and the days. The scan of each day gives a summary, and summaries add."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.query.calendar import Day, parse_timezone
from chalicelib.domain.query.dimensions import Dimension, parse_dimension
from chalicelib.domain.query.filters import Condition, Filters
from chalicelib.domain.query.query import Query


@dataclass(frozen=True, slots=True)
class ScanRequest:
    site: str
    zone: ZoneInfo
    dimensions: tuple[Dimension, ...]
    filters: Filters
    days: tuple[Day, ...]

    @classmethod
    def of_query(cls, site: str, query: Query, days: Sequence[Day]) -> ScanRequest:
        return cls(site, query.period.zone, query.dimensions, query.filters, tuple(days))

    def of_days(self, days: Sequence[Day]) -> ScanRequest:
        return replace(self, days=tuple(days))

    def to_json(self) -> dict[str, Any]:
        return {
            "site": self.site,
            "timezone": self.zone.key,
            "dimensions": [dimension.name for dimension in self.dimensions],
            "filters": [
                [one.dimension.name, one.operator, list(one.values)]
                for one in self.filters.conditions
            ],
            "days": [[day.date.isoformat(), day.start, day.end] for day in self.days],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ScanRequest:
        conditions = (
            Condition(parse_dimension(name), operator, tuple(values))
            for name, operator, values in body["filters"]
        )
        return cls(
            body["site"],
            parse_timezone(body["timezone"]),
            tuple(map(parse_dimension, body["dimensions"])),
            Filters(tuple(conditions)),
            tuple(Day(date.fromisoformat(day), start, end) for day, start, end in body["days"]),
        )

    @property
    def query_key(self) -> str:
        """Return a text that is equal for requests that differ in their days only."""
        return json.dumps(self.of_days(()).to_json())
