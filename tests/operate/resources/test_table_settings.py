"""Restored or imported tables end up with every setting in the template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from itertools import count
from typing import Any

import pytest

from operate.errors import CommandError
from operate.resources.resource_stack import ResourceStack
from operate.resources.restore import restore
from operate.resources.table_settings import FIXED, SETTINGS, apply_settings, table_properties
from tests.operate.changing_tables import changing_tables
from tests.operate.index_limits import remember_index_limits
from tests.operate.stages import Aws
from tests.resources_template import STAGES, of_type, resolved

TABLE = "AWS::DynamoDB::Table"
_numbers = count(1)

# What the account says of each property of the template. A property that is new in the template
# needs a line here and one in operate/resources/table_settings.py.
READERS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "TableName": lambda _, table: table["TableName"],
    "KeySchema": lambda _, table: table["KeySchema"],
    "AttributeDefinitions": lambda _, table: table["AttributeDefinitions"],
    "DeletionProtectionEnabled": lambda _, table: table["DeletionProtectionEnabled"],
    "BillingMode": lambda _, table: table["BillingModeSummary"]["BillingMode"],
    "ProvisionedThroughput": lambda _, table: capacity(table),
    "OnDemandThroughput": lambda _, table: table.get("OnDemandThroughput"),
    "GlobalSecondaryIndexes": lambda _, table: indexes(table),
    "TimeToLiveSpecification": lambda client, table: time_to_live(client, table),
    "PointInTimeRecoverySpecification": lambda client, table: recovery(client, table),
}


def capacity(table: Mapping[str, Any]) -> dict[str, int]:
    units = table["ProvisionedThroughput"]
    return {name: int(units[name]) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}


def indexes(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    is_provisioned = table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    return [
        {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        | {name: index[name] for name in ("OnDemandThroughput",) if name in index}
        | ({"ProvisionedThroughput": capacity(index)} if is_provisioned else {})
        for index in table.get("GlobalSecondaryIndexes", [])
    ]


def time_to_live(client: Any, table: Mapping[str, Any]) -> dict[str, Any]:
    result = client.describe_time_to_live(TableName=table["TableName"])["TimeToLiveDescription"]
    is_on = result["TimeToLiveStatus"] == "ENABLED"
    return {"AttributeName": result.get("AttributeName"), "Enabled": is_on}


def recovery(client: Any, table: Mapping[str, Any]) -> dict[str, Any]:
    result = client.describe_continuous_backups(TableName=table["TableName"])
    status = result["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return {"PointInTimeRecoveryEnabled": status["PointInTimeRecoveryStatus"] == "ENABLED"}


def differing(client: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties in which the table differs, with its own values."""
    table = client.describe_table(TableName=properties["TableName"])["Table"]
    results = {name: READERS[name](client, table) for name in properties}
    return {name: value for name, value in results.items() if value != properties[name]}


def bare_table(client: Any, properties: Mapping[str, Any], *, of_indexes: bool = True) -> None:
    """Create a table as a restore does: with keys, indexes and items, and nothing else."""
    indexes = properties.get("GlobalSecondaryIndexes", []) if of_indexes else []
    keys = [key for one in (properties, *indexes) for key in one["KeySchema"]]
    used = {key["AttributeName"] for key in keys}
    kept = ("IndexName", "KeySchema", "Projection")
    plain = [{name: index[name] for name in kept} for index in indexes]
    client.create_table(
        TableName=properties["TableName"],
        KeySchema=properties["KeySchema"],
        AttributeDefinitions=[
            one for one in properties["AttributeDefinitions"] if one["AttributeName"] in used
        ],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": plain} if plain else {}),
    )


@pytest.fixture
def client(aws: Aws) -> Any:
    client = aws.account().client("dynamodb")
    remember_index_limits(client)
    return client


def tables(logical_id: str | None = None, **parameters: str) -> dict[str, dict[str, Any]]:
    """Create the tables of a template under new names."""
    result = deepcopy(table_properties({"Stage": f"s{next(_numbers)}", **parameters}))
    return {id_: dict(p) for id_, p in result.items() if logical_id in (None, id_)}


def test_every_template_property_is_set_and_compared():
    named = {name for table in of_type(TABLE).values() for name in table}

    assert named <= SETTINGS.keys() | FIXED
    assert named <= READERS.keys()


@pytest.mark.parametrize("stage", STAGES)
def test_properties_match_the_template(stage: str):
    result = table_properties({"Stage": stage})

    assert result.keys() == of_type(TABLE).keys()
    for logical_id, properties in of_type(TABLE).items():
        for name, value in result[logical_id].items():
            if name != "GlobalSecondaryIndexes":  # it holds an AWS::NoValue
                assert value == resolved(properties[name], stage)
        assert result[logical_id]["DeletionProtectionEnabled"] is (stage == "prod")


@pytest.mark.parametrize("logical_id", sorted(of_type(TABLE)))
@pytest.mark.parametrize(
    "parameters",
    [{}, {"BillingMode": "PROVISIONED", "ReadCapacity": "7", "WriteCapacity": "3"}],
    ids=["on demand", "provisioned"],
)
def test_table_without_settings_gets_every_setting(
    client: Any, logical_id: str, parameters: dict[str, str]
):
    properties = tables(logical_id, **parameters)[logical_id]
    properties["DeletionProtectionEnabled"] = True
    bare_table(client, properties)
    assert "DeletionProtectionEnabled" in differing(client, properties)

    with changing_tables(client) as changing:
        changed = apply_settings(client, properties)

    assert changed[0] == f"deletion protection of {properties['TableName']}"
    assert differing(client, properties) == {}
    assert changing.rejected == []
    assert apply_settings(client, properties) == []


def test_maximum_throughput_is_set_and_removed(client: Any):
    properties = tables("SessionsTable")["SessionsTable"]
    bare_table(client, properties)
    limit = {"MaxReadRequestUnits": 500, "MaxWriteRequestUnits": 200}
    properties["OnDemandThroughput"] = limit
    properties["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] = limit

    apply_settings(client, properties)

    assert differing(client, properties) == {}
    table = client.describe_table(TableName=properties["TableName"])["Table"]
    assert table["OnDemandThroughput"] == limit
    properties.pop("OnDemandThroughput")
    apply_settings(client, properties)
    table = client.describe_table(TableName=properties["TableName"])["Table"]
    assert set(table["OnDemandThroughput"].values()) == {-1}


def test_missing_index_is_created(client: Any):
    properties = tables("SessionsTable")["SessionsTable"]
    bare_table(client, properties, of_indexes=False)

    assert f"index UserIndex of {properties['TableName']}" in apply_settings(client, properties)
    assert differing(client, properties) == {}


def test_backups_of_active_sessions_are_turned_off(client: Any):
    """Backups would keep the salts, which could identify visitors."""
    properties = tables("ActiveSessionsTable")["ActiveSessionsTable"]
    name = properties["TableName"]
    bare_table(client, properties)
    client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )

    assert f"point-in-time recovery of {name}" in apply_settings(client, properties)
    assert recovery(client, {"TableName": name}) == {"PointInTimeRecoveryEnabled": False}


def test_manually_added_protection_is_kept(client: Any):
    properties = tables("EventsTable")["EventsTable"]
    bare_table(client, properties)
    client.update_table(TableName=properties["TableName"], DeletionProtectionEnabled=True)

    apply_settings(client, properties)

    assert differing(client, properties) == {"DeletionProtectionEnabled": True}


def test_table_with_another_key_is_rejected(client: Any):
    properties = tables("EventsTable")["EventsTable"]
    bare_table(client, {**properties, "KeySchema": properties["KeySchema"][:1]})

    with pytest.raises(CommandError, match=r"The key of table .* is session_id, but"):
        apply_settings(client, properties)


def test_unknown_property_is_rejected_rather_than_ignored(client: Any):
    properties = tables("EventsTable")["EventsTable"] | {"TableClass": "STANDARD"}

    with pytest.raises(CommandError, match="cannot set TableClass"):
        apply_settings(client, properties)


@pytest.fixture
def prod(aws: Aws, client: Any) -> Iterator[str]:
    """Return stage prod; no table of it is left when the test ends."""
    yield "prod"
    for properties in table_properties({"Stage": "prod"}).values():
        name = properties["TableName"]
        if name in client.list_tables()["TableNames"]:
            client.update_table(TableName=name, DeletionProtectionEnabled=False)
            client.delete_table(TableName=name)
    ResourceStack(aws.stage("prod"), aws.account(), {}).delete()


def test_restored_prod_tables_are_as_protected_as_before(aws: Aws, client: Any, prod: str):
    """From the restore on, and after the deployment has imported the tables."""
    again, target = aws.new_stage(), aws.stage(prod)
    ResourceStack(again, aws.account(), {"Watching": "off"}).apply()
    expected = table_properties({"Stage": prod})

    with changing_tables(client):
        restore(again, target, aws.account())
    restored = {id_ for id_ in expected if id_ != "ActiveSessionsTable"}
    assert {id_: differing(client, expected[id_]) for id_ in restored} == {
        id_: {} for id_ in restored
    }

    parameters = {"Watching": "off", "BillingMode": "PROVISIONED"}
    with changing_tables(client):
        ResourceStack(target, aws.account(), parameters).apply()
    expected = table_properties({"Stage": prod, **parameters})
    assert {id_: differing(client, expected[id_]) for id_ in expected} == {
        id_: {} for id_ in expected
    }


def test_imported_tables_regain_their_settings(aws: Aws, client: Any):
    stage = aws.new_stage()
    expected = table_properties({"Stage": stage.name})
    for properties in expected.values():
        bare_table(client, properties)

    changes = ResourceStack(stage, aws.account(), {"Watching": "off"}).apply()

    assert f"time to live of {stage.tables[0]}" in changes
    assert {id_: differing(client, expected[id_]) for id_ in expected} == {
        id_: {} for id_ in expected
    }


def test_deployment_interrupted_between_import_and_settings_is_completed(
    aws: Aws, client: Any, monkeypatch: pytest.MonkeyPatch
):
    stage = aws.new_stage()
    expected = table_properties({"Stage": stage.name})
    for properties in expected.values():
        bare_table(client, properties)
    resources = ResourceStack(stage, aws.account(), {"Watching": "off"})
    with monkeypatch.context() as patch:
        patch.setattr("operate.resources.resource_stack.apply_settings", _dies)
        with pytest.raises(KeyboardInterrupt):
            resources.apply()

    resources.apply()

    assert {id_: differing(client, expected[id_]) for id_ in expected} == {
        id_: {} for id_ in expected
    }


def _dies(*_: Any) -> None:
    raise KeyboardInterrupt
