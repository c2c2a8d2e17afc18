"""A pointer leads from a visitor to the visitor's last session, and remembers the ones before
it: an event that is sent again a day later is found under the session it was counted in."""

from __future__ import annotations

from dataclasses import dataclass

# A session lasts a day at the most, and its events may be sent again for a day.
REMEMBERED_MS = 48 * 3600 * 1000
MOST_REMEMBERED = 60


@dataclass(frozen=True, slots=True)
class Pointer:
    """`earlier` holds "claimed_at|session_id" of the sessions before."""

    session_id: str
    claimed_at: int  # ms
    earlier: frozenset[str] = frozenset()

    def sessions(self) -> list[str]:
        """All session ids it knows, the newest first."""
        return [self.session_id, *(mark.split("|")[1] for mark in sorted(self.earlier)[::-1])]

    def followed_by(self, session_id: str, *, now: int) -> Pointer:
        marks = {mark for mark in self.earlier if int(mark.split("|")[0]) > now - REMEMBERED_MS}
        marks.add(f"{self.claimed_at}|{self.session_id}")
        return Pointer(session_id, now, frozenset(sorted(marks)[-MOST_REMEMBERED:]))
