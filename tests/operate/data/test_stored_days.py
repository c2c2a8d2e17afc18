"""Recount finds errors, rebuild fixes them, and erase leaves nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact import compact
from chalicelib.storage.aws import retries
from chalicelib.storage.aws.retries import Unavailable
from chalicelib.storage.tables import connect
from chalicelib.web.reading.reports import stats
from operate.data import rewrite_day
from operate.data.audit import recount
from operate.data.erase import erase_site, erase_user
from operate.data.rebuild import Rebuild
from operate.data.session_sources import SessionSources
from testing.fake_dynamodb.fake_table import size_of
from tests.operate.data.conftest import DAY, LATER, SITE
from tests.world import World, minutes, page_view, settings, visitor

DAYS = ("2026-09-05", "2026-09-06")
ASKED = (
    {"period": "7d"},
    {"period": "7d", "filters": "page==/a"},
    {"period": "custom", "from": "2026-09-05", "to": "2026-09-05", "interval": "hour"},
    {"period": "7d", "dimensions": "prop:plan,page,event"},
)


def figures(world: World) -> list[Any]:
    return [stats({"site": SITE} | asked, world.context(LATER)) for asked in ASKED]


def rebuilt(sources: SessionSources) -> list[str]:
    return Rebuild(sources, *DAYS, now=LATER).run()


def spoil_segment(world: World) -> None:
    """Remove a session from the packed ones, and keep their summary."""
    rollups = world.tables.rollups
    (segment,) = rollups.packs(SITE, *DAYS)
    packed = write_pack(read_pack(segment.packed).sessions()[1:])
    world.tables.database.transact(
        [rollups.pack_action(replace(segment, packed=packed), expected_version=segment.version)]
    )


def test_recount_of_correct_data_finds_no_difference(sources: SessionSources):
    result = recount(sources, *DAYS, now=LATER)

    assert (result.sessions, list(result.differences)) == (7, [])


def test_recount_names_a_session_that_is_missing(world: World, sources: SessionSources):
    spoil_segment(world)

    differences = recount(sources, *DAYS, now=LATER).differences

    assert "has events but is missing in Rollups" in differences[0]
    assert any(
        "the days of the summary differ from those of its sessions" in one
        for one in differences
    )


def test_recount_names_a_session_without_events(world: World, sources: SessionSources):
    gone = next(i["session_id"] for i in world.items("events") if "page_url" in i)
    keys = [
        {"session_id": i["session_id"], "event_id": i["event_id"]}
        for i in world.items("events")
        if i["session_id"] == gone
    ]
    world.tables.database.delete_many(world.settings.events_table, keys)

    (difference,) = recount(sources, *DAYS, now=LATER).differences

    assert difference.endswith("is in Rollups but has no events.")


def test_recount_names_the_fields_of_a_session_that_differ(
    world: World, sources: SessionSources
):
    item = next(i for i in world.items("events") if i.get("page_url", "").endswith("/d"))
    changed = {**item, "page_url": "https://example.com/other"}
    world.tables.database.put(world.settings.events_table, changed)

    packed, outlined = recount(sources, *DAYS, now=LATER).differences

    assert packed.endswith("differs in Rollups: steps.")
    assert outlined.endswith("differs in Sessions: entry_page, exit_page.")


def test_recount_ignores_open_sessions(world: World, sources: SessionSources):
    world.send(page_view("/now"), at=minutes(DAY + 90), sender=visitor(50))

    assert list(recount(sources, *DAYS, now=LATER).differences) == []


def test_rebuild_of_correct_data_changes_nothing(world: World, sources: SessionSources):
    compact(world.context(LATER))
    before = world.items("rollups")

    assert rebuilt(sources) == []
    assert world.items("rollups") == before


def test_rebuild_fixes_the_differences_of_a_recount(world: World, sources: SessionSources):
    before = figures(world)
    spoil_segment(world)

    rebuilt(sources)

    assert list(recount(sources, *DAYS, now=LATER).differences) == []
    assert figures(world) == before


def test_rebuild_restores_lost_rollups(world: World, sources: SessionSources):
    before = figures(world)
    keys = [{"site": i["site"], "sort_key": i["sort_key"]} for i in world.items("rollups")]
    world.tables.database.delete_many(world.settings.rollups_table, keys)

    rebuilt(sources)

    assert figures(world.restarted()) == before


def test_second_rebuild_changes_nothing(sources: SessionSources):
    rebuilt(sources)

    assert rebuilt(sources) == []


def test_packed_sessions_without_events_are_kept(world: World, sources: SessionSources):
    before = figures(world)
    delete_events(world)

    rebuilt(sources)

    assert figures(world) == before


def test_sessions_with_only_an_outline_keep_their_totals(world: World, sources: SessionSources):
    before = figures(world)[0]["totals"]
    delete_events(world)
    keys = [{"site": i["site"], "sort_key": i["sort_key"]} for i in world.items("rollups")]
    world.tables.database.delete_many(world.settings.rollups_table, keys)

    rebuilt(sources)

    assert figures(world.restarted())[0]["totals"] == before


def delete_events(world: World) -> None:
    keys = [
        {"session_id": i["session_id"], "event_id": i["event_id"]}
        for i in world.items("events")
    ]
    world.tables.database.delete_many(world.settings.events_table, keys)


def test_rebuild_regroups_days_after_a_change_of_time_zone(
    world: World, sources: SessionSources
):
    changed = replace(world.settings, report_timezone=ZoneInfo("Pacific/Auckland"))
    tables = connect(changed, world.tables.database.client)
    context = Context(tables, changed, LATER)
    moved = replace(sources, context=context)
    parameters = {"site": SITE, "period": "7d"}
    expected = stats(parameters | {"timezone": "Pacific/Auckland"}, world.context(LATER))

    Rebuild(moved, "2026-09-05", "2026-09-07", now=LATER).run()

    result = stats(parameters, context)
    assert (result["totals"], result["series"]) == (expected["totals"], expected["series"])
    assert list(recount(moved, "2026-09-05", "2026-09-07", now=LATER).differences) == []


def test_interrupted_rebuild_resumes(
    world: World, sources: SessionSources, monkeypatch: pytest.MonkeyPatch
):
    before = figures(world)
    spoil_segment(world)
    transact = world.tables.database.transact

    def dies(actions: Any) -> None:
        transact(actions)
        raise KeyboardInterrupt

    monkeypatch.setattr(world.tables.database, "transact", dies)
    with pytest.raises(KeyboardInterrupt):
        rebuilt(sources)
    monkeypatch.undo()
    rebuilt(sources)

    assert figures(world) == before


def test_day_of_many_segments_is_written_in_several_transactions(
    world: World, sources: SessionSources, monkeypatch: pytest.MonkeyPatch
):
    before = figures(world)
    monkeypatch.setattr(rewrite_day, "MAX_PACK_BYTES", 350)
    monkeypatch.setattr(rewrite_day, "MAX_ACTIONS", 2)
    spoil_segment(world)

    rebuilt(sources)

    assert len(list(world.tables.rollups.packs(SITE, "2026-09-05", "2026-09-05"))) > 2
    assert figures(world) == before


def throttling(world: World, most_units: int) -> list[int]:
    """Throttle writes that take more units at once; return the units of the accepted ones."""
    taken: list[int] = []

    def throttle(params: dict[str, Any], **_: Any) -> None:
        units = sum(2 * -(-_bytes(world, action) // 1024) for action in params["TransactItems"])
        if units > most_units:
            raise ClientError(
                {
                    "Error": {"Code": "TransactionCanceledException", "Message": ""},
                    "CancellationReasons": [{"Code": "ThrottlingError"}],
                },
                "TransactWriteItems",
            )
        taken.append(units)

    events = world.tables.database.client.meta.events
    events.register("provide-client-params.dynamodb.TransactWriteItems", throttle)
    return taken


def _bytes(world: World, action: dict[str, Any]) -> int:
    """Return the size of the larger of the old and the new item."""
    ((_, one),) = action.items()
    new = one.get("Item", {})
    names = ("site", "sort_key")
    key = {name: (one.get("Key") or new)[name] for name in names}
    client = world.tables.database.client
    old = client.get_item(TableName=one["TableName"], Key=key).get("Item", {})
    return max(size_of(new), size_of(old))


def test_throttled_day_is_written_in_parts_one_second_apart(
    world: World, sources: SessionSources, monkeypatch: pytest.MonkeyPatch
):
    before = figures(world)
    seconds: list[float] = []
    monkeypatch.setattr(rewrite_day, "MAX_PACK_BYTES", 350)
    monkeypatch.setattr(rewrite_day, "PARTITION_UNITS", 8)
    monkeypatch.setattr(rewrite_day, "time", SimpleNamespace(sleep=seconds.append))
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0)
    spoil_segment(world)
    taken = throttling(world, 8)

    rebuilt(sources)

    assert len(taken) > 2
    assert seconds.count(1) >= len(taken) - 1
    assert figures(world) == before


def test_throttled_day_that_cannot_be_split_is_reported(
    world: World, sources: SessionSources, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0)
    spoil_segment(world)
    throttling(world, 0)

    with pytest.raises(Unavailable):
        rebuilt(sources)


def test_writes_are_counted_by_the_larger_of_the_old_and_the_new_item():
    item = {"Put": {"Item": {"packed": {"B": b"x" * 3_000}}}}

    assert rewrite_day._written(item).units == 2 * 4
    assert rewrite_day._written(item, b"x" * 300_000).units == 2 * 294
    assert rewrite_day._written({"Delete": {}}, b"x" * 300_000).units == 2 * 294


def everything(world: World) -> str:
    tables = ("events", "sessions", "active_sessions", "rollups")
    return repr([world.items(table) for table in tables])


def test_erase_deletes_every_trace_of_a_user(world: World, sources: SessionSources):
    world.send(page_view("/now", user_id="ann"), at=minutes(DAY + 90), sender=visitor(8))

    erased = erase_user(sources, "ann", now=LATER)

    assert (erased.rows, erased.sessions, erased.sessions_in_rollups) == (1, 2, 2)
    assert "ann" not in everything(world)
    assert figures(world)[0]["totals"]["sessions"] == 5
    assert list(recount(sources, *DAYS, now=LATER).differences) == []


def test_erase_of_a_user_keeps_summaries_correct(world: World, sources: SessionSources):
    erase_user(sources, "ann", now=LATER)
    in_days = stats({"site": SITE, "period": "7d"}, world.context(LATER))
    one_by_one = {"site": SITE, "period": "7d", "filters": "page!=/none"}

    assert in_days["totals"] == stats(one_by_one, world.context(LATER))["totals"]


def test_second_erase_finds_nothing(sources: SessionSources):
    erase_user(sources, "ann", now=LATER)
    erased = erase_user(sources, "ann", now=LATER)

    assert erased.events == erased.sessions == erased.sessions_in_rollups == 0


def test_erase_removes_the_user_id_from_events_of_another_users_session(
    world: World, sources: SessionSources
):
    (first,) = world.send(
        page_view("/x", user_id="bob"), at=minutes(DAY + 90), sender=visitor(3)
    )
    named = {"session_id": first.session_id, "user_id": "ann"}
    world.send(page_view("/y", **named), at=minutes(DAY + 91), sender=visitor(3))
    named["user_id"] = "bob"
    world.send(page_view("/z", **named), at=minutes(DAY + 92), sender=visitor(3))
    world.close(at=minutes(DAY + 200))

    erased = erase_user(sources, "ann", now=LATER)

    assert erased.user_ids == 1
    assert "ann" not in everything(world)
    assert "/y" in everything(world)


def test_erase_deletes_every_trace_of_a_site(world: World, sources: SessionSources):
    world.send(page_view("https://other.org/"), at=minutes(DAY), sender=visitor(70))
    world.close(at=minutes(DAY + 60))

    erase_site(sources)

    left = [item for t in ("events", "sessions", "active_sessions") for item in world.items(t)]
    assert {item["site"] for item in left if "site" in item} == {"other.org"}
    assert {item["site"] for item in world.items("rollups")} <= {"other.org", "(sites)"}
    assert world.restarted().tables.site_registry.sites() == {"other.org"}
    assert "example.com" not in repr(world.items("rollups"))


def expire_outlines(world: World) -> None:
    keys = [{"session_id": item["session_id"]} for item in world.items("sessions")]
    world.tables.database.delete_many(world.settings.sessions_table, keys)


def with_short_retention(world: World, sources: SessionSources) -> SessionSources:
    changed = settings(VISITOR_KEY="a-key", PERSONAL_RETENTION_DAYS="1")
    tables = connect(changed, world.tables.database.client)
    return replace(sources, context=Context(tables, changed, LATER))


def test_recount_does_not_report_expired_outlines(world: World, sources: SessionSources):
    expire_outlines(world)
    short = with_short_retention(world, sources)

    assert "is missing in Sessions" in str(recount(sources, *DAYS, now=LATER).differences)
    assert list(recount(short, *DAYS, now=minutes(9 * DAY)).differences) == []


def test_rebuild_without_outlines_changes_nothing(world: World, sources: SessionSources):
    """It changes no metrics and does not restore an expired outline."""
    compact(world.context(LATER))
    before = figures(world)
    expire_outlines(world)
    short = with_short_retention(world, sources)

    assert Rebuild(short, *DAYS, now=minutes(9 * DAY)).run() == []
    assert figures(world) == before
    assert world.items("sessions") == []

    delete_events(world)
    assert Rebuild(short, *DAYS, now=minutes(9 * DAY)).run() == []
    assert figures(world) == before


def test_erase_deletes_a_user_with_expired_outlines(world: World, sources: SessionSources):
    """The keyed hash identifies the packed sessions, and these the events."""
    expire_outlines(world)

    erased = erase_user(sources, "ann", now=LATER)

    assert (erased.sessions, erased.sessions_in_rollups, erased.events) == (0, 2, 3)
    assert "ann" not in str(world.items("events"))
    assert erase_user(sources, "ann", now=LATER).sessions_in_rollups == 0
