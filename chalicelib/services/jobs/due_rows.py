"""The rows that are due in a run of the job, in bounded memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.domain.sessions.session_limits import MAX_SESSION_EVENTS
from chalicelib.settings import Settings

MAX_DUE_ROWS = 10_000  # that are kept in memory; of more, each site has its share


def closable_at(row: ActiveSession, settings: Settings) -> int:
    """Return when the row may be closed, in ms: the session timed out and any in-flight
    collector has finished."""
    return joined_closable_at(JoinedRows((row,)), settings)


def joined_closable_at(joined: JoinedRows, settings: Settings) -> int:
    expired_at = joined.expires_at(settings.session_timeout_ms) * 1000
    last_received_at = max(row.last_received_at for row in joined.rows)
    return max(expired_at, last_received_at) + settings.close_after_ms


@dataclass(slots=True)
class DueRows:
    """The rows to close, by site. Beyond MAX_DUE_ROWS, the sites with the most rows lose their
    newest: the next run finds them again."""

    has_dropped: bool = False
    _by_site: dict[str, list[ActiveSession]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, row: ActiveSession) -> None:
        # A release before 0.2 did not count a row's events. A truncated row has any number.
        events = row.events or (MAX_SESSION_EVENTS if row.is_truncated else 1)
        bare = replace(row, views=frozenset(), other_events=frozenset(), events=events)
        self._by_site[row.site].append(bare)
        self._count += 1
        if self._count >= 2 * MAX_DUE_ROWS:
            self._drop()

    def take(self) -> list[list[ActiveSession]]:
        """Return the rows of each site, oldest first, so that the rows of a day are
        together."""
        if self._count > MAX_DUE_ROWS:
            self._drop()
        return [sorted(rows, key=_age) for rows in self._by_site.values()]

    def _drop(self) -> None:
        share = max_share([len(rows) for rows in self._by_site.values()], MAX_DUE_ROWS)
        for site, rows in self._by_site.items():
            self._by_site[site] = sorted(rows, key=_age)[:share]
        self._count = sum(map(len, self._by_site.values()))
        self.has_dropped = True


def max_share(sizes: Sequence[int], room: int) -> int:
    """Return how many rows each site may keep if all have room for `room` rows. What small
    sites leave is divided among the others; each may keep one.

    >>> max_share([1, 4, 20, 30], room=25)  # 1 and 4 stay; 20 are left for two sites
    10
    """
    left, ascending = room, sorted(sizes)
    for index, size in enumerate(ascending):
        share = left // (len(ascending) - index)
        if size > share:
            return max(share, 1)
        left -= size
    return room


def _age(row: ActiveSession) -> tuple[int, str]:
    return row.start_time, row.session_id
