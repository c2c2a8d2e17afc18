"""Lists of sessions on the tables: what a page reads, and what changes between two pages."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.storage.active_table.table_scan import TablePage, TableScan
from chalicelib.web.reading.reports import event_list, session_list, user_sessions
from tests.world import START, World, minutes, page_view, visitor

NOW = minutes(24 * 60)


def page(world: World, **asked: str) -> dict[str, Any]:
    parameters = {"site": "example.com", "period": "7d", **asked}
    return session_list(parameters, world.context(NOW))


def ids(found: dict[str, Any]) -> list[str]:
    return [one["session_id"] for one in found["sessions"]]


@pytest.fixture
def closing_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Close sessions right after their rows have been read."""
    read = TableScan.read

    def read_and_close(table: TableScan) -> TablePage:
        result = read(table)
        monkeypatch.setattr(TableScan, "read", read)
        assert world.close(at=minutes(60)).sessions_closed == 1
        return result

    monkeypatch.setattr(TableScan, "read", read_and_close)
    return world


def test_session_that_closes_during_a_read_is_listed_once(closing_meanwhile: World):
    sent = closing_meanwhile.send(page_view("/"))[0]
    result = page(closing_meanwhile)

    assert ids(result) == [sent.session_id]
    assert result["sessions"][0]["is_active"] is False


def test_user_session_that_closes_during_a_read_is_listed_once(closing_meanwhile: World):
    world = closing_meanwhile
    sent = world.send(page_view("/", user_id="ann"))[0]
    result = user_sessions("ann", {}, world.context())

    assert ids(result) == [sent.session_id]
    assert result["sessions"][0]["is_active"] is False


def test_events_of_a_session_that_closes_during_a_read_are_listed_once(
    closing_meanwhile: World,
):
    world = closing_meanwhile
    world.send(page_view("/a", event_id="a"), page_view("/b", event_id="b"))
    result = event_list({"site": "example.com"}, world.context(NOW))

    assert [one["event_id"] for one in result["events"]] == ["b", "a"]


def test_new_session_between_two_pages_shifts_nothing(world: World):
    first, second = (world.send(page_view("/"), sender=visitor(n))[0] for n in (1, 2))
    newest = page(world, limit="1")
    world.send(page_view("/"), at=minutes(1), sender=visitor(3))
    older = page(world, limit="1", cursor=newest["cursor"])

    assert sorted(ids(newest) + ids(older)) == sorted([first.session_id, second.session_id])
    assert older["cursor"] is None


def test_too_many_open_sessions_are_left_out_of_lists(world: World, monkeypatch):
    closed = world.send(page_view("/"))[0]
    world.close(at=minutes(60))
    world.send(page_view("/"), at=minutes(61))
    rows = world.rows()
    part = TablePage(rows=list(rows), is_complete=False)
    monkeypatch.setattr(TableScan, "read", lambda _: part)

    assert ids(page(world)) == [closed.session_id]


def test_page_reads_the_sessions_table_only_for_users_of_closed_sessions(world: World):
    world.send(page_view("/"), at=minutes(0))
    world.calls.clear()
    page(world)
    assert "BatchGetItem" not in world.calls

    world.close(at=minutes(60))
    world.calls.clear()
    page(world)
    assert world.calls.count("BatchGetItem") == 1


def test_days_are_in_the_requested_time_zone(world: World):
    world.send(page_view("/"), at=START - 11 * 3_600_000)  # 23:00 UTC of the 4th
    world.close(at=START)

    def on_the_fifth(zone: str) -> int:
        days = {"period": "custom", "from": "2026-09-05", "to": "2026-09-05"}
        return len(ids(page(world, timezone=zone, **days)))

    assert (on_the_fifth("UTC"), on_the_fifth("Europe/Berlin")) == (0, 1)
