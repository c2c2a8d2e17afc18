"""The data of a stage comes back as that of another one, and the first is left as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.session import Session
from chalicelib.services.closed import days_of
from operate.refusal import Refused
from operate.resources import Resources
from operate.restore import RESTORED, restore
from operate.stage import OpenStage, Stage, open_stage
from tests.operate.stages import World
from tests.world import World as Data
from tests.world import minutes, page_view, visitor

SITE = "shop.example"
DAY = "2026-09-05"


def opened(world: World, stage: Stage) -> OpenStage:
    return open_stage(stage, world.account())


def sessions(world: World, stage: Stage) -> list[Session]:
    days = days_of(SITE, DAY, DAY, opened(world, stage).tables)
    return [one for day in days for segment in day.segments for one in segment.sessions()]


def tables(world: World, stage: Stage) -> Any:
    return world.account().client("dynamodb")


@pytest.fixture
def full(world: World) -> Stage:
    """A stage with two closed sessions."""
    stage = world.new_stage()
    Resources(stage, world.account(), {"Watching": "off"}).bring_up_to_date()
    for variable in RESTORED:  # which CloudFormation here leaves out
        tables(world, stage).update_continuous_backups(
            TableName=stage.environment[variable],
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
    data = Data(opened(world, stage).tables, opened(world, stage).settings)
    for number in (1, 2):
        data.send(page_view(f"https://{SITE}/{number}"), sender=visitor(number))
    data.close(at=minutes(40))
    return stage


def test_closed_sessions_come_back_under_another_stage(world: World, full: Stage):
    other = world.new_stage()

    restore(full, other, world.account())

    assert sessions(world, other) == sessions(world, full)
    assert len(sessions(world, other)) == 2


def test_restored_tables_delete_by_time_and_have_backups(world: World, full: Stage):
    other = world.new_stage()
    restore(full, other, world.account())

    for variable in RESTORED:
        name, client = other.environment[variable], tables(world, other)
        ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = client.describe_continuous_backups(TableName=name)
        assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("ttl", "ENABLED")
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_all_tables_are_of_one_moment(world: World, full: Stage):
    asked: list[datetime] = []
    call = "provide-client-params.dynamodb.RestoreTableToPointInTime"
    events = tables(world, full).meta.events
    events.register(call, lambda params, **_: asked.append(params["RestoreDateTime"]), "noted")

    moment = restore(full, world.new_stage(), world.account())

    events.unregister(call, unique_id="noted")
    assert asked == [moment] * len(RESTORED)


def test_a_stage_that_has_tables_is_not_written_over(world: World, full: Stage):
    with pytest.raises(Refused, match=f"Stage {full.name} has .* already"):
        restore(full, full, world.account())


def test_a_moment_that_nobody_kept_is_refused_before_anything_is_made(
    world: World, full: Stage
):
    other = world.new_stage()
    long_ago = datetime.now(UTC) - timedelta(days=400)

    with pytest.raises(Refused, match="--at takes a moment from"):
        restore(full, other, world.account(), long_ago)
    names = tables(world, other).list_tables()["TableNames"]
    assert not set(other.tables) & set(names)


def test_a_stage_without_tables_has_nothing_to_restore(world: World):
    with pytest.raises(Refused, match="There is no table"):
        restore(world.new_stage(), world.new_stage(), world.account())
