"""The four tables, opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import NoRegionError
from botocore.session import get_session

from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import ActiveSessionTable
from chalicelib.storage.dynamodb import Database
from chalicelib.storage.events import EventTable
from chalicelib.storage.register import Register
from chalicelib.storage.rollups import RollupTable
from chalicelib.storage.sessions import SessionTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Tables:
    database: Database
    events: EventTable
    sessions: SessionTable
    active: ActiveSessionTable
    rollups: RollupTable
    register: Register


def dynamodb_client() -> DynamoDBClient:
    """A client that gives up in time to tell the caller so: the gateway waits for 29 seconds.

    Botocore's own, which is the same one: boto3 would load S3's transfers with it, a tenth of
    a cold start."""
    config = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=32,
    )
    try:
        client: DynamoDBClient = get_session().create_client("dynamodb", config=config)
    except NoRegionError:
        client = get_session().create_client(
            "dynamodb", config=config, region_name=DEFAULT_REGION
        )
    return client


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
