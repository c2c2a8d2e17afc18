"""A pointer leads from a visitor to their last session, and keeps recent session ids so that a
retried event is matched to its original session."""

from __future__ import annotations

from dataclasses import dataclass

# A session lasts a day at the most, and its events may be sent again for a day.
MAX_REMEMBERED_MS = 48 * 3600 * 1000
MAX_PREVIOUS_SESSIONS = 60


@dataclass(frozen=True, slots=True)
class SessionPointer:
    """`earlier` holds "claimed_at|session_id" of the sessions before."""

    session_id: str
    claimed_at: int  # ms
    previous_sessions: frozenset[str] = frozenset()

    def session_ids(self) -> list[str]:
        """All known session ids, newest first."""
        return [
            self.session_id,
            *(mark.split("|")[1] for mark in sorted(self.previous_sessions)[::-1]),
        ]

    def advance(self, session_id: str, *, now: int) -> SessionPointer:
        marks = {
            mark
            for mark in self.previous_sessions
            if int(mark.split("|")[0]) > now - MAX_REMEMBERED_MS
        }
        marks.add(f"{self.claimed_at}|{self.session_id}")
        return SessionPointer(
            session_id, now, frozenset(sorted(marks)[-MAX_PREVIOUS_SESSIONS:])
        )
