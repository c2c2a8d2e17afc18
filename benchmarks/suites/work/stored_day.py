"""A day of which much has been closed already: its recents, as closing would have left them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from benchmarks.suites.work.stats_queries import repeat_session
from benchmarks.suites.work.write_units import MINUTE_MS, START
from benchmarks.targets.in_process_app import InProcessApp
from chalicelib.domain.packs.pack import unpack
from chalicelib.domain.packs.pack_writer import pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact import CHECKED_EVERY, mark_due
from chalicelib.storage.rollup_table.rollups import Recent

SITE, DAY = "demo.example", "2026-09-05"  # of START
SESSIONS_PER_RECENT = 97  # sessions, as many as a transaction takes
RECENTS_PER_CHECK = 194  # that come between two looks at a day of a million events


def store_before(made: InProcessApp, sessions: Sequence[Session], number: int) -> Iterator[int]:
    """Put the recents of so many sessions there, made of those given with other ids and
    visitors; after some, the time (ms) at which the job has them put together."""
    recents = list(_recents(sessions, number))
    looks = range(0, len(recents), RECENTS_PER_CHECK)
    for look, first in enumerate(looks):
        for recent in recents[first : first + RECENTS_PER_CHECK]:
            action = made.tables.rollups.recent_action(recent, delete_at=None)
            made.tables.database.transact([action])
        at = _looked_at(START - (len(looks) - look) * CHECKED_EVERY * MINUTE_MS)
        mark_due(sessions, Context(made.tables, made.settings, at))
        yield at


def closed_sessions_of_day(made: InProcessApp) -> Sequence[Session]:
    """The closed sessions that the product has on the day."""
    recents = made.tables.rollups.recents(SITE, DAY, DAY)
    return [session for recent in recents for session in unpack(recent.packed).sessions()]


def _recents(sessions: Sequence[Session], number: int) -> Iterator[Recent]:
    for which, first in enumerate(range(0, number, SESSIONS_PER_RECENT), start=1):
        some = sessions[: min(SESSIONS_PER_RECENT, number - first)]
        packed = pack([repeat_session(one, which, later_ms=0) for one in some])
        yield Recent(SITE, DAY, f"{which:016x}", packed)


def _looked_at(at: int) -> int:
    """The minute from then on at which the job counts the recents of today."""
    minute = at // MINUTE_MS
    return (minute + (zlib.crc32(SITE.encode()) - minute) % CHECKED_EVERY) * MINUTE_MS
