"""Whether the app can do its work: the tables answer."""

from __future__ import annotations

from chalicelib.services.context import Context


def is_healthy(context: Context) -> bool:
    """One read of each table."""
    return context.tables.are_reachable()
