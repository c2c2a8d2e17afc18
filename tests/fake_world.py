"""The world of tests/world.py on the fake DynamoDB, whose calls take microseconds."""

from __future__ import annotations

from typing import Any

from chalicelib.storage.tables import connect
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from tests.world import World, settings


def fake_world(**changes: str) -> World:
    """Empty tables; `changes` are environment variables."""
    client: Any = fake_dynamodb()
    chosen = settings(**changes)
    return World(connect(chosen, client), chosen)
