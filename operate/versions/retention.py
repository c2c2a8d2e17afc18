"""Apply the configured retention to the sessions that are stored.

A session keeps the expiry that it got when it was stored. After a change of
PERSONAL_RETENTION_DAYS or SESSION_RETENTION_DAYS, and after the update that introduced the
first of them, `make upgrade` updates the stored sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chalicelib.settings import Settings
from chalicelib.storage.aws.retries import ConditionFailed
from chalicelib.storage.sessions import session_key
from chalicelib.storage.tables import Tables
from operate.aws.deployment_store import DeploymentStore

CONCURRENT_WRITES = 16
APPLIED = "retention"  # its name in the deployment store


@dataclass(frozen=True, slots=True)
class Retention:
    """Updates the expiry of stored sessions. A second run resumes an interrupted one."""

    tables: Tables

    def apply(self) -> int:
        """Update all sessions and return how many have changed."""
        database, table = self.tables.database, self.tables.sessions
        with ThreadPoolExecutor(CONCURRENT_WRITES) as pool:
            return sum(
                sum(pool.map(self._apply_to, items))
                for items, _ in database.scan_pages(table.name)
            )

    def _apply_to(self, item: Mapping[str, Any]) -> bool:
        since = item.get("last_activity", item.get("moved_at"))
        if since is None:
            return False
        expires_at = self.tables.sessions.kept_until(since)
        if item.get("ttl") == expires_at:
            return False
        try:
            self.tables.database.update(
                self.tables.sessions.name,
                session_key(item["session_id"]),
                "REMOVE #ttl" if expires_at is None else "SET #ttl = :ttl",
                values={} if expires_at is None else {":ttl": expires_at},
                condition="attribute_exists(session_id)",
                names={"#ttl": "ttl"},
            )
        except ConditionFailed:
            return False  # deleted since it was read
        return True


def is_applied(store: DeploymentStore, settings: Settings) -> bool:
    return bool(store.get(APPLIED) == settings.outline_retention_days)


def save_applied(store: DeploymentStore, settings: Settings) -> None:
    store.put(APPLIED, settings.outline_retention_days)
