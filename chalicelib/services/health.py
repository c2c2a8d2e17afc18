"""Whether the app can do its work: the tables answer."""

from __future__ import annotations

from chalicelib.storage.tables import Tables


def is_healthy(tables: Tables) -> bool:
    """One read of each table."""
    return tables.database.answers(
        {
            tables.events.name: {"session_id": "health", "event_id": "health"},
            tables.sessions.name: {"session_id": "health"},
            tables.active.name: {"session_id": "health"},
            tables.rollups.name: {"site": "health", "sort_key": "health"},
        }
    )
