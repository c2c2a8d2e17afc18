"""The world of tests/world.py on the stand-in, whose calls take microseconds."""

from __future__ import annotations

from chalicelib.storage.tables import open_tables
from tests.dynamodb.client import QuickDynamoDB
from tests.world import World, settings, table_definitions


def quick_world(**changes: str) -> World:
    """Empty tables; `changes` are environment variables."""
    client = quick_dynamodb()
    chosen = settings(**changes)
    return World(open_tables(chosen, client), chosen)


def quick_dynamodb() -> QuickDynamoDB:
    """With the tables of infra/resources.yaml, empty."""
    made = QuickDynamoDB()
    for definition in table_definitions():
        made.create_table(**definition)
    return made
