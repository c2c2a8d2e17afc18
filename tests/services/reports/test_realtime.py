"""Current visitors, from all rows or from the snapshots of the job."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.services.jobs import expire
from chalicelib.services.reports import realtime as live
from chalicelib.storage.active_table import table_scan
from chalicelib.storage.aws import database
from chalicelib.storage.rollup_table.site_registry import RowCount
from chalicelib.web.reading.reports import realtime, stats
from tests.world import World, custom, minutes, new_world, page_view, visitor

SITE = "example.com"

Action = tuple[str, int, int, int]
ACTIONS: st.SearchStrategy[Action] = st.tuples(
    st.sampled_from(["view", "view", "view", "engagement", "close"]),
    st.integers(0, 4),
    st.sampled_from([0, 10_000, 60_000, 15 * 60_000, 31 * 60_000]),
    st.sampled_from([0, 0, 20 * 60_000, 50 * 60_000]),
)


@pytest.fixture
def short_pages(several_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit a page of a scan to three items, and realtime to the rows of one page. The job
    takes snapshots of the rows."""
    monkeypatch.setattr(live, "MAX_LIVE_ROWS", -1)
    monkeypatch.setattr(expire, "MIN_SNAPSHOT_ROWS", -1)


@pytest.fixture
def several_pages(monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize("rows", [100_000, 100_001])
def test_rows_of_several_pages_are_read_unless_they_are_too_many(
    world: World, several_pages: None, monkeypatch: pytest.MonkeyPatch, rows: int
):
    monkeypatch.setattr(expire, "MIN_SNAPSHOT_ROWS", -1)
    visits(world)
    world.close(at=minutes(8))
    world.tables.site_registry.put_row_count(RowCount(rows))

    result = look(world, minutes(9))

    assert result["age_seconds"] == (0 if rows <= live.MAX_LIVE_ROWS else 60)
    assert (result["visitors"], result["pageviews"], result["open_sessions"]) == (7, 8, 7)


@pytest.mark.parametrize(("rows", "parts"), [(50_000, 0), (50_001, 2)])
def test_job_takes_snapshots_before_realtime_needs_them(world: World, rows: int, parts: int):
    visits(world)
    world.tables.site_registry.put_row_count(RowCount(rows))
    world.close(at=minutes(8))

    assert len(world.tables.rollups.snapshots(SITE)) == parts


def test_rows_of_several_pages_are_at_most_ten_seconds_old(world: World, several_pages: None):
    visits(world)
    first = look(world, minutes(8))
    world.calls.clear()
    world.send(page_view("/new"), at=minutes(8), sender=visitor(50))
    world.calls.clear()
    again = look(world, minutes(8) + 9_999)

    assert world.calls == []
    assert again == {**first, "age_seconds": 9}

    later = look(world, minutes(8) + 10_000)

    assert (later["age_seconds"], later["visitors"]) == (0, first["visitors"] + 1)


def test_unchanged_rows_are_not_read_again(world: World):
    visits(world)
    look(world, minutes(8))
    world.calls.clear()
    look(world, minutes(8))

    assert world.calls == ["Scan"]

    world.send(page_view("/new"), at=minutes(8), sender=visitor(50))
    world.calls.clear()
    look(world, minutes(8))

    assert world.calls == ["Scan", "BatchGetItem"]


@pytest.mark.parametrize("number", [1, 6])  # few are read alone, many with all others
def test_rows_that_cannot_be_read_are_left_out(world: World, number: int):
    visits(world)
    look(world, minutes(8))
    name = world.settings.active_sessions_table
    rows = [item for item in world.items("active_sessions") if item.get("site") == SITE]
    for row in rows[:number]:
        world.tables.database.put(name, {"session_id": row["session_id"], "touched_at": 1})

    assert look(world, minutes(8))["open_sessions"] == 7 - number


@pytest.mark.parametrize("pages", ["one_page", "several_pages"])
@given(history=st.lists(ACTIONS, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_process_that_read_before_answers_like_a_new_one(
    request: pytest.FixtureRequest, pages: str, history: list[Action]
):
    """Whatever changes between two requests: new events, engagement, duplicates, closing."""
    request.getfixturevalue(pages)
    world, now = new_world(), minutes(0)
    for kind, number, wait_ms, age_ms in history:
        now += wait_ms
        if kind == "close":
            world.close(at=now)
        else:
            world.send(_body(kind, number, age_ms), at=now, sender=visitor(number % 2))
        if wait_ms:
            assert look(world, now) == look(world.restarted(), now)


def _body(kind: str, number: int, age_ms: int) -> dict[str, Any]:
    if kind == "engagement":
        return custom("engagement", event_id=f"e{number}", engaged_ms=age_ms, age=0)
    named = {"user_id": "ann"} if number == 3 else {}
    return page_view(f"/{number}", event_id=f"e{number}", age=age_ms, **named)


@pytest.fixture
def one_page() -> None:
    """All rows fit one page, as usual."""
