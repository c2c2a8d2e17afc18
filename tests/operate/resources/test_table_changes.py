"""Tables are deleted and changed as AWS allows."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operate.errors import CommandError
from operate.resources import table_changes
from operate.resources.table_changes import change_when_active, delete_table
from tests.operate.changing_tables import LOOKS, changing_tables
from tests.operate.stages import Aws

_numbers = count(1)


@pytest.fixture
def client(aws: Aws) -> Any:
    return aws.account().client("dynamodb")


def new_table(client: Any, *, is_protected: bool) -> str:
    name = f"changing-{next(_numbers)}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=is_protected,
    )
    return name


def is_gone(client: Any, name: str) -> bool:
    return name not in client.list_tables()["TableNames"]


def test_stand_in_rejects_a_call_during_an_update(client: Any):
    """A caller that does not wait gets this error from AWS."""
    name = new_table(client, is_protected=True)
    with changing_tables(client):
        client.update_table(TableName=name, DeletionProtectionEnabled=False)
        with pytest.raises(ClientError, match="ResourceInUseException"):
            client.delete_table(TableName=name)


def test_protected_table_is_deleted_after_its_update(client: Any):
    name = new_table(client, is_protected=True)
    with changing_tables(client) as tables:
        delete_table(client, name)

    assert tables.calls == ["UpdateTable", "DeleteTable"]
    assert tables.rejected == []
    assert is_gone(client, name)


def test_unprotected_table_is_not_updated_first(client: Any):
    name = new_table(client, is_protected=False)
    with changing_tables(client) as tables:
        delete_table(client, name)

    assert tables.calls == ["DeleteTable"]
    assert is_gone(client, name)


def test_delete_waits_while_the_table_is_updated_by_another_caller(client: Any):
    name = new_table(client, is_protected=True)
    with changing_tables(client) as tables:
        client.update_table(TableName=name, TableClass="STANDARD")
        delete_table(client, name)

    assert is_gone(client, name)
    assert tables.rejected == []


def test_delete_waits_for_an_update_that_starts_after_the_check(client: Any):
    name = new_table(client, is_protected=False)
    begun: list[str] = []

    def start_other_update(model: Any, **_: Any) -> None:
        if model.name == "DeleteTable" and not begun:
            begun.append(model.name)
            tables.busy[name] = LOOKS

    with changing_tables(client) as tables:
        client.meta.events.register_first("before-call.dynamodb", start_other_update)
        delete_table(client, name)
        client.meta.events.unregister("before-call.dynamodb", start_other_update)

    assert tables.rejected == ["DeleteTable"]
    assert is_gone(client, name)


def test_missing_table_counts_as_deleted(client: Any):
    delete_table(client, "never-made")


def test_changes_are_made_one_after_another(client: Any):
    name = new_table(client, is_protected=False)

    def protect(on: bool) -> Any:
        return lambda: client.update_table(TableName=name, DeletionProtectionEnabled=on)

    with changing_tables(client) as tables:
        for on in (True, False):
            change_when_active(client, name, protect(on))
        assert client.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE"

    assert tables.calls == ["UpdateTable"] * 2
    assert tables.rejected == []


def test_table_that_never_becomes_active_is_named(client: Any, monkeypatch: pytest.MonkeyPatch):
    name = new_table(client, is_protected=False)
    monkeypatch.setattr(table_changes, "MAX_WAIT_SECONDS", 0.3)
    with changing_tables(client) as tables:
        tables.busy[name] = 10_000
        with pytest.raises(CommandError, match=f"Table {name} is still being changed"):
            delete_table(client, name)
