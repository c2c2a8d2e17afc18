"""What a history has told the product so far, and what the product must make of it.

A row stands for the events that are collected under one id: its visitor's, until nothing came
for half an hour. Which row an event belongs to follows from the times alone:

    the session that the request names     if it is open for the event
    the last session of the visitor        if it is open for the event
    a new one                              and the other two take nothing more

An event that was accepted before changes nothing. What had come before a row's closing is what
its sessions are made of; what comes later goes to another row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tests.histories.people import Person
from tests.histories.plain import (
    LONGEST_MS,
    TIMEOUT_MS,
    PlainSession,
    Seen,
    sessions_of,
)

CLOSE_AFTER_MS = 120_000

Who = tuple[str, str, str, str | None, str | None]


@dataclass
class Row:
    session_id: str
    who: Who  # opened it
    site: str
    start: int  # of the event that opened it; times in ms
    last: int
    opened: int  # arrival of the first
    touched: int  # arrival of the newest
    events: dict[str, Seen] = field(default_factory=dict)
    is_closed: bool = False
    is_left: bool = False  # its visitor has begun another one

    def is_open_for(self, site: str, at: int) -> bool:
        return (
            not self.is_closed
            and not self.is_left
            and self.site == site
            and at - self.last < TIMEOUT_MS
            and at - self.start < LONGEST_MS
        )

    @property
    def expires_at(self) -> int:
        """Whole seconds, rounded up."""
        return -(-(self.last + TIMEOUT_MS) // 1000) * 1000

    @property
    def due_at(self) -> int:
        return max(self.expires_at, self.touched) + CLOSE_AFTER_MS


@dataclass(frozen=True)
class Request:
    """Events of one person on one site; `named` is the session id that they carry."""

    person: Person
    site: str
    user_id: str | None
    named: str | None
    events: tuple[Seen, ...]

    @property
    def who(self) -> Who:
        person = self.person
        name = None if self.named else person.name
        return self.site, person.address, person.agent.user_agent, self.user_id, name


@dataclass
class Ledger:
    report_zone: ZoneInfo
    rows: dict[str, Row] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # where each event is, by its id
    newest: dict[Who, str] = field(default_factory=dict)  # the last session of each visitor

    def expected_row(self, request: Request) -> Row | None:
        """Where the new events of the request belong; None for a new row."""
        fresh = [event for event in request.events if event.event_id not in self.places]
        asked = request.events if len(request.events) == 1 else fresh
        named = self.rows.get(request.named or "")
        if asked and named and named.is_open_for(request.site, _earliest(asked)):
            return named
        last = self.last_row(request)
        if fresh and last and last.is_open_for(request.site, _earliest(fresh)):
            return last
        return None

    def last_row(self, request: Request) -> Row | None:
        """The visitor's last session."""
        return self.rows.get(self.newest.get(request.who, ""))

    def row_of(self, event: Seen) -> Row:
        return self.rows[self.places[event.event_id]]

    def accept(self, request: Request, session_id: str, now: int) -> None:
        """The new events of the request were stored under that id."""
        fresh = [event for event in request.events if event.event_id not in self.places]
        self._leave(request, session_id)
        row = self.rows.get(session_id)
        if row is None:
            opened = min(fresh, key=lambda event: (event.at, event.event_id))
            row = Row(session_id, request.who, request.site, opened.at, opened.at, now, now)
            self.rows[session_id] = row
            self.newest[request.who] = session_id
        row.touched = max(row.touched, now)
        row.last = max([row.last, *(event.at for event in fresh)])
        for event in fresh:
            row.events[event.event_id] = event
            self.places[event.event_id] = session_id

    def _leave(self, request: Request, session_id: str) -> None:
        """The visitor is in that session, and in no other one any more."""
        if session_id == request.named:
            return
        for row in (self.rows.get(request.named or ""), self.last_row(request)):
            if row and row.site == request.site and row.session_id != session_id:
                row.is_left = True

    def leave_only(self, session_ids: set[str]) -> None:
        for row in self.rows.values():
            row.is_left = row.session_id in session_ids

    def touch(self, row: Row, event: Seen, now: int) -> None:
        """An event of the row that was sent again has kept it from being closed, if it was
        open."""
        if row.is_open_for(row.site, event.at):
            row.touched = max(row.touched, now)

    def engage(
        self, row: Row | None, site: str, event_id: str, ms: int, depth: int | None, now: int
    ) -> bool:
        """Raise what a page view of an open session knows; False if there is none."""
        if row is None or row.is_closed or row.site != site or now >= row.expires_at:
            return False
        event = row.events.get(event_id)
        if event is None or not event.is_page_view:
            return False
        event.engaged_ms = max(event.engaged_ms, ms)
        depths = [known for known in (event.scroll_depth, depth) if known is not None]
        event.scroll_depth = max(depths, default=None)
        return True

    def close(self, open_ids: Iterable[str], now: int) -> None:
        """The rows that are gone have closed: each was due."""
        still_there = set(open_ids)
        for row in self.rows.values():
            if not row.is_closed and row.session_id not in still_there:
                assert row.due_at <= now, f"{row.session_id} was closed too early"
                row.is_closed = True

    def sessions(self, site: str) -> list[PlainSession]:
        """All sessions of the site, those that are still open included."""
        return [
            session
            for row in self.rows.values()
            if row.site == site
            for session in sessions_of(row.events.values(), self.report_zone)
        ]

    def open_rows(self, site: str) -> list[Row]:
        return [row for row in self.rows.values() if row.site == site and not row.is_closed]


def _earliest(events: Sequence[Seen]) -> int:
    return min(event.at for event in events)
