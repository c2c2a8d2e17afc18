"""Closed sessions, day by day. Each session is read once, also during a compaction: recents are
read before packs, and those that a pack has merged since are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import attrgetter

from chalicelib.domain.packs.pack import Pack, read_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.context import Context
from chalicelib.storage.rollup_table.rollup_items import Recent, StoredPack

_day = attrgetter("day")


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """The closed sessions that started on `day` (YYYY-MM-DD in the reports' time zone)."""

    day: str
    packs: list[Pack]


def read_days(
    site: str, first_day: str, last_day: str, context: Context, *, newest_first: bool = False
) -> Iterator[ClosedDay]:
    """Yield the days from first to last, both included, with closed sessions. Recents are read
    at once, packs as needed."""
    recents = list(context.tables.rollups.recents(site, first_day, last_day))
    stored = context.tables.rollups.packs(site, first_day, last_day, newest_first=newest_first)
    return merge_by_day(recents, stored, newest_first=newest_first)


def merge_by_day(
    recents: Sequence[Recent], stored: Iterator[StoredPack], *, newest_first: bool = False
) -> Iterator[ClosedDay]:
    """Yield recents that were read and packs that are read on demand, by day."""
    waiting = sorted(recents, key=_day, reverse=newest_first)
    in_order: Iterator[Recent | StoredPack] = merge(
        waiting, stored, key=_day, reverse=newest_first
    )
    for day, of_day in groupby(in_order, key=_day):
        parts = list(of_day)
        packs = [part for part in parts if isinstance(part, StoredPack)]
        merged = frozenset().union(*(pack.merged_recent_ids for pack in packs))
        alone = [
            part for part in parts if isinstance(part, Recent) and part.recent_id not in merged
        ]
        packed = [part.packed for part in packs] + [part.packed for part in alone]
        yield ClosedDay(day, list(map(read_pack, packed)))


def by_day(recents: Iterable[Recent]) -> Mapping[str, list[Recent]]:
    recents_by_day: dict[str, list[Recent]] = defaultdict(list)
    for recent in recents:
        recents_by_day[recent.day].append(recent)
    return recents_by_day


def exclude_closed(open_sessions: Iterable[Session], closed: Iterable[Pack]) -> list[Session]:
    """Return the active sessions, read before the closed ones, that have not closed since."""
    sessions = list(open_sessions)
    ids = {session.session_id for session in sessions}
    gone = set().union(*(pack.contained_ids(ids) for pack in closed))
    return [session for session in sessions if session.session_id not in gone]
