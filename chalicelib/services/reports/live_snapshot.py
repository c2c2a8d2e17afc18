"""A live snapshot of a site, accumulated row by row and serialized to a dict. Snapshots of
parts of the table can be stored and merged."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.domain.sessions.live_session import MINUTE_MS, LiveSession, live_session
from chalicelib.presentation.realtime_response import COUNTS, LISTS, MINUTES
from chalicelib.presentation.serializers import serialize_session
from chalicelib.settings import Settings

CURRENT_MS = 5 * MINUTE_MS
FEED_LENGTH = 50
MAX_VALUES = 1_000  # values of a list
MAX_LIST_BYTES = 70_000  # of one that is kept: an item has room for 400 KB

SnapshotData = Mapping[str, Any]  # COUNTS; LISTS as pairs of value and visitors; minutes; feed


@dataclass(slots=True)
class LiveSnapshot:
    """`now` is in ms. Visitors are distinguished by their visitor id."""

    settings: Settings
    now: int
    _first_minute: int = field(init=False)  # of the last 30, the current one included
    _current: set[str] = field(default_factory=set)
    _visitors: set[str] = field(default_factory=set)
    _viewers: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _values: dict[str, set[tuple[str | None, str]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _feed: list[LiveSession] = field(default_factory=list)
    _feed_since: int = 0  # there are FEED_LENGTH sessions with later activity
    _open_sessions: int = 0
    _cut_sessions: int = 0

    def __post_init__(self) -> None:
        self._first_minute = self.now // MINUTE_MS - MINUTES + 1

    def add(self, rows: JoinedRows) -> None:
        """Add rows that are one session."""
        session = live_session(rows, timeout_ms=self.settings.session_timeout_ms)
        if session:
            self.add_session(session)

    def add_session(self, session: LiveSession) -> None:
        visitor = session.visitor
        self._open_sessions += self.now < session.open_until
        self._cut_sessions += session.is_truncated
        if session.last_activity >= self._first_minute * MINUTE_MS:
            self._visitors.add(visitor)
        for minute in session.view_minutes:
            if minute >= self._first_minute:
                self._viewers[minute][visitor] += 1
        if session.last_activity > self.now - CURRENT_MS:
            self._current.add(visitor)
            for name, value in session.values.items():
                self._values[name].add((value, visitor))
        if session.last_marked >= self._feed_since:
            self._add_to_feed(session)

    def _add_to_feed(self, session: LiveSession) -> None:
        self._feed.append(session)
        if len(self._feed) > 4 * FEED_LENGTH:
            self._feed = _newest(self._feed)
            self._feed_since = self._feed[-1].last_marked

    def to_dict(self) -> SnapshotData:
        return {
            "current_visitors": len(self._current),
            "visitors": len(self._visitors),
            "pageviews": sum(views.total() for views in self._viewers.values()),
            "open_sessions": self._open_sessions,
            "cut_sessions": self._cut_sessions,
            **{
                name: Counter(value for value, _ in self._values[name]).most_common(MAX_VALUES)
                for name in LISTS
            },
            "minutes": [
                (minute, views.total(), len(views)) for minute, views in self._viewers.items()
            ],
            "feed": [
                serialize_session(one.summary, self.settings) for one in _newest(self._feed)
            ],
            "at": self.now,
        }


def fits_item(to_dict: SnapshotData) -> SnapshotData:
    """Cut the snapshot to the size of an item: paths and referrers can have 2 KB each. The ends
    of long lists are left out; counts do not change."""
    return {**to_dict, **{name: _truncate_values(to_dict[name]) for name in (*LISTS, "feed")}}


def _truncate_values(values: Sequence[Any]) -> list[Any]:
    sizes = accumulate(len(json.dumps(value)) for value in values)
    return [value for value, size in zip(values, sizes, strict=True) if size <= MAX_LIST_BYTES]


def merge_snapshots(parts: Sequence[SnapshotData], *, now: int) -> SnapshotData:
    """Merge the snapshots of several parts of the table; a visitor with sessions in two parts
    counts in each. `at` is that of the oldest part, or `now` (ms) without parts."""
    lists = {
        name: _sum_pairs((value, n) for part in parts for value, n in part[name])
        for name in LISTS
    }
    views, viewers = Counter[int](), Counter[int]()
    for part in parts:
        for minute, number, visitors in part["minutes"]:
            views[minute] += number
            viewers[minute] += visitors
    feed = [session for part in parts for session in part["feed"]]
    feed.sort(key=lambda session: (session["last_activity"], session["session_id"]))
    return {
        **{name: sum(part[name] for part in parts) for name in COUNTS},
        **lists,
        "minutes": [(minute, number, viewers[minute]) for minute, number in views.items()],
        "feed": feed[::-1][:FEED_LENGTH],
        "at": min((part["at"] for part in parts), default=now),
    }


def _sum_pairs(pairs: Iterable[tuple[str | None, int]]) -> list[tuple[str | None, int]]:
    counts: Counter[str | None] = Counter()
    for value, number in pairs:
        counts[value] += number
    return counts.most_common()


def _newest(feed: Iterable[LiveSession]) -> list[LiveSession]:
    ordered = sorted(feed, key=lambda one: (-one.last_marked, one.session_id))
    return ordered[:FEED_LENGTH]
