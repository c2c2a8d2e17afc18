"""Restore the data of a stage into another stage, as it was at a time in the last 35 days.

All tables are restored to the same time. The target stage is in .chalice/config.json and has no
tables yet. `make deploy` then imports the tables into its stack and deploys the app. The source
stage does not change. Sessions that were active at that time are not restored: ActiveSessions
has no backup, because a backup would keep the salts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from operate.aws.account import Account, error_code
from operate.aws.deployment_store import open_store
from operate.aws.region import account_of, save_region
from operate.aws.stage import TABLE_VARIABLES, Stage
from operate.console import join_words
from operate.errors import CommandError
from operate.resources.table_changes import wait_until_active
from operate.resources.table_settings import apply_settings, table_properties
from operate.versions.compatibility import copy_versions

MAX_RESTORE_SECONDS = 12 * 3600  # a restore takes minutes; of a large table, hours

# The logical id of each table in infra/resources.yaml. ActiveSessions has no backup.
RESTORED_TABLES = {
    "EVENTS_TABLE": "EventsTable",
    "SESSIONS_TABLE": "SessionsTable",
    "ROLLUPS_TABLE": "RollupsTable",
}


def restore_stage(
    source: Stage, target: Stage, region: str | None, at: datetime | None
) -> datetime:
    """Restore the data and keep the region of the target. Return the time of the data."""
    account = account_of(source, region)
    if target.region:
        check_same_region(source, target)
    restored_at = restore(source, target, account, at)
    save_region(target, account.region)
    return restored_at


def check_same_region(source: Stage, target: Stage) -> None:
    if source.region != target.region:
        raise CommandError(
            f"Stage {source.name} is in {source.region} and stage {target.name} in "
            f"{target.region}. Tables can only be restored within a region."
        )


def restore(
    source: Stage, target: Stage, account: Account, at: datetime | None = None
) -> datetime:
    """Restore the tables and return their time. All checks come before the first change."""
    client = account.client("dynamodb")
    names = {
        source.environment[variable]: target.environment[variable]
        for variable in RESTORED_TABLES
    }
    existing = [
        target.environment[v] for v in TABLE_VARIABLES if _has(client, target.environment[v])
    ]
    if existing:
        raise CommandError(
            f"Stage {target.name} already has {join_words(existing)}. Restore into a stage "
            "without tables, or delete these first."
        )
    restored_at = _check_time(at, *_restorable(client, names))
    for old, new in names.items():
        client.restore_table_to_point_in_time(
            SourceTableName=old,
            TargetTableName=new,
            RestoreDateTime=restored_at,
            BillingModeOverride="PAY_PER_REQUEST",
        )
    for new in names.values():
        wait_until_active(client, new, max_seconds=MAX_RESTORE_SECONDS)
    for logical_id, properties in table_properties({"Stage": target.name}).items():
        if logical_id in RESTORED_TABLES.values():
            apply_settings(client, properties)
    copy_versions(open_store(source, account), open_store(target, account))
    return restored_at


def _restorable(client: Any, names: Mapping[str, str]) -> tuple[datetime, datetime]:
    """Return the first and the last time to which all of these tables can be restored."""
    tables = []
    for name in names:
        try:
            answer = client.describe_continuous_backups(TableName=name)
        except ClientError as error:
            if error_code(error) in ("TableNotFoundException", "ResourceNotFoundException"):
                raise CommandError(f"There is no table {name} to restore from.") from None
            raise
        backups = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        if backups["PointInTimeRecoveryStatus"] != "ENABLED":
            raise CommandError(f"{name} has no point-in-time recovery.")
        tables.append(backups)
    return (
        max(backups["EarliestRestorableDateTime"] for backups in tables),
        min(backups["LatestRestorableDateTime"] for backups in tables),
    )


def _check_time(at: datetime | None, first: datetime, last: datetime) -> datetime:
    if at is None:
        return last
    if not first <= at <= last:
        raise CommandError(
            f"--at must be between {first.isoformat()} and {last.isoformat()}, the times "
            "that can be restored."
        )
    return at


def _has(client: Any, name: str) -> bool:
    try:
        client.describe_table(TableName=name)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return False
        raise
    return True
