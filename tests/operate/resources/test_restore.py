"""The data of a stage is restored into another one, and the first does not change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.sessions.session import Session
from chalicelib.services.closed_sessions import read_days
from chalicelib.services.context import Context
from operate.aws.stage import ConnectedStage, Stage, connect_stage
from operate.errors import CommandError
from operate.resources.resource_stack import ResourceStack
from operate.resources.restore import RESTORED_TABLES, restore
from tests.operate.stages import Aws
from tests.world import START, World, minutes, page_view, visitor

SITE = "shop.example"
DAY = "2026-09-05"


def opened(aws: Aws, stage: Stage) -> ConnectedStage:
    return connect_stage(stage, aws.account())


def sessions(aws: Aws, stage: Stage) -> list[Session]:
    made = opened(aws, stage)
    days = read_days(SITE, DAY, DAY, Context(made.tables, made.settings, START))
    return [one for day in days for segment in day.packs for one in segment.sessions()]


def tables(aws: Aws, stage: Stage) -> Any:
    return aws.account().client("dynamodb")


@pytest.fixture
def full(aws: Aws) -> Stage:
    """Return a stage with two closed sessions."""
    stage = aws.new_stage()
    ResourceStack(stage, aws.account(), {"Watching": "off"}).apply()
    data = World(opened(aws, stage).tables, opened(aws, stage).settings)
    for number in (1, 2):
        data.send(page_view(f"https://{SITE}/{number}"), sender=visitor(number))
    data.close(at=minutes(40))
    return stage


def test_closed_sessions_are_restored_into_another_stage(aws: Aws, full: Stage):
    other = aws.new_stage()

    restore(full, other, aws.account())

    assert sessions(aws, other) == sessions(aws, full)
    assert len(sessions(aws, other)) == 2


def test_restored_tables_have_ttl_and_backups(aws: Aws, full: Stage):
    other = aws.new_stage()
    restore(full, other, aws.account())

    for variable in RESTORED_TABLES:
        name, client = other.environment[variable], tables(aws, other)
        ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = client.describe_continuous_backups(TableName=name)
        assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("ttl", "ENABLED")
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_all_tables_are_restored_to_one_time(aws: Aws, full: Stage):
    requests: list[datetime] = []
    call = "provide-client-params.dynamodb.RestoreTableToPointInTime"
    events = tables(aws, full).meta.events
    events.register(
        call, lambda params, **_: requests.append(params["RestoreDateTime"]), "noted"
    )

    moment = restore(full, aws.new_stage(), aws.account())

    events.unregister(call, unique_id="noted")
    assert requests == [moment] * len(RESTORED_TABLES)


def test_existing_tables_are_not_overwritten(aws: Aws, full: Stage):
    with pytest.raises(CommandError, match=f"Stage {full.name} already has"):
        restore(full, full, aws.account())


def test_time_without_a_backup_is_rejected_before_any_change(aws: Aws, full: Stage):
    other = aws.new_stage()
    long_ago = datetime.now(UTC) - timedelta(days=400)

    with pytest.raises(CommandError, match="--at must be between"):
        restore(full, other, aws.account(), long_ago)
    names = tables(aws, other).list_tables()["TableNames"]
    assert not set(other.tables) & set(names)


def test_stage_without_tables_cannot_be_restored(aws: Aws):
    with pytest.raises(CommandError, match="There is no table"):
        restore(aws.new_stage(), aws.new_stage(), aws.account())
