"""A live snapshot of a site, accumulated row by row and serialized to a dict. Snapshots of
parts of the table can be stored and merged."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from chalicelib.domain.attributes.source import source_of
from chalicelib.domain.attributes.user_agent import parse_user_agent
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.domain.sessions.joined_rows import JoinedRows, to_sessions
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_limits import MAX_SESSION_MS
from chalicelib.domain.sessions.session_summary import SessionSummary, summarize_session
from chalicelib.domain.urls.paths import readable_path
from chalicelib.presentation.realtime_response import COUNTS, LISTS, MINUTE_MS, MINUTES
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
    _current: set[str] = field(default_factory=set)
    _visitors: set[str] = field(default_factory=set)
    _views: Counter[int] = field(default_factory=Counter)
    _viewers: set[tuple[int, str]] = field(default_factory=set)
    _values: dict[str, set[tuple[str | None, str]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    _feed: list[SessionSummary] = field(default_factory=list)
    _open_sessions: int = 0
    _cut_sessions: int = 0

    @property
    def first_minute(self) -> int:
        """The first of the last 30 minutes, the current one included, in ms."""
        return (self.now // MINUTE_MS - MINUTES + 1) * MINUTE_MS

    def add(self, rows: JoinedRows) -> None:
        """Add rows that are one session."""
        timeout_ms = self.settings.session_timeout_ms
        # Visitors are not compared with those of closed sessions here: any key will do.
        sessions = to_sessions(rows, visitor_key=b"", timeout_ms=timeout_ms)
        if not sessions:
            return
        session = sessions[-1]
        row = max(rows.rows, key=lambda one: one.last_activity)
        is_of_today = self.now < session.started_at + MAX_SESSION_MS
        self._open_sessions += is_of_today and rows.is_open(self.now, timeout_ms)
        self._cut_sessions += rows.is_truncated
        if row.last_activity >= self.first_minute:
            self._visitors.add(session.visitor)
        # Those before the last one too: a session can end after a day, without a pause.
        for step in (step for one in sessions for step in one.steps):
            if step.is_page_view and step.at >= self.first_minute:
                self._views[step.at // MINUTE_MS] += 1
                self._viewers.add((step.at // MINUTE_MS, session.visitor))
        if row.last_activity > self.now - CURRENT_MS:
            self._add_current(row, session)
        self._feed.append(summarize_session(session))
        if len(self._feed) > 4 * FEED_LENGTH:
            self._feed = _newest(self._feed)

    def _add_current(self, row: ActiveSession, session: Session) -> None:
        who = session.visitor
        self._current.add(who)
        self._values["pages"].add((readable_path(row.current_page), who))
        self._values["sources"].add((source_of(session).name, who))
        self._values["countries"].add((session.location.country, who))
        self._values["devices"].add((parse_user_agent(session.user_agent).device, who))

    def to_dict(self) -> SnapshotData:
        viewers = Counter(minute for minute, _ in self._viewers)
        return {
            "current_visitors": len(self._current),
            "visitors": len(self._visitors),
            "pageviews": sum(self._views.values()),
            "open_sessions": self._open_sessions,
            "cut_sessions": self._cut_sessions,
            **{
                name: Counter(value for value, _ in self._values[name]).most_common(MAX_VALUES)
                for name in LISTS
            },
            "minutes": [
                (minute, views, viewers[minute]) for minute, views in self._views.items()
            ],
            "feed": [serialize_session(one, self.settings) for one in _newest(self._feed)],
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


def _newest(feed: Iterable[SessionSummary]) -> list[SessionSummary]:
    ordered = sorted(feed, key=lambda one: (-one.last_activity, one.session_id))
    return ordered[:FEED_LENGTH]
