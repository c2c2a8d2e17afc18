"""The four tables of a stage, and the visitor key that belongs to them.

table              what it holds                            attribute
Events             events                                   events
                   session pointers                         session_pointers
ActiveSessions     open sessions                            active_sessions
                   salts                                    salts
                   rows that are being closed               pending_closes
                   rows that could not be closed            quarantine
                   all of these, page by page               active_scan
                   a copy of the open sessions              row_copy
Sessions           summaries of closed sessions             sessions
Rollups            packed sessions, metrics, snapshots      rollups
                   sites, number of rows                    site_registry
                   days to be compacted, to be exported     compaction_queue, export_queue

Days of Rollups that were scanned for a query are in `scan_cache`; `scan_function` scans them in
parallel.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings
from chalicelib.storage.active_table.active_sessions import ActiveSessionTable
from chalicelib.storage.active_table.salts import SaltTable
from chalicelib.storage.aws.client import dynamodb_client, sdk_client
from chalicelib.storage.aws.database import Database
from chalicelib.storage.events import EventTable
from chalicelib.storage.session_pointers import SessionPointerTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.storage.active_table.pending_closes import PendingCloseTable
    from chalicelib.storage.active_table.quarantine import Quarantine
    from chalicelib.storage.active_table.row_copy import RowCopy
    from chalicelib.storage.active_table.table_scan import TableScan
    from chalicelib.storage.aws.dynamodb_api import DynamoDBApi
    from chalicelib.storage.aws.scan_function import ScanFunction
    from chalicelib.storage.byte_cache import ByteCache
    from chalicelib.storage.rollup_table.compaction_queue import CompactionQueue
    from chalicelib.storage.rollup_table.export_queue import ExportQueue
    from chalicelib.storage.rollup_table.rollups import RollupTable
    from chalicelib.storage.rollup_table.site_registry import SiteRegistry
    from chalicelib.storage.sessions import SessionTable
    from chalicelib.storage.visitor_key import VisitorKey

MAX_CACHED_BYTES = 32_000_000  # of scanned days


@dataclass(frozen=True)
class Tables:
    """What collecting does not need is imported when it is first used."""

    database: Database
    settings: Settings
    make_visitor_key: Callable[[], VisitorKey]

    @cached_property
    def events(self) -> EventTable:
        days = self.settings.event_retention_days
        return EventTable(self.database, self.settings.events_table, days)

    @cached_property
    def session_pointers(self) -> SessionPointerTable:
        return SessionPointerTable(self.database, self.settings.events_table)

    @cached_property
    def active_sessions(self) -> ActiveSessionTable:
        name, timeout_ms = self._active_name, self.settings.session_timeout_ms
        return ActiveSessionTable(self.database, name, timeout_ms)

    @cached_property
    def salts(self) -> SaltTable:
        return SaltTable(self.database, self._active_name)

    @cached_property
    def pending_closes(self) -> PendingCloseTable:
        from chalicelib.storage.active_table.pending_closes import PendingCloseTable

        return PendingCloseTable(self.database, self._active_name)

    @cached_property
    def quarantine(self) -> Quarantine:
        from chalicelib.storage.active_table.quarantine import Quarantine

        return Quarantine(self.database, self._active_name)

    @cached_property
    def active_scan(self) -> TableScan:
        from chalicelib.storage.active_table.table_scan import TableScan

        return TableScan(self.database, self._active_name)

    @cached_property
    def row_copy(self) -> RowCopy:
        from chalicelib.storage.active_table.row_copy import RowCopy

        timeout_ms = self.settings.session_timeout_ms
        return RowCopy(self.database, self._active_name, timeout_ms)

    @cached_property
    def sessions(self) -> SessionTable:
        from chalicelib.storage.sessions import SessionTable

        days = self.settings.outline_retention_days
        return SessionTable(self.database, self.settings.sessions_table, days)

    @cached_property
    def rollups(self) -> RollupTable:
        from chalicelib.storage.rollup_table.rollups import RollupTable

        return RollupTable(self.database, self.settings.rollups_table)

    @cached_property
    def site_registry(self) -> SiteRegistry:
        from chalicelib.storage.rollup_table.site_registry import SiteRegistry

        return SiteRegistry(self.database, self.settings.rollups_table)

    @cached_property
    def compaction_queue(self) -> CompactionQueue:
        from chalicelib.storage.rollup_table.compaction_queue import CompactionQueue

        return CompactionQueue(self.database, self.settings.rollups_table)

    @cached_property
    def export_queue(self) -> ExportQueue:
        from chalicelib.storage.rollup_table.export_queue import ExportQueue

        return ExportQueue(self.database, self.settings.rollups_table)

    @cached_property
    def scan_function(self) -> ScanFunction | None:
        from chalicelib.storage.aws.scan_function import scan_function_of

        return scan_function_of(os.environ)

    @cached_property
    def scan_cache(self) -> ByteCache:
        from chalicelib.storage.byte_cache import ByteCache

        return ByteCache(MAX_CACHED_BYTES)

    @cached_property
    def visitor_key(self) -> VisitorKey:
        return self.make_visitor_key()

    @property
    def _active_name(self) -> str:
        return self.settings.active_sessions_table

    def are_reachable(self) -> bool:
        """Whether each table can be read, by a key that need not exist."""
        return self.database.is_reachable(
            {
                self.settings.events_table: {"session_id": "health", "event_id": "health"},
                self.settings.sessions_table: {"session_id": "health"},
                self.settings.active_sessions_table: {"session_id": "health"},
                self.settings.rollups_table: {"site": "health", "sort_key": "health"},
            }
        )


def connect(
    settings: Settings,
    client: DynamoDBClient | DynamoDBApi | None = None,
    parameter_store: Callable[[], Any] | None = None,
) -> Tables:
    """Use the clients that the environment leads to, unless others are given."""
    store = parameter_store or (lambda: sdk_client("ssm"))
    return Tables(
        database=Database(client or dynamodb_client()),
        settings=settings,
        make_visitor_key=partial(_visitor_key, settings, store),
    )


def _visitor_key(settings: Settings, parameter_store: Callable[[], Any]) -> VisitorKey:
    from chalicelib.storage.visitor_key import VisitorKey

    return VisitorKey(settings, parameter_store)
