"""`make upgrade` makes stored outlines expire as configured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.storage.tables import Tables, connect
from operate.aws.deployment_store import DeploymentStore
from operate.aws.stage import Stage
from operate.versions import upgrade
from operate.versions.migrations import CURRENT_VERSIONS
from operate.versions.retention import Retention, is_applied, save_applied
from tests.world import START, TABLES, World, minutes, page_view, settings, visitor

DAY_SECONDS = 86_400
SESSIONS = 5


def with_retention(world: World, **changes: str) -> Tables:
    return connect(settings(**changes), world.tables.database.client)


@pytest.fixture
def world(world: World) -> World:
    """Return closed sessions of a version that kept outlines forever, and an unrelated note."""
    forever = replace(world, tables=with_retention(world, PERSONAL_RETENTION_DAYS="0"))
    for number in range(SESSIONS):
        forever.send(page_view("/", user_id=f"user{number}"), sender=visitor(number))
    forever.close(at=minutes(60))
    assert not any("ttl" in item for item in world.items("sessions"))
    world.tables.database.put(
        TABLES["SESSIONS_TABLE"], {"session_id": "sess_20260905_00000000", "moved_to": "x"}
    )
    return world


def expiries(world: World) -> list[Any]:
    return [item.get("ttl") for item in world.items("sessions") if "moved_to" not in item]


def test_outline_expires_by_its_last_activity(world: World):
    before = {item["session_id"]: item for item in world.items("sessions")}

    assert Retention(world.tables).apply() == SESSIONS

    assert expiries(world) == [START // 1000 + 400 * DAY_SECONDS] * SESSIONS
    for item in world.items("sessions"):
        changed = {name: value for name, value in item.items() if name != "ttl"}
        assert changed == before[item["session_id"]]


def test_second_run_changes_nothing(world: World):
    Retention(world.tables).apply()

    assert Retention(world.tables).apply() == 0


def test_interrupted_run_resumes(world: World, monkeypatch: Any):
    update, calls = world.tables.database.update, []

    def dies(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return update(*args, **kwargs)

    monkeypatch.setattr("operate.versions.retention.CONCURRENT_WRITES", 1)
    with monkeypatch.context() as patched:
        patched.setattr(world.tables.database, "update", dies)
        with pytest.raises(KeyboardInterrupt):
            Retention(world.tables).apply()
    done = sum(ttl is not None for ttl in expiries(world))
    assert 2 <= done < SESSIONS

    assert Retention(world.tables).apply() == SESSIONS - done
    assert None not in expiries(world)


def test_outline_deleted_during_the_run_stays_deleted(world: World, monkeypatch: Any):
    item = next(i for i in world.items("sessions") if "moved_to" not in i)
    gone = {"session_id": item["session_id"]}
    world.tables.database.delete(TABLES["SESSIONS_TABLE"], gone)

    assert Retention(world.tables)._apply_to(item) is False
    assert world.tables.sessions.get(item["session_id"]) is None


def test_expiry_is_removed_and_changed(world: World):
    Retention(world.tables).apply()

    assert Retention(with_retention(world, PERSONAL_RETENTION_DAYS="90")).apply() == SESSIONS
    assert set(expiries(world)) == {START // 1000 + 90 * DAY_SECONDS}
    assert Retention(with_retention(world, PERSONAL_RETENTION_DAYS="0")).apply() == SESSIONS
    assert set(expiries(world)) == {None}


def test_operator_is_notified_once_per_change(world: World):
    record = DeploymentStore(world.tables.database, TABLES["ROLLUPS_TABLE"], "prod")
    stage = Stage("prod", {}, {})
    record.put("schema", CURRENT_VERSIONS)  # of a version that knew no retention

    (sentence,) = upgrade.after_deploying(stage, record, settings())
    assert "deleted 400 days after they end" in sentence
    assert "make upgrade STAGE=prod" in sentence
    assert not is_applied(record, settings())

    save_applied(record, settings())
    assert upgrade.after_deploying(stage, record, settings()) == []

    changed = settings(PERSONAL_RETENTION_DAYS="0")
    (sentence,) = upgrade.after_deploying(stage, record, changed)
    assert "kept forever" in sentence
