"""The documented answers of the API, worked out from made-up visits; days are those of UTC."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.browser.dashboard_world import DAY, HOUR, MINUTE, Visit, session_form

SPANS = {"24h": 1, "7d": 7, "28d": 28, "30d": 30, "91d": 91}
DEFAULT_DIMENSIONS = (
    "page,entry_page,exit_page,hostname,referrer,source,channel,utm_source,utm_medium,utm_campaign,"
    "utm_term,utm_content,country,language,device,browser,os,screen,event"
)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def realtime(visits: list[Visit], site: str, now: int) -> dict[str, Any]:
    begin = now - now % MINUTE - 29 * MINUTE
    recent = [visit for visit in visits if visit.end >= begin]
    views = [
        (step.at, step.page, visit)
        for visit in recent
        for step in visit.steps
        if step.event_type == "page_view" and step.at >= begin
    ]
    series = []
    for minute in range(30):
        start = begin + minute * MINUTE
        here = [visit for at, _, visit in views if start <= at < start + MINUTE]
        row = {"time": iso(start), "pageviews": len(here)}
        series.append({**row, "visitors": len({visit.visitor for visit in here})})
    newest = sorted(recent, key=lambda visit: visit.end, reverse=True)
    return {
        "site": site,
        "current_visitors": len({v.visitor for at, _, v in views if at > now - 5 * MINUTE}),
        "visitors": len({visit.visitor for _, _, visit in views}),
        "pageviews": len(views),
        "open_sessions": len(recent),
        "series": series,
        "pages": _most(recent, lambda visit: visit.pages[-1]),
        "sources": _most(recent, lambda visit: visit.dimensions["source"]),
        "countries": _most(recent, lambda visit: visit.dimensions["country"]),
        "devices": _most(recent, lambda visit: visit.dimensions["device"]),
        "feed": [session_form(visit, site, now, iso) for visit in newest[:50]],
        "generated_at": iso(now),
        "age_seconds": 0,
    }


def _most(visits: list[Visit], value: Callable[[Visit], str | None]) -> list[dict[str, Any]]:
    visitors = defaultdict(set)
    for visit in visits:
        visitors[value(visit)].add(visit.visitor)
    rows = [{"value": name, "visitors": len(found)} for name, found in visitors.items()]
    return sorted(rows, key=lambda row: (-row["visitors"], row["value"] or ""))[:10]


def stats(
    visits: list[Visit], site: str, now: int, query: dict[str, str], *, all_hours: bool = True
) -> dict[str, Any]:
    begin, end = span(query, now, visits)
    matching = [visit for visit in visits if _matches(visit, query.get("filters", ""))]
    inside = [visit for visit in matching if begin <= visit.start < end]
    interval = query.get("interval") or _fitting(begin, end)
    answer: dict[str, Any] = {
        "site": site,
        "period": {
            "from": iso(begin)[:10],
            "to": iso(end - 1)[:10],
            "timezone": "UTC",
            "interval": interval,
        },
        "totals": totals(inside),
        "series": _series(inside, begin, end, interval, now),
        "breakdowns": {},
        "meta": {
            "open_sessions": sum(now - visit.end < 30 * MINUTE for visit in inside),
            "visitors_are": "exact" if end - begin <= DAY else "sum of daily visitors",
            "filters": query.get("filters", ""),
            "generated_at": iso(now),
        },
    }
    if query.get("compare"):
        back = 364 * DAY if query["compare"] == "previous_year" else _whole(end - begin)
        earlier = [
            visit for visit in matching if begin - back <= visit.start < min(end, now) - back
        ]
        answer["previous"] = totals(earlier)
        answer["previous_series"] = _series(
            earlier, begin - back, end - back, interval, now - back
        )
    for name in (query.get("dimensions") or DEFAULT_DIMENSIONS).split(","):
        rows = breakdown(inside, name)
        found = [
            row for row in rows if query.get("search", "").lower() in str(row["value"]).lower()
        ]
        first, limit = int(query.get("offset", 0)), int(query.get("limit", 10))
        if name == "hour_of_week" and all_hours:
            limit = 168
        answer["breakdowns"][name] = {"rows": found[first : first + limit], "total": len(found)}
    return answer


def span(query: dict[str, str], now: int, visits: list[Visit]) -> tuple[int, int]:
    """First and past-the-last millisecond of the period, running hour or day included."""
    period, today = query.get("period", "today"), datetime.fromtimestamp(now / 1000, UTC).date()
    tomorrow = today + timedelta(days=1)
    if period == "24h":
        return now - now % HOUR - 23 * HOUR, now - now % HOUR + HOUR
    if period == "custom":
        last = date.fromisoformat(query["to"]) + timedelta(days=1)
        return _at(date.fromisoformat(query["from"])), _at(last)
    months = {"6mo": 5, "12mo": 11}.get(period, 0)
    number = today.year * 12 + today.month - 1 - months
    first = {
        "today": today,
        "yesterday": today - timedelta(days=1),
        "year": today.replace(month=1, day=1),
        "all": datetime.fromtimestamp((visits[0].start if visits else now) / 1000, UTC).date(),
    }.get(period, date(number // 12, number % 12 + 1, 1))
    if period in SPANS:
        first = tomorrow - timedelta(days=SPANS[period])
    return _at(first), _at(today if period == "yesterday" else tomorrow)


def _at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _whole(length: int) -> int:
    return -(-length // DAY) * DAY


def _fitting(begin: int, end: int) -> str:
    days = (end - begin) / DAY
    return "hour" if days <= 2 else "day" if days <= 100 else "month"


def _buckets(begin: int, end: int, interval: str) -> list[int]:
    starts, at = [], begin
    if interval == "week":
        at -= (begin // DAY + 3) % 7 * DAY
    while at < end:
        starts.append(at)
        if interval == "month":
            day = datetime.fromtimestamp(at / 1000, UTC).date()
            at = _at((day.replace(day=1) + timedelta(days=32)).replace(day=1))
        else:
            at += {"hour": HOUR, "day": DAY, "week": 7 * DAY}[interval]
    return starts


def _series(
    visits: list[Visit], begin: int, end: int, interval: str, now: int
) -> list[dict[str, Any]]:
    starts = _buckets(begin, end, interval)
    rows = []
    for start, after in zip(starts, [*starts[1:], end], strict=True):
        here = [visit for visit in visits if start <= visit.start < after]
        rows.append({"time": iso(start), **totals(here), "partial": start <= now < after})
    return rows


def totals(visits: list[Visit]) -> dict[str, Any]:
    sessions = len(visits)
    pageviews = sum(len(visit.pages) for visit in visits)
    bounces = sum(len(visit.steps) == 1 for visit in visits)

    def mean(value: float) -> int | None:
        return round(value / sessions) if sessions else None

    return {
        "visitors": len({visit.visitor for visit in visits}),
        "sessions": sessions,
        "pageviews": pageviews,
        "events": sum(len(visit.own_events) for visit in visits),
        "views_per_session": round(pageviews / sessions, 4) if sessions else None,
        "bounce_rate": round(bounces / sessions, 4) if sessions else None,
        "session_duration": mean(sum(visit.end - visit.start for visit in visits) / 1000),
        "engaged_time": mean(sum(visit.engaged_ms for visit in visits) / 1000),
        "scroll_depth": 61 if sessions else None,
    }


def breakdown(visits: Iterable[Visit], dimension: str) -> list[dict[str, Any]]:
    groups: dict[str | None, list[Visit]] = defaultdict(list)
    for visit in visits:
        for value in dict.fromkeys(values(visit, dimension)):
            groups[value].append(visit)
    rows = [{"value": value, **totals(found)} for value, found in groups.items()]
    if dimension == "page":
        for row in rows:
            row["pageviews"] = sum(
                visit.pages.count(row["value"]) for visit in groups[row["value"]]
            )
    return sorted(rows, key=lambda row: (-row["visitors"], str(row["value"] or "")))


def values(visit: Visit, dimension: str) -> list[str | None]:
    if dimension == "page":
        return [*visit.pages]
    if dimension in ("entry_page", "exit_page"):
        return [visit.pages[0 if dimension == "entry_page" else -1]]
    if dimension == "event":
        return [step.event_type for step in visit.own_events]
    if dimension.startswith("prop:"):
        name = dimension.removeprefix("prop:")
        return [step.props[name] for step in visit.own_events if name in step.props]
    if dimension == "hour_of_week":
        return [str((visit.start + 3 * DAY) // HOUR % 168)]
    return [visit.dimensions[dimension]]


def _matches(visit: Visit, filters: str) -> bool:
    for part in re.split(r"(?<!\\);", filters) if filters else []:
        dimension, operator, wanted = re.match(r"(.*?)(==|!=|=~|!~)(.*)", part).groups()  # type: ignore
        choices = [re.sub(r"\\(.)", r"\1", value) for value in re.split(r"(?<!\\)\|", wanted)]
        has = [value or "" for value in values(visit, dimension)]
        if operator in ("==", "!="):
            found = any(value in choices for value in has)
        else:
            found = any(choice.lower() in value.lower() for value in has for choice in choices)
        if found == operator.startswith("!"):
            return False
    return True


def session_list(
    visits: list[Visit], site: str, now: int, query: dict[str, str]
) -> dict[str, Any]:
    begin, end = span(query, now, visits)
    found = [
        v for v in visits if begin <= v.start < end and _matches(v, query.get("filters", ""))
    ]
    found.sort(key=lambda visit: -visit.start)
    first, limit = int(query.get("cursor") or 0), int(query.get("limit", 50))
    more = first + limit < len(found)
    rows = [session_form(visit, site, now, iso) for visit in found[first : first + limit]]
    return {"sessions": rows, "cursor": str(first + limit) if more else None}
