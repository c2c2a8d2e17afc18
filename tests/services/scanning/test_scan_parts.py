"""Settled days are scanned in parts, retried, cached, and named if they are missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from chalicelib.domain.query.calendar import Day
from chalicelib.services.jobs.compact import compact
from chalicelib.services.scanning import day_scan, scan_parts
from chalicelib.services.scanning.day_scan import answer_scan
from chalicelib.services.scanning.scan_parts import SettledDay, split
from chalicelib.storage.aws.retries import Unavailable
from chalicelib.storage.aws.scan_function import FunctionMissing
from chalicelib.web.reading.reports import stats
from tests.world import World, minutes, page_view, visitor

DAY = 24 * 60
DAYS = 6
NOW = minutes(DAYS * DAY)
ASKED = {"site": "example.com", "period": "7d", "filters": "page=~/", "limit": "20"}


class LocalFunction:
    """Scans in this process, but for the first `failures` calls."""

    def __init__(self, world: World, error: Exception | None = None, failures: int = 0) -> None:
        self._world = world
        self._error = error
        self._failures = failures
        self.payloads: list[Mapping[str, Any]] = []

    def scan(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        self.payloads.append(payload)
        if self._error and len(self.payloads) <= self._failures:
            raise self._error
        answer = answer_scan(json.loads(json.dumps(payload)), self._world.context(NOW))
        return dict(json.loads(json.dumps(answer)))


@pytest.fixture
def week(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world with three visits on each of six days, which are compacted."""
    for day in range(DAYS):
        for number in range(3):
            at = day * DAY + 60 * number
            world.send(page_view(f"/{number}"), at=minutes(at), sender=visitor(day % 2))
            world.close(at=minutes(at + 40))
        compact(world.context(minutes(day * DAY + 16 * 60)))
    monkeypatch.setattr(scan_parts, "MIN_SESSIONS_TO_SPLIT", 4)
    monkeypatch.setattr(scan_parts, "MIN_SESSIONS_PER_PART", 6)
    return world


def with_function(world: World, monkeypatch: pytest.MonkeyPatch, **how: Any) -> LocalFunction:
    function = LocalFunction(world, **how)
    monkeypatch.setitem(vars(world.tables), "scan_function", function)
    return function


def ask(world: World, **parameters: str) -> dict[str, Any]:
    return stats(ASKED | parameters, world.context(NOW))


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({}, id="filter"),
        pytest.param({"timezone": "Asia/Tokyo"}, id="time zone"),
        pytest.param({"dimensions": "page,hour_of_week,prop:plan"}, id="dimensions"),
        pytest.param({"filters": "page==/1|/2;country!=DE"}, id="several conditions"),
    ],
)
def test_parts_give_the_same_answer(
    week: World, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
):
    alone = ask(week.restarted(), **asked)
    function = with_function(week, monkeypatch)

    assert ask(week, **asked) == alone
    assert len(function.payloads) > 1


def test_answer_without_some_days_is_completed(week: World, monkeypatch: pytest.MonkeyPatch):
    alone = ask(week.restarted())
    function = with_function(week, monkeypatch)
    monkeypatch.setattr(day_scan, "MAX_ANSWER_BYTES", 1)

    ask(week)
    monkeypatch.undo()

    assert [len(payload["days"]) for payload in function.payloads].count(1) >= 3
    assert ask(week)["totals"] == alone["totals"]


def test_failed_part_is_named(week: World, monkeypatch: pytest.MonkeyPatch):
    with_function(week, monkeypatch, error=Unavailable("late"), failures=1)

    first, second = ask(week), ask(week)

    assert len(first["meta"]["missing_days"]) == 2
    assert first["totals"]["sessions"] == second["totals"]["sessions"] - 6
    assert "missing_days" not in second["meta"]


def test_days_are_scanned_in_this_process_without_the_function(
    week: World, monkeypatch: pytest.MonkeyPatch
):
    alone = ask(week.restarted())
    with_function(week, monkeypatch, error=FunctionMissing("scan"), failures=99)

    assert ask(week) == alone


def test_settled_days_are_scanned_once(week: World, monkeypatch: pytest.MonkeyPatch):
    function = with_function(week, monkeypatch)

    first = ask(week)
    scanned = len(function.payloads)
    again = ask(week)

    assert again == first
    assert len(function.payloads) == scanned


def test_changed_day_is_scanned_again(week: World, monkeypatch: pytest.MonkeyPatch):
    before = ask(week)["totals"]["sessions"]
    week.send(page_view("/late"), at=minutes(DAY + 200), sender=visitor(9))
    week.close(at=minutes(DAY + 300))
    compact(week.context(NOW))

    assert ask(week)["totals"]["sessions"] == before + 1


def test_days_are_divided_by_their_sessions(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scan_parts, "MIN_SESSIONS_PER_PART", 10)
    monkeypatch.setattr(scan_parts, "MAX_PARTS", 4)
    days = [Day(date(2026, 9, number), number, number + 1) for number in range(1, 6)]
    sizes = [5, 5, 30, 1, 1]

    parts = split([SettledDay(*one, "1") for one in zip(days, sizes, strict=True)])

    assert parts == [days[:2], days[2:3], days[3:]]


def test_time_that_is_over_leaves_days_out(week: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(day_scan, "has_time_left", lambda: False)

    assert len(ask(week)["meta"]["missing_days"]) >= 5
