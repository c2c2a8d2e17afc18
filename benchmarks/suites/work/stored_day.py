"""A day with many closed sessions: stores the recents that closing would have left."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from benchmarks.suites.work.stats_queries import repeat_session
from benchmarks.suites.work.write_units import MINUTE_MS, START
from benchmarks.targets.in_process_app import InProcessApp
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_pack
from chalicelib.domain.sessions.session import Session
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact import CHECKED_EVERY, enqueue_days
from chalicelib.storage.rollup_table.rollup_items import Recent

SITE, DAY = "demo.example", "2026-09-05"  # of START
SESSIONS_PER_RECENT = 97  # as many as fit one transaction
RECENTS_PER_CHECK = 194  # between two checks, on a day of a million events


def store_before(app: InProcessApp, sessions: Sequence[Session], number: int) -> Iterator[int]:
    """Store recents of `number` sessions, which repeat the given ones with other ids and
    visitors. Yield the times (ms) at which the job should compact them."""
    recents = list(_recents(sessions, number))
    looks = range(0, len(recents), RECENTS_PER_CHECK)
    for look, first in enumerate(looks):
        for recent in recents[first : first + RECENTS_PER_CHECK]:
            action = app.tables.rollups.recent_action(recent, delete_at=None)
            app.tables.database.transact([action])
        at = _looked_at(START - (len(looks) - look) * CHECKED_EVERY * MINUTE_MS)
        enqueue_days(sessions, Context(app.tables, app.settings, at))
        yield at


def closed_sessions_of_day(app: InProcessApp) -> Sequence[Session]:
    """Return the closed sessions of the day."""
    recents = app.tables.rollups.recents(SITE, DAY, DAY)
    return [session for recent in recents for session in read_pack(recent.packed).sessions()]


def _recents(sessions: Sequence[Session], number: int) -> Iterator[Recent]:
    for which, first in enumerate(range(0, number, SESSIONS_PER_RECENT), start=1):
        some = sessions[: min(SESSIONS_PER_RECENT, number - first)]
        packed = write_pack([repeat_session(one, which, later_ms=0) for one in some])
        yield Recent(SITE, DAY, f"{which:016x}", packed)


def _looked_at(at: int) -> int:
    """Return the next time (ms) at which the job checks the site's recents of today."""
    minute = at // MINUTE_MS
    return (minute + (zlib.crc32(SITE.encode()) - minute) % CHECKED_EVERY) * MINUTE_MS
