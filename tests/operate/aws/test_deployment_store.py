"""The stored record of a deployment, and the lock that excludes a second operator."""

from __future__ import annotations

import pytest

from operate.aws import deployment_store as record_module
from operate.aws.deployment_store import LOCK_SECONDS, DeploymentStore
from operate.errors import CommandError
from tests.world import TABLES, World, page_view


@pytest.fixture
def record(world: World) -> DeploymentStore:
    return DeploymentStore(world.tables.database, TABLES["ROLLUPS_TABLE"], "prod")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds of a clock; a test sets the first one."""
    now = [1_000_000.0]
    monkeypatch.setattr(record_module, "time", lambda: now[0])
    return now


def test_stored_value_is_read_until_it_is_deleted(record: DeploymentStore):
    assert record.get("chalice") is None
    record.put("chalice", {"resources": [{"name": "rest_api"}]})
    assert record.get("chalice") == {"resources": [{"name": "rest_api"}]}
    record.delete("chalice")
    assert record.get("chalice") is None


def test_stages_in_one_table_read_their_own_values_only(record: DeploymentStore, world: World):
    other = DeploymentStore(world.tables.database, TABLES["ROLLUPS_TABLE"], "prod2")
    record.put("release#000001", 1)
    other.put("release#000002", 2)

    assert record.list_prefix("release#") == {"release#000001": 1}
    assert other.get("release#000001") is None


def test_deployment_records_are_not_listed_as_a_site(record: DeploymentStore, world: World):
    record.put("chalice", {})
    world.send(page_view("/"))

    assert world.tables.rollups.first_day("(deployment)") is None
    assert "(deployment)" not in world.tables.site_registry.sites()


def test_missing_table_reads_as_empty(world: World):
    nowhere = DeploymentStore(world.tables.database, "LiveInsight-Rollups-nowhere", "nowhere")

    assert nowhere.exists() is False
    assert nowhere.get("chalice") is None


def test_lock_rejects_a_second_operator_while_it_is_held(
    record: DeploymentStore, clock: list[float]
):
    with record.lock("deploy", "Ann"):
        with (
            pytest.raises(CommandError, match=r"Ann \(deploy\).*in 15 minutes"),
            record.lock("x", "Bob"),
        ):
            pass
        clock[0] += LOCK_SECONDS - 60
        with pytest.raises(CommandError, match="in 1 minute"), record.lock("x", "Bob"):
            pass

    with record.lock("x", "Bob"):
        pass


def test_abandoned_lock_expires(record: DeploymentStore, clock: list[float]):
    dead = record.lock("deploy", "Ann")
    dead.__enter__()
    clock[0] += LOCK_SECONDS

    with pytest.raises(CommandError), record.lock("x", "Bob"):
        pass
    clock[0] += 1
    with record.lock("x", "Bob"):
        pass


def test_lock_is_extended_while_a_command_runs(record: DeploymentStore, clock: list[float]):
    with record.lock("deploy", "Ann") as lock:
        clock[0] += LOCK_SECONDS
        lock.acquire()
        clock[0] += LOCK_SECONDS
        with pytest.raises(CommandError), record.lock("x", "Bob"):
            pass


def test_command_with_an_expired_lock_stops_and_keeps_the_new_lock(
    record: DeploymentStore, clock: list[float]
):
    slow = record.lock("deploy", "Ann")
    lock = slow.__enter__()
    clock[0] += LOCK_SECONDS + 1
    with record.lock("deploy", "Bob"):
        with pytest.raises(CommandError, match="Bob"):
            lock.acquire()
        lock.release()
        with pytest.raises(CommandError, match="Bob"), record.lock("x", "Carl"):
            pass


def test_lock_is_released_after_an_error(record: DeploymentStore):
    with pytest.raises(ZeroDivisionError), record.lock("deploy", "Ann"):
        1 / 0  # noqa: B018

    with record.lock("x", "Bob"):
        pass
