"""The rows of active sessions in memory, and the sessions that they show. A row that has not
changed is not computed again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, join_rows
from chalicelib.domain.sessions.live_session import LiveSession, live_session

_Rows = tuple[ActiveSession, ...]


class LiveRows:
    """Rows by site and id. `len()` is their number."""

    def __init__(self, timeout_ms: int) -> None:
        self._timeout_ms = timeout_ms
        self._sites: dict[str, str] = {}  # by row id
        self._rows: dict[str, dict[str, ActiveSession]] = defaultdict(dict)
        self._referring: dict[str, set[str]] = defaultdict(set)  # ids of rows with relatives
        self._alone: dict[str, LiveSession | None] = {}
        self._joined: dict[str, dict[_Rows, LiveSession | None]] = {}

    def __len__(self) -> int:
        return len(self._sites)

    def put(self, row: ActiveSession) -> None:
        """Add a row, or replace the one with its id."""
        self.drop(row.session_id)
        self._sites[row.session_id] = row.site
        self._rows[row.site][row.session_id] = row
        if row.related_ids:
            self._referring[row.site].add(row.session_id)

    def drop(self, session_id: str) -> None:
        """Remove a row, if it is there."""
        site = self._sites.pop(session_id, None)
        if site is not None:
            del self._rows[site][session_id]
            self._referring[site].discard(session_id)
            self._alone.pop(session_id, None)

    def sessions(self, site: str) -> Iterator[LiveSession]:
        """Yield the sessions of a site."""
        related = self._related(site)
        for session_id, row in self._rows.get(site, {}).items():
            if session_id not in related:
                if session_id not in self._alone:
                    self._alone[session_id] = self._compute(JoinedRows((row,)))
                if session := self._alone[session_id]:
                    yield session
        yield from self._joined_sessions(site, related)

    def _related(self, site: str) -> set[str]:
        """Return the ids of the rows that may be one session with others of the site."""
        rows = self._rows.get(site, {})
        referring = self._referring.get(site, set())
        named = {other for own in referring for other in rows[own].related_ids}
        return referring | (named & rows.keys())

    def _joined_sessions(self, site: str, related: Iterable[str]) -> Iterator[LiveSession]:
        before = self._joined.get(site, {})
        rows = self._rows.get(site, {})
        joined = join_rows((rows[own] for own in sorted(related)), self._timeout_ms)
        self._joined[site] = {
            one.rows: before[one.rows] if one.rows in before else self._compute(one)
            for one in joined
        }
        yield from filter(None, self._joined[site].values())

    def _compute(self, rows: JoinedRows) -> LiveSession | None:
        return live_session(rows, timeout_ms=self._timeout_ms)
