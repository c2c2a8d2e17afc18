"""Apply the settings of the tables in infra/resources.yaml to existing tables.

A table that was restored from a backup has no deletion protection, TTL or backups, and
CloudFormation does not change a table that it imports. So `make restore` and `make deploy`
compare each setting with the template and change what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from devkit.infrastructure.cfn_template import Resolver, read_template
from devkit.project_paths import RESOURCES
from operate.errors import CommandError
from operate.resources.table_changes import change_when_active

TABLE = "AWS::DynamoDB::Table"
UNLIMITED = -1  # UpdateTable's value for no limit

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting of a table that differs from the template. `change` applies the template's."""

    table: str
    setting: str
    change: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.setting} of {self.table}"


def table_properties(
    given: Mapping[str, str], template: Path = RESOURCES
) -> dict[str, Properties]:
    """Return the properties of each table by logical id, for these parameters."""
    source = read_template(template)
    resolver = Resolver(source, given)
    return {
        logical_id: _with_numbers(resolver.resolve(resource["Properties"]))
        for logical_id, resource in source["Resources"].items()
        if resource["Type"] == TABLE
    }


def apply_settings(client: Any, properties: Properties) -> list[str]:
    """Return what was changed, such as `deletion protection of LiveInsight-Events`."""
    changed = []
    for difference in differences(client, properties):
        change_when_active(client, difference.table, difference.change)
        changed.append(str(difference))
    return changed


def differences(client: Any, properties: Properties) -> Iterator[Difference]:
    """Yield the differences, deletion protection first. Raise CommandError for settings that
    cannot be changed."""
    unknown = properties.keys() - SETTINGS.keys() - FIXED
    if unknown:
        raise CommandError(
            f"operate/resources/table_settings.py cannot set {', '.join(sorted(unknown))}."
        )
    table = client.describe_table(TableName=properties["TableName"])["Table"]
    _check_key(table, properties)
    for compare in dict.fromkeys(SETTINGS.values()):
        yield from compare(client, table, properties)


def _check_key(table: Any, properties: Properties) -> None:
    if table["KeySchema"] != properties["KeySchema"]:
        raise CommandError(
            f"The key of table {table['TableName']} is {_names(table['KeySchema'])}, but "
            f"infra/resources.yaml has {_names(properties['KeySchema'])}. A key cannot be "
            "changed: the table belongs to another app or another version."
        )


def _protection(client: Any, table: Any, properties: Properties) -> Iterator[Difference]:
    """Enable deletion protection, but never disable it: protection that was added by hand does
    no harm."""
    is_on = table.get("DeletionProtectionEnabled", False)
    if properties.get("DeletionProtectionEnabled", False) and not is_on:
        yield _update(client, table, "deletion protection", DeletionProtectionEnabled=True)


def _billing(client: Any, table: Any, properties: Properties) -> Iterator[Difference]:
    mode = properties["BillingMode"]
    # A table that has never been on demand has no summary.
    given = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    request: dict[str, Any] = {} if given == mode else {"BillingMode": mode}
    if mode == "PROVISIONED":
        was, expected = _capacities(table), _capacities(properties)
        changed = {
            name: {"ProvisionedThroughput": capacity}
            for name, capacity in expected.items()
            if request or was.get(name, capacity) != capacity
        }
        request |= changed.pop("", {})
        updates = _index_updates(table, changed)
        request |= {"GlobalSecondaryIndexUpdates": updates} if updates else {}
    if request:
        yield _update(client, table, "billing mode and capacity", **request)


def _limits(client: Any, table: Any, properties: Properties) -> Iterator[Difference]:
    """Set the maximum on-demand throughput of the table and of its indexes."""
    if properties["BillingMode"] != "PAY_PER_REQUEST":
        return
    given, expected = _limits_of(table), _limits_of(properties)
    if given[""] != expected[""]:
        yield _update(client, table, "maximum throughput", OnDemandThroughput=expected[""])
    changed = {
        name: {"OnDemandThroughput": limit}
        for name, limit in expected.items()
        if name and given.get(name, limit) != limit
    }
    if changed:
        updates = _index_updates(table, changed)
        yield _update(
            client, table, "maximum throughput of indexes", GlobalSecondaryIndexUpdates=updates
        )


def _indexes(client: Any, table: Any, properties: Properties) -> Iterator[Difference]:
    given = _by_name(table)
    for name, index in _by_name(properties).items():
        if name not in given:
            yield _update(
                client,
                table,
                f"index {name}",
                AttributeDefinitions=properties["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )


def _time_to_live(client: Any, table: Any, properties: Properties) -> Iterator[Difference]:
    name, expected = table["TableName"], properties["TimeToLiveSpecification"]
    given = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    is_on = given["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
    is_same = is_on and given["AttributeName"] == expected["AttributeName"]
    if is_same == expected["Enabled"] == is_on:
        return
    if is_on and expected["Enabled"]:
        raise CommandError(
            f"The TTL attribute of table {name} is {given['AttributeName']}, not "
            f"{expected['AttributeName']}. Turn TTL off, wait an hour, and run the command "
            "again."
        )
    change = partial(
        client.update_time_to_live, TableName=name, TimeToLiveSpecification=expected
    )
    yield Difference(name, "time to live", change)


def _backups(client: Any, table: Any, properties: Properties) -> Iterator[Difference]:
    name = table["TableName"]
    expected = properties.get("PointInTimeRecoverySpecification", {})
    given = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = given.get("PointInTimeRecoveryDescription", {})
    is_on = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
    days = expected.get("RecoveryPeriodInDays")
    if is_on == expected.get("PointInTimeRecoveryEnabled", False) and (
        not is_on or days in (None, recovery.get("RecoveryPeriodInDays"))
    ):
        return
    change = partial(
        client.update_continuous_backups,
        TableName=name,
        PointInTimeRecoverySpecification=expected or {"PointInTimeRecoveryEnabled": False},
    )
    yield Difference(name, "point-in-time recovery", change)


FIXED = frozenset({"TableName", "KeySchema", "AttributeDefinitions"})
# By property of the template, in the order in which they are applied.
SETTINGS: dict[str, Callable[[Any, Any, Properties], Iterator[Difference]]] = {
    "DeletionProtectionEnabled": _protection,
    "BillingMode": _billing,
    "ProvisionedThroughput": _billing,
    "OnDemandThroughput": _limits,
    "GlobalSecondaryIndexes": _indexes,
    "TimeToLiveSpecification": _time_to_live,
    "PointInTimeRecoverySpecification": _backups,
}


def _update(client: Any, table: Any, setting: str, **request: Any) -> Difference:
    name = table["TableName"]
    return Difference(name, setting, partial(client.update_table, TableName=name, **request))


def _by_name(table: Properties) -> dict[str, Properties]:
    return {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}


def _with_indexes(table: Properties) -> dict[str, Properties]:
    """Return the table by an empty name, then its indexes by theirs."""
    return {"": table, **_by_name(table)}


def _capacities(table: Properties) -> dict[str, Any]:
    return {
        name: {
            unit: int(part.get("ProvisionedThroughput", {}).get(unit, 0))
            for unit in ("ReadCapacityUnits", "WriteCapacityUnits")
        }
        for name, part in _with_indexes(table).items()
    }


def _limits_of(table: Properties) -> dict[str, Any]:
    return {
        name: {
            unit: int(part.get("OnDemandThroughput", {}).get(unit, UNLIMITED))
            for unit in ("MaxReadRequestUnits", "MaxWriteRequestUnits")
        }
        for name, part in _with_indexes(table).items()
    }


def _index_updates(table: Properties, changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return updates for the indexes that the table has."""
    return [
        {"Update": {"IndexName": name, **changes[name]}}
        for name in _by_name(table)
        if name in changes
    ]


def _with_numbers(value: Any) -> Any:
    """Convert units to numbers: parameters of a stack are text, and boto3 requires numbers."""
    if isinstance(value, dict):
        return {
            name: int(part) if name.endswith("Units") else _with_numbers(part)
            for name, part in value.items()
        }
    return [_with_numbers(part) for part in value] if isinstance(value, list) else value


def _names(schema: list[dict[str, str]]) -> str:
    return ", ".join(part["AttributeName"] for part in schema)
