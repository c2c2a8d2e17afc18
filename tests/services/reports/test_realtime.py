"""Current visitors, from all rows or from the snapshots of the job."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.storage.active_table import table_scan
from chalicelib.storage.aws import database
from chalicelib.web.reading.reports import realtime, stats
from tests.world import World, minutes, new_world, page_view, visitor

SITE = "example.com"


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit a page of a scan to three items."""
    pages = database.Database._pages

    def short(self: Any, call: Any, request: Any) -> Any:
        if "KeyConditionExpression" not in request:
            request["Limit"] = 3
        return pages(self, call, request)

    monkeypatch.setattr(database.Database, "_pages", short)


def look(world: World, at: int) -> dict[str, Any]:
    return realtime({"site": SITE}, world.context(at))


def visits(world: World) -> None:
    for number in range(8):
        world.send(
            page_view(f"/{number % 3}", referrer="https://www.google.com/"),
            at=minutes(number),
            sender=visitor(number % 7),
        )
    world.send(page_view("https://other.org/"), at=minutes(7), sender=visitor(90))


def test_rows_of_one_page_are_read_live(world: World):
    visits(world)

    result = look(world, minutes(8))

    assert result["age_seconds"] == 0
    assert (result["current_visitors"], result["visitors"], result["pageviews"]) == (4, 7, 8)


def test_snapshot_matches_the_rows(world: World, short_pages: None):
    visits(world)
    world.close(at=minutes(8))

    result = look(world, minutes(8))

    assert (result["current_visitors"], result["visitors"], result["pageviews"]) == (4, 7, 8)
    assert result["open_sessions"] == len(result["feed"]) == 7
    assert result["sources"] == [{"value": "Google", "visitors": 4}]
    assert sum(minute["pageviews"] for minute in result["series"]) == 8


def test_snapshot_has_its_age(world: World, short_pages: None):
    visits(world)
    world.close(at=minutes(8))

    result = look(world, minutes(9.5))

    assert result["age_seconds"] == 90
    assert result["series"][-1]["time"].startswith("2026-09-05T10:08")


def test_snapshot_counts_joined_rows_as_one_session(short_pages: None):
    world = new_world()
    for number, at in enumerate((60, 110, 85)):
        view = page_view(f"/{at}", user_id="ann", age=minutes(120) - minutes(at))
        world.send(view, at=minutes(120) + number)
    for number in range(2, 6):
        world.send(page_view("/other"), sender=visitor(number), at=minutes(120))
    assert len(world.rows()) == 6
    world.close(at=minutes(121))
    result = look(world, minutes(121))

    assert result["open_sessions"] == result["visitors"] == len(result["feed"]) == 5
    feed = {one["user_id"]: one["page_count"] for one in result["feed"]}
    assert feed == {"ann": 3, None: 1}


def test_snapshot_of_long_paths_fits_an_item_and_does_not_block_closing(short_pages: None):
    world = new_world()
    for number in range(250):
        referrer = f"https://news.example/{number}/{'é' * 900}"
        view = page_view(f"/{number}/{'é' * 900}", referrer=referrer)
        world.send(view, sender=visitor(number))
    report = world.close(at=minutes(4))
    result = look(world, minutes(4))
    closed = world.close(at=minutes(33))

    assert (report.failed, closed.failed, closed.sessions_closed) == ([], [], 250)
    assert result["current_visitors"] == result["open_sessions"] == 250
    assert 0 < len(result["pages"]) < 250


def test_stale_snapshot_shows_no_visitors(world: World, short_pages: None):
    visits(world)
    world.close(at=minutes(8))

    assert look(world, minutes(24))["current_visitors"] == 0


def test_snapshot_merged_from_parts(
    world: World, short_pages: None, monkeypatch: pytest.MonkeyPatch
):
    from chalicelib.services.jobs import expire

    monkeypatch.setattr(expire, "ROWS_PER_PART", 3)
    visits(world)
    world.close(at=minutes(8))  # counts the rows
    world.close(at=minutes(8.1))

    result = look(world, minutes(8.1))

    assert len(world.tables.rollups.snapshots(SITE)) > 1
    assert (result["pageviews"], result["open_sessions"]) == (8, 7)
    assert sum(row["visitors"] for row in result["pages"]) == 4


def test_full_row_is_included(world: World):
    named: dict[str, Any] = {}
    for number in range(100):
        (view,) = world.send(page_view(f"/{number}", **named), at=minutes(number / 60))
        named = {"session_id": view.session_id}

    assert look(world, minutes(2))["cut_sessions"] == 1


def test_stats_omit_open_sessions_if_there_are_too_many(
    world: World, short_pages: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(table_scan, "MAX_PAGES_PER_READER", 2)
    visits(world)

    result = stats({"site": SITE}, world.context(minutes(8)))

    assert result["meta"]["open_sessions"] is None
    assert result["totals"]["sessions"] == 0


def test_views_of_a_session_split_after_a_day_are_included(world: World):
    world.send(page_view("/", age=0), at=minutes(0))
    world.send(*(page_view("/", age=n * 29 * 60_000) for n in range(1, 50)), at=minutes(0))
    world.send(page_view("/", age=0), at=minutes(29))

    assert look(world, at=minutes(29))["pageviews"] == 2
