"""Metrics come from summaries where possible, and otherwise from sessions, with the same
result."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.services.jobs.compact import compact
from chalicelib.services.reports import stats_reader
from chalicelib.web.reading.reports import stats
from tests.world import START, World, custom, minutes, new_world, page_view, visitor

SITE = "example.com"
DAY = 24 * 60
DAY_MS = DAY * 60_000


def ask(world: World, at: int, **parameters: str) -> dict[str, Any]:
    return stats({"site": SITE} | parameters, world.context(at))


def visit(world: World, at: float, number: int = 1) -> None:
    world.send(page_view(f"/{number}"), at=minutes(at), sender=visitor(number))
    world.close(at=minutes(at + 40))


def daily(world: World, days: int) -> int:
    """Send a visit per day, compacted each night; return the end."""
    for day in range(days):
        visit(world, day * DAY, day % 3)
        compact(world.context(minutes(day * DAY + 16 * 60)))
    return minutes(days * DAY)


def segments_read(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    read, asked = world.tables.rollups.packs, []

    def noted(site: str, first: str, last: str, **how: Any) -> Any:
        asked.append((first, last))
        return read(site, first, last, **how)

    monkeypatch.setattr(world.tables.rollups, "packs", noted)
    return asked


def test_finished_days_are_read_from_their_summaries(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    now = daily(world, 5)
    asked = segments_read(world, monkeypatch)

    result = ask(world, now, period="7d")

    assert result["totals"]["sessions"] == 5
    assert asked == [("2026-09-10", "2026-09-10")]  # today


def test_days_without_sessions_are_not_read_one_by_one(world: World):
    now = daily(world, 1) + 200 * DAY_MS
    world.calls.clear()

    ask(world, now, period="12mo")

    assert world.calls.count("Query") < 8


def test_day_with_an_open_session_is_counted(world: World, monkeypatch: pytest.MonkeyPatch):
    daily(world, 2)
    before_midnight = 2 * DAY + 13 * 60 + 50  # 23:50
    world.send(page_view("/late"), at=minutes(before_midnight), sender=visitor(60))
    named = {"period": "custom", "from": "2026-09-05", "to": "2026-09-07"}

    result = ask(world, minutes(before_midnight + 20), **named)

    assert result["totals"]["sessions"] == 3
    assert result["meta"]["open_sessions"] == 1


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"filters": "page==/1"}, id="filter"),
        pytest.param({"dimensions": "prop:plan"}, id="prop"),
        pytest.param({"timezone": "Asia/Tokyo"}, id="time zone"),
    ],
)
def test_only_sessions_of_changing_days_are_limited(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
):
    monkeypatch.setattr(stats_reader, "MAX_SCANNED_SESSIONS", 3)
    now = daily(world, 5)
    ask(world, now, period="7d", **asked)
    for number in range(4):
        visit(world, 5 * DAY + number * 60, number)

    with pytest.raises(InvalidQuery) as raised:
        ask(world, minutes(5 * DAY + 300), period="7d", **asked)

    assert raised.value.parameter == "period"


def test_metrics_outlive_their_sessions():
    world = new_world(SESSION_RETENTION_DAYS="3")
    now = daily(world, 6)
    gone = [i for i in world.items("rollups") if i.get("ttl", now) * 1000 < now]
    keys = [{"site": i["site"], "sort_key": i["sort_key"]} for i in gone]
    world.tables.database.delete_many(world.settings.rollups_table, keys)

    assert ask(world, now, period="7d")["totals"]["sessions"] == 6
    assert ask(world, now, period="today", filters="page==/1")["totals"]["sessions"] == 0
    with pytest.raises(InvalidQuery) as raised:
        ask(world, now, period="7d", filters="page==/1")
    assert raised.value.parameter == "period"
    assert "2026-09-08" in str(raised.value)


def test_response_names_truncated_dimensions(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.domain.metrics.aggregate.MAX_DAY_VALUES", 2)
    for number in range(4):
        visit(world, 30 * number, number)

    result = ask(world, minutes(200), dimensions="page,country")

    assert result["meta"]["cut"] == ["page"]
    assert [row["value"] for row in result["breakdowns"]["page"]["rows"]][-1] == "(other)"


def test_period_starts_at_the_first_stored_day(world: World):
    now = daily(world, 3)

    assert ask(world, now, period="all")["period"]["from"].startswith("2026-09-05")


def test_comparison_period_is_read_from_summaries(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    now = daily(world, 10)
    asked = segments_read(world, monkeypatch)

    named = {"period": "custom", "from": "2026-09-10", "to": "2026-09-13"}
    result = ask(world, now, compare="previous_period", **named)

    assert result["previous"]["sessions"] == 4
    assert asked == []


def test_every_interval_adds_up_to_the_totals(world: World):
    now = daily(world, 20)

    for interval in ("hour", "day", "week", "month"):
        result = ask(world, now, period="30d", interval=interval)
        assert sum(row["sessions"] for row in result["series"]) == 20


def test_period_at_night_includes_all_days(world: World):
    daily(world, 3)

    result = ask(world, START + 3 * DAY_MS - 9 * 3_600_000, period="7d")  # 01:00

    assert result["totals"]["sessions"] == 3


def test_event_of_an_open_session_is_counted_by_name_after_the_close(world: World):
    world.send(page_view("/"), custom("signup"), at=minutes(0))
    parameters = {"dimensions": "event", "limit": "5"}

    before = ask(world, minutes(5), **parameters)
    world.close(at=minutes(40))
    after = ask(world, minutes(41), **parameters)

    assert before["totals"]["events"] == after["totals"]["events"] == 1
    assert [row["value"] for row in before["breakdowns"]["event"]["rows"]] == [None]
    assert [row["value"] for row in after["breakdowns"]["event"]["rows"]] == ["signup"]
