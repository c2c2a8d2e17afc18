"""The questions of readers, and the answers computed from lists of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.query.dimensions import DIMENSIONS
from tests.domain import oracle
from tests.histories.people import ARRIVALS, EVENT_TYPES, PATHS, PEOPLE, SITES
from tests.histories.plain import PlainSession

DAY = timedelta(days=1)
HOUR_MS = 3_600_000
FOREIGN_ZONES = ("Pacific/Auckland", "America/New_York", "Asia/Kolkata", "UTC")
PROPS = ("prop:plan", "prop:n")
ALL_DIMENSIONS = (*DIMENSIONS, *PROPS)
Condition = tuple[str, str, tuple[str, ...]]

# Values to filter by, for the dimensions that have few.
VALUES: dict[str, tuple[str, ...]] = {
    "page": PATHS,
    "entry_page": PATHS,
    "exit_page": PATHS,
    "hostname": tuple(f"www.{site}" for site in SITES),
    "event": EVENT_TYPES,
    "prop:plan": ("pro", "Pro"),
    "prop:n": ("1", "true", "0.5"),
    "hour_of_week": ("0", "1", "10", "24", "143", "167"),
    **{
        name: tuple(sorted({str(getattr(arrival, name) or "") for arrival in ARRIVALS}))
        for name in (
            "referrer",
            "source",
            "channel",
            "utm_source",
            "utm_medium",
            "utm_campaign",
        )
    },
    "utm_term": ("tulips",),
    "utm_content": ("footer",),
    **{
        name: tuple(sorted({getattr(person.agent, name) or "" for person in PEOPLE}))
        for name in ("device", "browser", "browser_version", "os", "os_version")
    },
    **{
        name: tuple(sorted({getattr(person.place, name) or "" for person in PEOPLE}))
        for name in ("country", "region", "city")
    },
    "language": ("de", "en-GB"),
    "screen": ("1920x1080", "390x844"),
}


@dataclass(frozen=True)
class Question:
    """The days are those of `zone`; the question is asked when they are over."""

    first: date
    last: date
    zone: str
    interval: str = "day"
    compare: str | None = None
    conditions: tuple[Condition, ...] = ()
    dimensions: tuple[str, ...] = ALL_DIMENSIONS
    limit: int = 1000
    offset: int = 0
    search: str = ""

    def parameters(self, site: str) -> dict[str, str]:
        given = {
            "site": site,
            "period": "custom",
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "timezone": self.zone,
            "interval": self.interval,
            "dimensions": ",".join(self.dimensions),
            "limit": str(self.limit),
            "offset": str(self.offset),
            "search": self.search,
            "filters": ";".join(map(_written, self.conditions)),
        }
        return given | ({"compare": self.compare} if self.compare else {})


def _written(condition: Condition) -> str:
    name, operator, values = condition
    escaped = ["".join(f"\\{c}" if c in "\\|;=!~" else c for c in value) for value in values]
    return f"{name}{operator}{'|'.join(escaped)}"


def any_condition(random: Random) -> Condition:
    name = random.choice(ALL_DIMENSIONS)
    operator = random.choice(["==", "!=", "=~", "!~"])
    values = random.choices((*VALUES[name], "x"), k=random.randint(1, 2))
    if operator[1] == "~":
        values = [value[:3].swapcase() or "e" for value in values]
    return name, operator, tuple(values)


def any_question(random: Random, first: date, last: date, zone: str) -> Question:
    """Draw a question about some of the days on which something happened."""
    span = (last - first).days
    begins = random.randint(-1, min(span, 1))
    length = random.randint(0, min(span + 1, 4))
    return Question(
        first=first + DAY * begins,
        last=first + DAY * (begins + length),
        zone=random.choice([zone, zone, *FOREIGN_ZONES]),
        interval=random.choice(["hour", "day", "week", "month"]),
        compare=random.choice([None, "previous_period", "previous_year"]),
        conditions=tuple(any_condition(random) for _ in range(random.randint(0, 2))),
        dimensions=tuple(random.choices(ALL_DIMENSIONS, k=random.randint(1, 3))),
        limit=random.choice([1000, 1000, 1, 2]),
        offset=random.choice([0, 0, 1]),
        search=random.choice(["", "", "B", "e"]),
    )


def expected_answer(question: Question, sessions: Sequence[PlainSession]) -> dict[str, Any]:
    """Return the expected response of /api/stats: totals, series, breakdowns and comparison."""
    zone = ZoneInfo(question.zone)
    matching = [one for one in sessions if oracle.matches(one, question.conditions, zone)]
    result = _figures_of(matching, question.first, question.last, question.interval, zone)
    start, end = midnight(question.first, zone), midnight(question.last + DAY, zone)
    within = [one for one in matching if start <= one.started_at < end]
    answer: dict[str, Any] = {
        **result,
        "breakdowns": {
            name: _breakdown(within, name, question, zone)
            for name in dict.fromkeys(question.dimensions)
        },
    }
    if question.compare:
        first, last = _compared_with(question)
        earlier = _figures_of(matching, first, last, question.interval, zone)
        answer |= {"previous": earlier["totals"], "previous_series": earlier["series"]}
    return answer


def _figures_of(
    sessions: Sequence[PlainSession], first: date, last: date, interval: str, zone: ZoneInfo
) -> dict[str, Any]:
    starts = bucket_starts(first, last, interval, zone)
    ends = [*starts[1:], midnight(last + DAY, zone)]
    return {
        "totals": oracle.totals_between(sessions, starts[0], ends[-1], zone),
        "series": [
            {
                "time": datetime.fromtimestamp(start / 1000, zone).isoformat(),
                **oracle.totals_between(sessions, start, end, zone),
                "partial": False,
            }
            for start, end in zip(starts, ends, strict=True)
        ],
    }


def _breakdown(
    sessions: Sequence[PlainSession], name: str, question: Question, zone: ZoneInfo
) -> dict[str, Any]:
    rows = oracle.listed(sessions, name, zone)
    if question.search:
        part = question.search.casefold()
        rows = [
            row
            for row in rows
            if row["value"] is not None and part in str(row["value"]).casefold()
        ]
    total = len(rows)
    if name != "hour_of_week":  # a week is told as a whole
        rows = rows[question.offset : question.offset + question.limit]
    return {"rows": rows, "total": total}


def _compared_with(question: Question) -> tuple[date, date]:
    """Return the previous period, or the same dates a year earlier."""
    if question.compare == "previous_period":
        length = question.last - question.first + DAY
        return question.first - length, question.first - DAY
    return _year_before(question.first), _year_before(question.last + DAY) - DAY


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def bucket_starts(first: date, last: date, interval: str, zone: ZoneInfo) -> list[int]:
    """Hours count from each midnight; the first week or month starts with the first day."""
    starts: list[int] = []
    day = first
    while day <= last:
        begins, ends = midnight(day, zone), midnight(day + DAY, zone)
        if interval == "hour":
            starts += range(begins, ends, HOUR_MS)
        elif (
            day == first
            or interval == "day"
            or (interval == "week" and day.weekday() == 0)
            or (interval == "month" and day.day == 1)
        ):
            starts.append(begins)
        day += DAY
    return starts


def month_end(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def utc(text: str) -> int:
    """Return the time (ms) of a text such as 2026-11-01 05:30, in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
