"""Compaction changes where sessions are stored, but no metric."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.services.closed_sessions import read_days
from chalicelib.services.jobs import compact_day
from chalicelib.services.jobs.compact import compact
from chalicelib.storage.aws.retries import ConditionFailed
from chalicelib.web.reading.reports import stats
from tests.world import START, World, custom, minutes, new_world, page_view, visitor

DAY = 24 * 60
DAY_MS = DAY * 60_000
NEXT_DAY = minutes(DAY - 8 * 60)  # Sunday 2026-09-06 02:00 UTC: the first day is over
SITE = "example.com"


def visit(world: World, number: int, at: float, *paths: str) -> None:
    """Send a visit, a page per minute, and close it alone."""
    for place, path in enumerate(paths or ("/",)):
        world.send(page_view(path), at=minutes(at + place), sender=visitor(number))
    world.close(at=minutes(at + len(paths or "1") + 40))


def run(world: World, at: int, max_recents: int = 80) -> Any:
    return compact(world.context(at), max_recents=max_recents)


def look(world: World, at: int) -> Any:
    """Compact today's recents, in whatever minute the site is checked."""
    for minute in range(20):
        run(world, at + minute * 60_000, max_recents=2)


def kinds(world: World) -> list[str]:
    """Return the kinds of the site's items in Rollups."""
    return sorted(
        i["sort_key"].rsplit("#")[0] for i in world.items("rollups") if i["site"] == SITE
    )


def answers(world: World, at: int) -> list[Any]:
    requests: list[dict[str, str]] = [
        {"period": "30d", "compare": "previous_period"},
        {"period": "30d", "interval": "hour"},
        {"period": "30d", "filters": "page==/b"},
        {"period": "30d", "timezone": "Asia/Seoul"},
        {"period": "12mo", "interval": "month", "dimensions": "page,event,hour_of_week,city"},
        {"period": "yesterday", "dimensions": "prop:plan,event"},
    ]
    return [stats({"site": SITE} | one, world.context(at)) for one in requests]


def visits_of_a_day(world: World) -> None:
    for number in range(1, 6):
        visit(world, number, 40 * number, "/a", "/b") if number % 2 else visit(
            world, number, 40 * number
        )
    world.send(custom("signup", props={"plan": "team"}), at=minutes(250))
    world.close(at=minutes(300))


def test_finished_day_becomes_a_pack_and_a_summary(world: World) -> None:
    visits_of_a_day(world)

    run(world, NEXT_DAY)

    assert kinds(world) == ["segment", "summary", "summary-month"]


def test_compaction_does_not_change_metrics(world: World) -> None:
    visits_of_a_day(world)
    before = answers(world, NEXT_DAY)

    run(world, NEXT_DAY)

    assert answers(world, NEXT_DAY) == before


def test_today_is_compacted_if_it_has_many_recents(world: World) -> None:
    visits_of_a_day(world)
    before = answers(world, minutes(360))

    look(world, minutes(300))

    assert kinds(world) == ["segment"]
    assert answers(world, minutes(360)) == before


def test_few_recents_of_today_are_not_compacted(world: World) -> None:
    visit(world, 1, 0)

    look(world, minutes(60))

    assert kinds(world) == ["recent"]


def test_recents_are_merged_into_the_last_pack(world: World) -> None:
    visits_of_a_day(world)
    look(world, minutes(300))
    visit(world, 9, 330)

    run(world, NEXT_DAY)

    assert kinds(world).count("segment") == 1


def test_full_pack_is_followed_by_another(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(compact_day, "MAX_PACK_BYTES", 400)
    visits_of_a_day(world)
    before = answers(world, NEXT_DAY)

    run(world, NEXT_DAY)

    assert kinds(world).count("segment") > 1
    assert answers(world, NEXT_DAY) == before


def test_more_recents_than_a_transaction_allows(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(compact_day, "RECENTS_PER_PLAN", 2)
    visits_of_a_day(world)
    before = answers(world, NEXT_DAY)

    run(world, NEXT_DAY)

    assert "recent" not in kinds(world)
    assert answers(world, NEXT_DAY) == before


def test_day_with_a_late_session_is_compacted_again_a_day_later(world: World) -> None:
    visits_of_a_day(world)
    run(world, NEXT_DAY)
    late = page_view("/late", timestamp=minutes(400) // 1000)
    world.send(late, at=NEXT_DAY, sender=visitor(77))
    world.close(at=NEXT_DAY + 3_600_000)
    before = answers(world, NEXT_DAY + DAY_MS)

    run(world, NEXT_DAY + 7_200_000)
    assert "recent" in kinds(world)
    run(world, NEXT_DAY + DAY_MS)

    assert "recent" not in kinds(world)
    assert answers(world, NEXT_DAY + DAY_MS) == before
    assert before[0]["totals"]["sessions"] == 7


def test_finished_month_becomes_a_summary(world: World) -> None:
    visits_of_a_day(world)
    october = START + 30 * DAY_MS
    before = answers(world, october)

    run(world, NEXT_DAY)
    run(world, october)

    (month,) = world.tables.rollups.months(SITE, ["2026-09"])
    assert month.packed is not None
    assert answers(world, october) == before


def test_whole_month_is_read_from_its_summary(world: World) -> None:
    visits_of_a_day(world)
    october = START + 30 * DAY_MS
    run(world, NEXT_DAY)
    run(world, october)
    world.tables.database.delete_many(
        world.tables.rollups.name,
        [{"site": SITE, "sort_key": "summary#2026-09-05"}],
    )
    parameters = {"site": SITE, "period": "custom", "from": "2026-09-01", "to": "2026-09-30"}

    assert stats(parameters, world.context(october))["totals"]["sessions"] == 6


def test_late_session_invalidates_the_summary_of_its_month(world: World) -> None:
    visit(world, 1, 25 * DAY)
    october = minutes(26 * DAY - 60)  # 2026-10-01 09:00
    run(world, october)
    late = page_view("/late", timestamp=minutes(25 * DAY + 300) // 1000)
    world.send(late, at=october, sender=visitor(77))
    world.close(at=october + 3_600_000)
    run(world, october + DAY_MS)
    assert world.tables.rollups.months(SITE, ["2026-09"])[0].packed is None
    run(world, october + 2 * DAY_MS)

    (month,) = world.tables.rollups.months(SITE, ["2026-09"])
    assert month.packed is not None
    parameters = {"site": SITE, "period": "custom", "from": "2026-09-01", "to": "2026-09-30"}
    at = october + 2 * DAY_MS
    assert stats(parameters, world.context(at))["totals"]["sessions"] == 2


def test_month_summary_is_not_written_if_a_day_changed(world: World) -> None:
    visits_of_a_day(world)
    run(world, NEXT_DAY)
    (stored,) = world.tables.rollups.months(SITE, ["2026-09"])
    world.tables.database.transact([world.tables.rollups.month_changed_action(SITE, "2026-09")])

    with pytest.raises(ConditionFailed):
        world.tables.rollups.put_month(replace(stored, packed=b"stale"))


def test_reader_during_compaction_sees_each_session_once(
    world: World, monkeypatch: Any
) -> None:
    visits_of_a_day(world)
    read = world.tables.rollups.packs

    def compacted_first(*asked: Any, **how: Any) -> Any:
        monkeypatch.setattr(world.tables.rollups, "packs", read)
        run(world, NEXT_DAY)
        return read(*asked, **how)

    monkeypatch.setattr(world.tables.rollups, "packs", compacted_first)
    (day,) = read_days(SITE, "2026-09-05", "2026-09-05", world.context())

    assert sum(segment.count for segment in day.packs) == 6


def test_second_run_makes_no_changes(world: World) -> None:
    visits_of_a_day(world)
    run(world, NEXT_DAY)
    before = world.items("rollups")
    world.calls.clear()

    run(world, NEXT_DAY + 60_000)

    assert world.items("rollups") == before
    assert world.calls[:1] == ["Query"]
    assert "TransactWriteItems" not in world.calls


def test_idle_run_is_one_query(world: World) -> None:
    run(world, NEXT_DAY)

    assert world.calls == ["Query"]


def test_pending_days_are_read_once_for_any_number_of_sites(world: World) -> None:
    october = START + 30 * DAY_MS
    for number in range(3):
        world.tables.compaction_queue.enqueue("2026-10-02", "2026-09", f"site-{number}.example")
    before = len(world.calls)

    run(world, october)

    # And the summaries of each site.
    assert world.calls[before:].count("Query") == 1 + 3
    assert list(world.tables.compaction_queue.tasks()) == []


def test_recent_of_an_unfinished_close_is_not_compacted(world: World) -> None:
    visits_of_a_day(world)
    recent = next(world.tables.rollups.recents(SITE, "2026-09-05", "2026-09-05"))
    world.tables.database.put(
        world.tables.active_sessions.name,
        {"session_id": f"closing#{recent.recent_id}", "sessions": frozenset({"sess_x"})},
    )

    run(world, NEXT_DAY)
    assert kinds(world).count("recent") == 1
    assert "summary" not in kinds(world)

    world.tables.database.delete(
        world.tables.active_sessions.name, {"session_id": f"closing#{recent.recent_id}"}
    )
    run(world, NEXT_DAY + 60_000)
    assert kinds(world) == ["segment", "summary", "summary-month"]


def test_packs_are_kept_as_long_as_sessions() -> None:
    world = new_world(SESSION_RETENTION_DAYS="90")
    visits_of_a_day(world)
    run(world, NEXT_DAY)
    stored = {i["sort_key"].split("#")[0]: i.get("ttl") for i in world.items("rollups")}

    assert stored["segment"] == (minutes(DAY - 10 * 60) + 90 * DAY_MS) // 1000
    assert stored["summary"] is None


def test_unreadable_pack_stops_only_its_own_day(world: World) -> None:
    visits_of_a_day(world)
    world.send(page_view("https://other.org/"), at=minutes(0))
    world.close(at=minutes(40))
    recent = next(world.tables.rollups.recents(SITE, "2026-09-05", "2026-09-05"))
    key = {"site": SITE, "sort_key": f"recent#{recent.day}#{recent.recent_id}"}
    world.tables.database.put(world.tables.rollups.name, key | {"packed": b"\x09broken"})

    assert run(world, NEXT_DAY).failed == [f"{SITE} 2026-09-05"]
    assert next(world.tables.rollups.summaries("other.org", "2026-09-05", "2026-09-05"))


def test_day_is_not_finished_when_its_first_session_closes_after_midnight(
    world: World,
) -> None:
    midnight = 14 * 60
    visit(world, 1, midnight + 5)
    run(world, minutes(midnight + 70))
    for number in (2, 3, 4):
        visit(world, number, midnight + 60 * number)
    look(world, minutes(midnight + 6 * 60))
    tomorrow = minutes(midnight + DAY + 70)
    run(world, tomorrow)

    parameters = {"site": SITE, "period": "yesterday", "dimensions": "page"}
    result = stats(parameters, world.context(tomorrow))
    assert result["totals"]["sessions"] == 4
