"""Give each stored outline the time to expire that the configuration asks for.

An outline keeps the time that it got when it was stored. After a change of
PERSONAL_RETENTION_DAYS or SESSION_RETENTION_DAYS, and after the update that brought the first
of them, `make upgrade` goes through the outlines once.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chalicelib.settings import Settings
from chalicelib.storage.aws.database import ConditionFailed
from chalicelib.storage.sessions import session_key
from chalicelib.storage.tables import Tables
from operate.aws.deployment_store import DeploymentStore

WRITES_AT_A_TIME = 16
APPLIED = "retention"  # the name of the record


@dataclass(frozen=True, slots=True)
class Retention:
    """Interrupted and run again, it goes on: what is right is left alone."""

    tables: Tables

    def apply(self) -> int:
        """How many outlines have got another time."""
        database, table = self.tables.database, self.tables.sessions
        with ThreadPoolExecutor(WRITES_AT_A_TIME) as pool:
            return sum(
                sum(pool.map(self._apply_to, items))
                for items, _ in database.scan_pages(table.name)
            )

    def _apply_to(self, item: Mapping[str, Any]) -> bool:
        since = item.get("last_activity", item.get("moved_at"))
        if since is None:
            return False
        wanted = self.tables.sessions.kept_until(since)
        if item.get("ttl") == wanted:
            return False
        try:
            self.tables.database.update(
                self.tables.sessions.name,
                session_key(item["session_id"]),
                "REMOVE #ttl" if wanted is None else "SET #ttl = :ttl",
                values={} if wanted is None else {":ttl": wanted},
                condition="attribute_exists(session_id)",
                names={"#ttl": "ttl"},
            )
        except ConditionFailed:
            return False  # deleted since it was read
        return True


def is_applied(record: DeploymentStore, settings: Settings) -> bool:
    return bool(record.get(APPLIED) == settings.outline_retention_days)


def save_applied(record: DeploymentStore, settings: Settings) -> None:
    record.put(APPLIED, settings.outline_retention_days)
