"""Whether the app can do its work: the tables answer."""

from __future__ import annotations

from chalicelib.storage.tables import Tables


def is_healthy(tables: Tables) -> bool:
    """One read of each table."""
    return tables.are_reachable()
