"""Bring the data of a stage back as that of another stage, as it was at a moment of the last 35
days.

    python -m operate.resources.restore --from prod --stage again
        [--at 2026-11-20T09:00:00+00:00]

All tables are taken at the same moment. The other stage stands in .chalice/config.json and has
no tables yet; `make deploy STAGE=again` then takes these into its resources and puts the app on
them. Nothing of the first stage is touched. Sessions that were open at the moment are not in
the figures: they had not closed, and their rows have no backup, for it would keep the salts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from operate.aws.account import Account, code_of
from operate.aws.deployment_store import open_record
from operate.aws.region import account_of, keep_region
from operate.aws.stage import TABLE_VARIABLES, Stage, read_stage
from operate.console import listed, parser, run, say
from operate.errors import Refused
from operate.resources.table_changes import wait_until_active
from operate.resources.table_settings import set_as_in_template, tables_of
from operate.versions.compatibility import copy_notes

LONGEST_SECONDS = 12 * 3600  # a restore takes minutes, of a large table hours

# What each table is in infra/resources.yaml; ActiveSessions has no backup and begins empty.
RESTORED = {
    "EVENTS_TABLE": "EventsTable",
    "SESSIONS_TABLE": "SessionsTable",
    "ROLLUPS_TABLE": "RollupsTable",
}


def main(arguments: Sequence[str]) -> None:
    options = parser("resources.restore", __doc__)
    options.add_argument("--from", dest="source", help="the stage to take it from")
    options.add_argument("--at", help="when; the latest possible when left out")
    chosen = options.parse_args(arguments)
    if not chosen.source:
        raise Refused(
            "FROM= is missing. Name the stage to restore: make restore FROM=prod STAGE=again."
        )
    at = _moment(chosen.at) if chosen.at else None
    source, target = read_stage(chosen.source), read_stage(chosen.stage)
    account = account_of(source, chosen.region)
    if target.region:
        check_same_region(source, target)
    at = restore(source, target, account, at)
    keep_region(target, account.region)
    say(f"{target.name} has the data of {source.name} as it was at {at.isoformat()}.")
    say(f"Now run: make deploy STAGE={target.name}")


def check_same_region(source: Stage, target: Stage) -> None:
    if source.region != target.region:
        raise Refused(
            f"Stage {source.name} is in {source.region} and stage {target.name} in "
            f"{target.region}. Tables are restored within one region: name another stage."
        )


def restore(
    source: Stage, target: Stage, account: Account, at: datetime | None = None
) -> datetime:
    """The moment that the tables are of. Raise Refused before anything is made."""
    client = account.client("dynamodb")
    names = {
        source.environment[variable]: target.environment[variable] for variable in RESTORED
    }
    there = [
        target.environment[v] for v in TABLE_VARIABLES if _has(client, target.environment[v])
    ]
    if there:
        raise Refused(
            f"Stage {target.name} has {listed(there)} already. Restore to a stage without "
            "tables, or delete these first."
        )
    moment = _checked(at, *_restorable(client, names))
    for old, new in names.items():
        client.restore_table_to_point_in_time(
            SourceTableName=old,
            TargetTableName=new,
            RestoreDateTime=moment,
            BillingModeOverride="PAY_PER_REQUEST",
        )
    for new in names.values():
        wait_until_active(client, new, seconds=LONGEST_SECONDS)
    for logical_id, properties in tables_of({"Stage": target.name}).items():
        if logical_id in RESTORED.values():
            set_as_in_template(client, properties)
    copy_notes(open_record(source, account), open_record(target, account))
    return moment


def _restorable(client: Any, names: Mapping[str, str]) -> tuple[datetime, datetime]:
    """The first and the last moment at which all of these tables can be had."""
    found = []
    for name in names:
        try:
            answer = client.describe_continuous_backups(TableName=name)
        except ClientError as error:
            if code_of(error) in ("TableNotFoundException", "ResourceNotFoundException"):
                raise Refused(f"There is no table {name} to restore from.") from None
            raise
        backups = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        if backups["PointInTimeRecoveryStatus"] != "ENABLED":
            raise Refused(f"{name} has no point-in-time recovery.")
        found.append(backups)
    return (
        max(backups["EarliestRestorableDateTime"] for backups in found),
        min(backups["LatestRestorableDateTime"] for backups in found),
    )


def _checked(at: datetime | None, first: datetime, last: datetime) -> datetime:
    if at is None:
        return last
    if not first <= at <= last:
        raise Refused(
            f"AT= must be a time from {first.isoformat()} to {last.isoformat()}. Only that "
            "time can be restored."
        )
    return at


def _has(client: Any, name: str) -> bool:
    try:
        client.describe_table(TableName=name)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return False
        raise
    return True


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"AT= must be a time such as 2026-11-20T09:00:00+00:00, not {text!r}."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    run(main)
