"""The four tables of infra/resources.yaml, empty, in a fake DynamoDB."""

from __future__ import annotations

from testing.fake_dynamodb.fake_client import FakeDynamoDB
from testing.table_definitions import table_definitions


def fake_dynamodb() -> FakeDynamoDB:
    made = FakeDynamoDB()
    for definition in table_definitions():
        made.create_table(**definition)
    return made
