"""Smaller limits for tests that reach them."""

from __future__ import annotations

import pytest

from chalicelib.domain.sessions import joined_rows, session, session_limits
from chalicelib.storage.active_table import row_update


def limit_session_events(events: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a session have no more than this many events."""
    for module in (session_limits, session, joined_rows, row_update):
        monkeypatch.setattr(module, "MAX_SESSION_EVENTS", events)
