"""The newest sessions of segments that match: for lists that are read page by page.

A session's place in the list is its start, then its id, from the last to the first. Segments
are opened from the newest on, until no session in the others can be newer than those found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from chalicelib.domain.packs.pack import Segment, unpack
from chalicelib.domain.packs.pack_writer import pack
from chalicelib.domain.packs.session_reader import sessions_at
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.query.filters import Filters
from chalicelib.domain.query.period import Period
from chalicelib.domain.scan.filtering import select
from chalicelib.domain.scan.session_columns import Block
from chalicelib.domain.sessions.session import Session

# What a page may cost. Opening a segment takes some time of its own, however few it holds.
MOST_SCANNED = 500_000  # sessions
LEAST_A_SEGMENT = 1_000

_start, _key = attrgetter("start"), attrgetter("key")


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of the sessions of a period that match and come after the cursor."""

    period: Period
    filters: Filters
    after: Cursor | None
    limit: int

    def may_be_in(self, segment: Segment) -> bool:
        last = self.period.end - 1 if self.after is None else self.after.at
        return segment.first_start <= last and self.period.start <= segment.last_start


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. The cursor is None at the end of the list; a page that is not full can have
    one, where few of many sessions match."""

    sessions: list[Session]
    cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A session that may come onto the page."""

    key: Cursor
    segment: Segment
    place: int


def newest(
    open_sessions: Sequence[Session], segments: Iterable[Segment], wanted: Wanted
) -> Page:
    """A page of the open sessions and those of the segments, which come by their last start,
    the newest first. Open ones that are in a segment as well have closed in between."""
    reading = _Reading(open_sessions, wanted)
    for segment in segments:
        if not wanted.may_be_in(segment):
            continue
        if reading.is_full_before(segment):
            break
        if reading.scanned >= MOST_SCANNED and reading.has_come_to(segment):
            return reading.page(Cursor(segment.last_start + 1))
        reading.open(segment)
    return reading.page(None)


class _Reading:
    """What has been found so far, newest first."""

    def __init__(self, open_sessions: Sequence[Session], wanted: Wanted) -> None:
        self._wanted = wanted
        self._open = {session.session_id: session for session in open_sessions}
        # One more than the page, to know whether there are more; open ones can turn out closed.
        self._most = wanted.limit + 1 + len(self._open)
        self._live = unpack(pack(open_sessions)) if open_sessions else None
        self._found = _matching(self._live, wanted, self._most) if self._live else []
        self.scanned = 0

    def is_full_before(self, segment: Segment) -> bool:
        limit = self._wanted.limit
        return len(self._found) > limit and self._found[limit].key.at > segment.last_start

    def has_come_to(self, segment: Segment) -> bool:
        """Whether a page that ends there gets any further than the one before."""
        after = self._wanted.after
        return after is None or Cursor(segment.last_start + 1) < after

    def open(self, segment: Segment) -> None:
        self.scanned += max(segment.count, LEAST_A_SEGMENT)
        closed = segment.which_of(self._open) if self._open else set()
        remaining = [
            found
            for found in self._found
            if not (closed and found.segment is self._live and found.key.key in closed)
        ]
        more = _matching(segment, self._wanted, self._most)
        self._found = sorted([*remaining, *more], key=_key, reverse=True)[: self._most]

    def page(self, stopped_at: Cursor | None) -> Page:
        settled = [one for one in self._found if stopped_at is None or one.key >= stopped_at]
        chosen = settled[: self._wanted.limit]
        is_cut = len(settled) > len(chosen)
        return Page(self._sessions(chosen), chosen[-1].key if is_cut else stopped_at)

    def _sessions(self, chosen: Sequence[_Found]) -> list[Session]:
        """Each segment is read once more for those of its sessions that are on the page."""
        places = defaultdict(list)
        for one in chosen:
            places[one.segment].append(one.place)
        read = {
            (segment, place): session
            for segment, some in places.items()
            for place, session in zip(some, self._read(segment, some), strict=True)
        }
        return [read[one.segment, one.place] for one in chosen]

    def _read(self, segment: Segment, places: Sequence[int]) -> list[Session]:
        if segment is self._live:
            return [self._open[one] for one in segment.session_ids(places)]
        return sessions_at(segment, places)


def _matching(segment: Segment, wanted: Wanted, most: int) -> list[_Found]:
    """The last ones that match, as many as can come onto the page."""
    starts = segment.starts()
    places = _after(wanted.after, segment, starts, _places(segment, wanted))[-most:]
    ids = segment.session_ids(places) if places else []
    found = [
        _Found(Cursor(starts[place], session_id), segment, place)
        for place, session_id in zip(places, ids, strict=True)
    ]
    return found[::-1]


def _places(segment: Segment, wanted: Wanted) -> Sequence[int]:
    """The numbers of the sessions in the segment that match, in its order: oldest first."""
    days = wanted.period.days
    first = max(0, bisect_right(days, segment.first_start, key=_start) - 1)
    last = bisect_right(days, segment.last_start, key=_start)
    blocks = (Block(segment, day, wanted.period.zone) for day in days[first:last])
    return [place for block in blocks for place in select(block, wanted.filters).places]


def _after(
    cursor: Cursor | None, segment: Segment, starts: Sequence[int], places: Sequence[int]
) -> Sequence[int]:
    """Those places that come after the cursor: that are older."""
    if cursor is None:
        return places
    begin = bisect_left(places, cursor.at, key=starts.__getitem__)
    end = bisect_right(places, cursor.at, key=starts.__getitem__)
    same = places[begin:end]
    ids = segment.session_ids(same) if same else []
    smaller = [place for place, one in zip(same, ids, strict=True) if one < cursor.key]
    return [*places[:begin], *smaller]
