"""The four tables, opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import ActiveSessionTable
from chalicelib.storage.client import dynamodb_client
from chalicelib.storage.dynamodb import Database
from chalicelib.storage.events import EventTable
from chalicelib.storage.register import Register
from chalicelib.storage.rollups import RollupTable
from chalicelib.storage.sessions import SessionTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Tables:
    database: Database
    events: EventTable
    sessions: SessionTable
    active: ActiveSessionTable
    rollups: RollupTable
    register: Register


def open_tables(settings: Settings, client: DynamoDBClient | None = None) -> Tables:
    database = Database(client or dynamodb_client())
    return Tables(
        database=database,
        events=EventTable(database, settings.events_table, settings.event_retention_days),
        sessions=SessionTable(
            database, settings.sessions_table, settings.session_retention_days
        ),
        active=ActiveSessionTable(
            database, settings.active_sessions_table, settings.session_timeout_ms
        ),
        rollups=RollupTable(database, settings.rollups_table),
        register=Register(database, settings.rollups_table),
    )
