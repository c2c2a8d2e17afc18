"""The four tables, opened, and the key that belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from botocore.session import get_session

from chalicelib.settings import Settings
from chalicelib.storage.active_sessions import ActiveSessionTable
from chalicelib.storage.aws.client import dynamodb_client, parameter_store_client
from chalicelib.storage.aws.database import Database
from chalicelib.storage.events import EventTable
from chalicelib.storage.sessions import SessionTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.storage.rollups import RollupTable
    from chalicelib.storage.site_registry import Register
    from chalicelib.storage.visitor_key import VisitorKey


@dataclass(frozen=True)
class Tables:
    """What collecting has no use for is imported when it is asked for."""

    database: Database
    events: EventTable
    sessions: SessionTable
    active: ActiveSessionTable
    rollups_name: str
    make_visitor_key: Callable[[], VisitorKey]

    @cached_property
    def visitor_key(self) -> VisitorKey:
        return self.make_visitor_key()

    @cached_property
    def rollups(self) -> RollupTable:
        from chalicelib.storage.rollups import RollupTable

        return RollupTable(self.database, self.rollups_name)

    @cached_property
    def register(self) -> Register:
        from chalicelib.storage.site_registry import Register

        return Register(self.database, self.rollups_name)


def open_tables(
    settings: Settings,
    client: DynamoDBClient | None = None,
    parameter_store: Callable[[], Any] | None = None,
) -> Tables:
    """With the clients that the environment leads to, unless others are given."""
    session = cache(get_session)  # of botocore, made when a client is
    database = Database(client or dynamodb_client(session()))
    return Tables(
        database=database,
        events=EventTable(database, settings.events_table, settings.event_retention_days),
        sessions=SessionTable(
            database, settings.sessions_table, settings.outline_retention_days
        ),
        active=ActiveSessionTable(
            database, settings.active_sessions_table, settings.session_timeout_ms
        ),
        rollups_name=settings.rollups_table,
        make_visitor_key=partial(
            _visitor_key,
            settings,
            parameter_store or (lambda: parameter_store_client(session())),
        ),
    )


def _visitor_key(settings: Settings, parameter_store: Callable[[], Any]) -> VisitorKey:
    from chalicelib.storage.visitor_key import VisitorKey

    return VisitorKey(settings, parameter_store)
