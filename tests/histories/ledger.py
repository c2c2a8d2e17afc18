"""The events that a history has sent, and what the product must make of them.

Sessions follow from the times of the events: those of a visitor that are not closed yet, sorted
by time, arrival and position, and split after half an hour or a day. Closed sessions do not
change; later events make sessions of their own.

The ids in the responses show which events are together. A new id is a row; it belongs to the
rows that its visitor had then, or that the request named. An event may be answered with any of
these ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tests.histories.people import Person
from tests.histories.plain import (
    LONGEST_MS,
    TIMEOUT_MS,
    PlainSession,
    Seen,
    active_until,
    build_sessions,
)

CLOSE_AFTER_MS = 120_000

Who = tuple[str, str, str, str | None, str | None]


@dataclass
class Row:
    session_id: str
    who: Who  # opened it
    site: str
    opened: int  # arrival of the first event, in ms
    touched: int  # arrival of the newest
    events: dict[str, Seen] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)  # the rows that it belongs to
    is_closed: bool = False

    @property
    def last(self) -> int:
        return max(event.at for event in self.events.values())

    @property
    def expires_at(self) -> int:
        """Return the expiry in whole seconds, rounded up."""
        until = active_until(self.events.values())
        return -(-(until + TIMEOUT_MS) // 1000) * 1000

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
    places: dict[str, str] = field(default_factory=dict)  # the row of each event, by its id
    closed: dict[str, list[PlainSession]] = field(default_factory=dict)  # by site
    moved: dict[str, frozenset[str]] = field(default_factory=dict)  # rows that closed together

    def own_rows(self, request: Request) -> list[Row]:
        """Return the rows that the request may continue, and that a new one belongs to."""
        own = [row for row in self.open_rows(request.site) if row.who == request.who]
        named = self.rows.get(request.named or "")
        if named and not named.is_closed and named.site == request.site:
            own.append(named)
        return self.together(own)

    def together(self, rows: Iterable[Row]) -> list[Row]:
        """Return the row with all active rows that belong to it."""
        results = {row.session_id: row for row in rows}
        waiting = list(results.values())
        while waiting:
            for other in self._known(waiting.pop()):
                if other.session_id not in results:
                    results[other.session_id] = other
                    waiting.append(other)
        return list(results.values())

    def row_of(self, event: Seen) -> Row:
        return self.rows[self.places[event.event_id]]

    def accept(
        self, request: Request, answered: dict[str, str], now: int, known: dict[str, set[str]]
    ) -> None:
        """Record events with the session ids of their responses. `known` are rows that a new
        one belongs to besides the existing ones."""
        fresh = [event for event in request.events if event.event_id not in self.places]
        for event in sorted(fresh, key=lambda event: event.order):
            session_id = answered[event.event_id]
            row = self.rows.get(session_id)
            if row is None:
                row = Row(session_id, request.who, request.site, now, now)
                row.known = {other.session_id for other in self.own_rows(request)}
                row.known |= known.get(session_id, set())
                for other in row.known:
                    self.rows[other].known.add(session_id)
                self.rows[session_id] = row
            assert not row.is_closed, f"{session_id} has closed"
            is_own = row in self.own_rows(request) or known
            assert is_own, f"{session_id} is somebody else's"
            row.touched = max(row.touched, now)
            row.events[event.event_id] = event
            self.places[event.event_id] = session_id

    def engage(
        self, request: Request, event_id: str, ms: int, depth: int | None, now: int
    ) -> bool:
        """Raise the engagement of a page view in an active session. Return False if there is
        none; engagement opens no session."""
        if request.named:
            named = self.rows.get(request.named)
            rows = [named] if named else []
        else:
            rows = [row for row in self.rows.values() if row.who == request.who]
        rows = [row for row in rows if row.site == request.site and not row.is_closed]
        rows += [other for row in rows for other in self._known(row)]
        event = next((row.events[event_id] for row in rows if event_id in row.events), None)
        if event is None or not event.is_page_view:
            return False
        if now - min(one.at for one in self.row_of(event).events.values()) >= LONGEST_MS:
            return False
        event.reads.append((max(now, event.at), ms))
        event.engaged_ms = max(event.engaged_ms, ms)
        depths = [known for known in (event.scroll_depth, depth) if known is not None]
        event.scroll_depth = max(depths, default=None)
        return True

    def close(self, open_ids: Iterable[str], now: int) -> None:
        """Record rows that are gone as closed; each was due and had whole sessions."""
        still_there = set(open_ids)
        gone = [row for row in self.rows.values() if not row.is_closed]
        gone = [row for row in gone if row.session_id not in still_there]
        while gone:
            family = self.together(gone[:1])
            closing = [row for row in family if row in gone]
            staying = [row for row in family if row not in gone]
            sessions = self._sessions(closing)
            told = sorted(map(_ids, [*sessions, *self._sessions(staying)]))
            assert told == sorted(map(_ids, self._sessions(family))), "a part was closed"
            for row in closing:
                assert row.due_at <= now, f"{row.session_id} was closed too early"
                self.moved[row.session_id] = frozenset(one.session_id for one in closing)
            self.closed.setdefault(closing[0].site, []).extend(sessions)
            gone = [row for row in gone if row not in closing]
            for row in closing:
                row.is_closed = True

    def sessions(self, site: str) -> list[PlainSession]:
        """Return all sessions of the site, active ones included."""
        return [*self.closed.get(site, []), *self.open_sessions(site)]

    def open_sessions(self, site: str) -> list[PlainSession]:
        results: list[PlainSession] = []
        waiting = self.open_rows(site)
        while waiting:
            family = self.together(waiting[:1])
            results += self._sessions(family)
            waiting = [row for row in waiting if row not in family]
        return results

    def open_rows(self, site: str) -> list[Row]:
        return [row for row in self.rows.values() if row.site == site and not row.is_closed]

    def _known(self, row: Row) -> list[Row]:
        known = (self.rows[session_id] for session_id in row.known)
        return [other for other in known if not other.is_closed]

    def _sessions(self, rows: Iterable[Row]) -> list[PlainSession]:
        events = [event for row in rows for event in row.events.values()]
        return build_sessions(events, self.report_zone)


def _ids(session: PlainSession) -> list[str]:
    return [event.event_id for event in session.steps]
