"""Tables of an earlier version are migrated, with migrations that are defined here."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.storage.aws.attribute_codec import Item
from operate.aws.deployment_store import DeploymentStore
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.versions import migrations, upgrade
from operate.versions.migrations import Migration
from operate.versions.upgrade import Upgrade
from tests.world import TABLES, World, page_view

NAMES = {
    "events": TABLES["EVENTS_TABLE"],
    "sessions": TABLES["SESSIONS_TABLE"],
    "rollups": TABLES["ROLLUPS_TABLE"],
}


def renamed(item: Item) -> Item:
    """In version 2, the screen is called a display."""
    changed = {name: value for name, value in item.items() if name != "screen"}
    return changed | {"display": item["screen"]} if "screen" in item else changed


def doubled(item: Item) -> Item:
    return item | {"engaged_ms": 2 * item.get("engaged_ms", 0)}


TWO_STEPS = (
    Migration("events", 2, renamed, "screen is called display"),
    Migration("events", 3, doubled, "engagement counts twice"),
)


def events(world: World) -> dict[str, Any]:
    return {item["event_id"]: item for item in world.items("events")}


def upgraded(world: World, *steps: Migration) -> dict[str, int]:
    return Upgrade(world.tables.database, NAMES, steps).run()


def test_items_are_migrated_step_by_step_to_the_newest_version(world: World):
    world.send(page_view("/", event_id="e1", screen="1920x1080"))
    was = events(world)["e1"]

    assert upgraded(world, *TWO_STEPS) == {"events": 1}

    is_now = events(world)["e1"]
    assert (is_now["v"], is_now["display"], "screen" in is_now) == (3, "1920x1080", False)
    assert {**is_now, "v": 1, "screen": "1920x1080"}.items() >= was.items()


def test_second_run_changes_nothing(world: World):
    world.send(page_view("/", event_id="e1", screen="1920x1080"))
    upgraded(world, *TWO_STEPS)
    before = events(world)

    assert upgraded(world, *TWO_STEPS) == {"events": 0}
    assert events(world) == before


def test_interrupted_migration_resumes(world: World):
    for number in range(5):
        world.send(page_view("/", event_id=f"e{number}", screen="1x1"))
    seen: list[str] = []

    def dies(item: Item) -> Item:
        seen.append(item["event_id"])
        if len(seen) == 3:
            raise KeyboardInterrupt
        return renamed(item)

    with pytest.raises(KeyboardInterrupt):
        upgraded(world, Migration("events", 2, dies, ""))

    assert upgraded(world, Migration("events", 2, renamed, "")) == {"events": 3}
    assert {item["v"] for item in events(world).values() if "v" in item} == {2}


def test_item_written_during_the_migration_keeps_its_new_values(world: World):
    (stored,) = world.send(page_view("/", event_id="e1", screen="1x1"))
    assert stored.session_id
    session_id = stored.session_id
    attempts: list[Any] = []

    def meanwhile(item: Item) -> Item:
        if not attempts:
            world.tables.events.update_engagement(
                session_id, "e1", engaged_ms=700, scroll_depth=50
            )
        attempts.append(item)
        return doubled(item)

    upgraded(world, Migration("events", 2, meanwhile, ""))

    assert len(attempts) == 2  # it was read again
    is_now = events(world)["e1"]
    assert (is_now["v"], is_now["engaged_ms"], is_now["scroll_depth"]) == (2, 1400, 50)


def test_items_without_a_version_are_kept(world: World):
    world.send(page_view("/", event_id="e1"))
    pointers = [item for item in world.items("events") if "v" not in item]

    upgraded(world, *TWO_STEPS)

    assert pointers
    assert [item for item in world.items("events") if "v" not in item] == pointers


def test_tables_without_a_migration_are_not_read(world: World):
    world.calls.clear()

    assert upgraded(world) == {}
    assert world.calls == []


def test_missing_migration_step_is_named(world: World):
    world.send(page_view("/", event_id="e1"))

    with pytest.raises(CommandError, match="from version 1 to 2"):
        upgraded(world, TWO_STEPS[1])


def test_migration_cannot_change_a_key(world: World):
    world.send(page_view("/", event_id="e1"))

    with pytest.raises(CommandError, match="would change the key"):
        upgraded(world, Migration("events", 2, lambda item: item | {"event_id": "x"}, ""))


def test_migrations_end_at_the_version_that_the_code_writes():
    for table, version in migrations.CURRENT_VERSIONS.items():
        steps = migrations.migration_path(table, 1, migrations.MIGRATIONS)
        assert 1 + len(steps) == version
        assert migrations.READABLE_VERSIONS[table] >= version
    assert all(migration.summary for migration in migrations.MIGRATIONS)


def test_operator_is_notified_of_outdated_tables(world: World, monkeypatch):
    record = DeploymentStore(world.tables.database, TABLES["ROLLUPS_TABLE"], "prod")
    stage = Stage("prod", {}, {})
    # New tables are of today's version.
    assert upgrade.after_deploying(stage, record, world.settings) == []
    assert upgrade.after_deploying(stage, record, world.settings) == []

    monkeypatch.setattr(
        upgrade, "CURRENT_VERSIONS", {**migrations.CURRENT_VERSIONS, "events": 2}
    )

    (sentence,) = upgrade.after_deploying(stage, record, world.settings)
    assert "Items of events have an earlier version" in sentence
    assert "make upgrade STAGE=prod" in sentence
