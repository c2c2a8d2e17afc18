"""One page of the sessions that match, newest first.

Sessions are sorted by start, then id, both descending. Packs arrive sorted by the start of
their last session, newest first, and are read until no remaining pack can hold a session newer
than the last one on the page:

    limit 2    pack A  last start 10:00    found 10:00, 09:30
               pack B  last start 09:45    found 09:45: the page is 10:00, 09:45
               pack C  last start 09:40    older than 09:45, so reading stops
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from chalicelib.domain.packs.pack import Pack, read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.packs.session_reader import read_sessions
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.query.filters import Filters
from chalicelib.domain.query.period import Period
from chalicelib.domain.scan.filtering import filter_sessions
from chalicelib.domain.scan.session_columns import SessionColumns
from chalicelib.domain.sessions.session import Session

# What a page may cost. Reading a pack has a fixed cost, which counts as that many sessions.
MAX_SCANNED_SESSIONS = 500_000  # sessions
MIN_PACK_COST_SESSIONS = 1_000

_start, _key = attrgetter("start"), attrgetter("key")


@dataclass(frozen=True, slots=True)
class SessionQuery:
    """Up to `limit` sessions of a period that match and come after the cursor."""

    period: Period
    filters: Filters
    after: Cursor | None
    limit: int

    def may_match(self, pack: Pack) -> bool:
        last = self.period.end - 1 if self.after is None else self.after.at
        return pack.first_start <= last and self.period.start <= pack.last_start


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Sessions, newest first. The cursor is None at the end of the list. A page with fewer
    sessions than the limit can have a cursor: when few of many sessions match, reading stops
    after MAX_SCANNED_SESSIONS."""

    sessions: list[Session]
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class _Match:
    """A session that may be on the page: `index` is its position in the pack."""

    key: Cursor
    pack: Pack
    index: int


def session_page(
    open_sessions: Sequence[Session], packs: Iterable[Pack], query: SessionQuery
) -> SessionPage:
    """Build a page from open sessions and packs, which are sorted by their last start.

    An open session that is also in a pack has closed in between, and counts as closed.
    """
    builder = _PageBuilder(open_sessions, query)
    for pack in packs:
        if not query.may_match(pack):
            continue
        if builder.is_full_before(pack):
            break
        if builder.scanned >= MAX_SCANNED_SESSIONS and builder.makes_progress(pack):
            return builder.page(Cursor(pack.last_start + 1))
        builder.open(pack)
    return builder.page(None)


class _PageBuilder:
    """The matches so far, newest first."""

    def __init__(self, open_sessions: Sequence[Session], query: SessionQuery) -> None:
        self._query = query
        self._open = {session.session_id: session for session in open_sessions}
        # One more than the page, to know whether there is a next page; and one for each open
        # session, which can turn out to be closed.
        self._most = query.limit + 1 + len(self._open)
        self._open_pack = read_pack(write_pack(open_sessions)) if open_sessions else None
        self._matches = _matching(self._open_pack, query, self._most) if self._open_pack else []
        self.scanned = 0

    def is_full_before(self, pack: Pack) -> bool:
        limit = self._query.limit
        return len(self._matches) > limit and self._matches[limit].key.at > pack.last_start

    def makes_progress(self, pack: Pack) -> bool:
        """Whether a page that ends before this pack gets further than the previous page."""
        after = self._query.after
        return after is None or Cursor(pack.last_start + 1) < after

    def open(self, pack: Pack) -> None:
        self.scanned += max(pack.count, MIN_PACK_COST_SESSIONS)
        closed = pack.contained_ids(self._open) if self._open else set()
        remaining = [
            match
            for match in self._matches
            if not (closed and match.pack is self._open_pack and match.key.key in closed)
        ]
        more = _matching(pack, self._query, self._most)
        self._matches = sorted([*remaining, *more], key=_key, reverse=True)[: self._most]

    def page(self, stopped_at: Cursor | None) -> SessionPage:
        settled = [one for one in self._matches if stopped_at is None or one.key >= stopped_at]
        chosen = settled[: self._query.limit]
        is_cut = len(settled) > len(chosen)
        return SessionPage(self._sessions(chosen), chosen[-1].key if is_cut else stopped_at)

    def _sessions(self, chosen: Sequence[_Match]) -> list[Session]:
        """Read the chosen sessions, each pack once."""
        indices = defaultdict(list)
        for one in chosen:
            indices[one.pack].append(one.index)
        read = {
            (pack, index): session
            for pack, some in indices.items()
            for index, session in zip(some, self._read(pack, some), strict=True)
        }
        return [read[one.pack, one.index] for one in chosen]

    def _read(self, pack: Pack, indices: Sequence[int]) -> list[Session]:
        if pack is self._open_pack:
            return [self._open[one] for one in pack.session_ids(indices)]
        return read_sessions(pack, indices)


def _matching(pack: Pack, query: SessionQuery, most: int) -> list[_Match]:
    """Return the newest sessions of the pack that match, newest first."""
    starts = pack.starts()
    indices = _after(query.after, pack, starts, _matching_indices(pack, query))[-most:]
    ids = pack.session_ids(indices) if indices else []
    matches = [
        _Match(Cursor(starts[index], session_id), pack, index)
        for index, session_id in zip(indices, ids, strict=True)
    ]
    return matches[::-1]


def _matching_indices(pack: Pack, query: SessionQuery) -> Sequence[int]:
    """Return the indices of the sessions that match, oldest first."""
    days = query.period.days
    first = max(0, bisect_right(days, pack.first_start, key=_start) - 1)
    last = bisect_right(days, pack.last_start, key=_start)
    blocks = (SessionColumns(pack, day, query.period.zone) for day in days[first:last])
    return [
        index for columns in blocks for index in filter_sessions(columns, query.filters).indices
    ]


def _after(
    cursor: Cursor | None, pack: Pack, starts: Sequence[int], indices: Sequence[int]
) -> Sequence[int]:
    """Keep the indices of sessions after the cursor, which are older."""
    if cursor is None:
        return indices
    begin = bisect_left(indices, cursor.at, key=starts.__getitem__)
    end = bisect_right(indices, cursor.at, key=starts.__getitem__)
    same = indices[begin:end]
    ids = pack.session_ids(same) if same else []
    smaller = [index for index, one in zip(same, ids, strict=True) if one < cursor.key]
    return [*indices[:begin], *smaller]
