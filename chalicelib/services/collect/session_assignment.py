"""Find the session that the events of a visit belong to, or open one.

A visit is what one request brings of one visitor. Its events go to, in this order:

    the session that it names               if it is open for them
    another one of the visitor's            if it is open for them
    a new one                               claimed through the pointer, so that one of several
                                            callers wins

Which of them is chosen changes no figure: rows of a visitor that turn out to be one session are
closed as one. An event that brings an id of its own and is stored under one of the visitor's
sessions is a duplicate, wherever the visit ends up. The usual event costs one call here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from os import urandom

from chalicelib.domain.collection.event import Event
from chalicelib.domain.collection.ids import session_id
from chalicelib.domain.collection.session_pointer import Pointer
from chalicelib.domain.collection.visitor import Client
from chalicelib.domain.sessions.active_session import (
    MAX_ROWS_OF_A_VISITOR,
    ActiveSession,
    opened_by,
)
from chalicelib.domain.sessions.session import in_order
from chalicelib.services.collect.salts import salts_of_last_day
from chalicelib.settings import Settings
from chalicelib.storage import active_sessions, events, sessions
from chalicelib.storage.active_sessions import Declined, Touch
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import MOST_KEYS_A_READ, Unavailable, chunks
from chalicelib.storage.tables import Tables

ATTEMPTS_TO_OPEN = 8
ATTEMPTS_TO_PLACE = 100  # each places an event or finds a row gone


@dataclass(frozen=True, slots=True)
class Visit:
    """`events` are of one site, in the order of the request, and carry no session id yet;
    `repeatable` are the ids among theirs that the tracker gave, and may have sent before."""

    client: Client
    named: str | None  # a session id of the form that the server makes
    events: tuple[Event, ...]
    repeatable: frozenset[str]

    @property
    def first_at(self) -> int:
        return min(event.at for event in self.events)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the events of a visit belong, by their ids: the rows of new ones, as they are with
    them, and the sessions that duplicates are stored under. Of a single event of an open
    session only the attempt to store it tells whether it is a duplicate."""

    rows: dict[str, ActiveSession]
    duplicates: dict[str, str]


@dataclass(slots=True)
class Known:
    """What is known of a visitor after looking the pointers up."""

    pointer_id: str
    pointer: Pointer | None  # under `pointer_id`, as read: what a claim replaces
    latest: Pointer | None  # that one, or else the newest of the last 24 hours
    free_id: str | None = None  # for a new session, if the candidate is free
    rows: dict[str, ActiveSession] = field(default_factory=dict)  # of the visitor, by id
    duplicates: dict[str, str] = field(default_factory=dict)  # as in `Placed`

    @property
    def session_ids(self) -> list[str]:
        """The sessions in which an event of the visitor may be, the newest first."""
        return self.latest.sessions() if self.latest else []


def place(visit: Visit, tables: Tables, settings: Settings, now: int) -> Placed:
    """`now` is the arrival, in ms. Safe to repeat: the same visit again ends in the same
    sessions."""
    is_single = len(visit.events) == 1
    named_row = None
    if visit.named and is_single:
        try:
            row = tables.active.touch(Touch(visit.named, visit.events, now))
        except Declined as declined:
            named_row = declined.row
        else:
            return Placed({visit.events[0].event_id: row}, {})
    known = find(
        visit.client,
        tables,
        settings,
        now,
        batch=None if is_single else visit,
        candidate=session_id(visit.first_at, urandom(4)),
    )
    if named_row is not None:
        known.rows[named_row.session_id] = named_row
    placing = _Placing(visit, known, tables, settings, now)
    runs = list(_runs(visit, known, tables))
    if len(runs) == 1 and placing.is_settled(runs[0]) and placing.continues_named(runs[0]):
        return Placed(placing.placed, known.duplicates)
    _look(visit, known, tables)
    for run in _runs(visit, known, tables):
        placing.place(run)
    return Placed(placing.placed, known.duplicates)


def find(
    client: Client,
    tables: Tables,
    settings: Settings,
    now: int,
    *,
    batch: Visit | None = None,
    candidate: str | None = None,
) -> Known:
    """Look up the visitor's pointers of the last 24 hours, as a session may go on past
    midnight; of a batch that names a session also that one's row, and which events it has; and
    whether the candidate for a new session's id is free."""
    salts = salts_of_last_day(now, tables.active, settings)
    pointer_ids = [client.pointer_id(salt) for salt in salts]
    named = batch.named if batch else None
    pointer_keys = [events.pointer_key(id_) for id_ in pointer_ids]
    event_keys = _event_keys(batch.repeatable, [named]) if batch and named else []
    found = tables.database.get_many(
        {
            tables.events.name: pointer_keys + event_keys,
            tables.active.name: [
                active_sessions.row_key(id_) for id_ in dict.fromkeys([named, candidate]) if id_
            ],
            tables.sessions.name: [sessions.session_key(candidate)] if candidate else [],
        },
        inexact=[tables.sessions.name],  # what has just closed was a row long before
    )
    pointers = {
        item["session_id"]: events.pointer_from_item(item)
        for item in found[tables.events.name]
        if events.is_pointer(item)
    }
    in_pointer_order = [pointers.get(key["session_id"]) for key in pointer_keys]
    rows = {row.session_id: row for row in active_sessions.readable(found[tables.active.name])}
    is_taken = candidate in rows or found[tables.sessions.name]
    return Known(
        pointer_id=pointer_ids[0],
        pointer=in_pointer_order[0],
        latest=next(filter(None, in_pointer_order), None),
        free_id=None if is_taken else candidate,
        rows={named: rows[named]} if named and named in rows else {},
        duplicates=_places(i for i in found[tables.events.name] if not events.is_pointer(i)),
    )


def _look(visit: Visit, known: Known, tables: Tables) -> None:
    """Find the visitor's rows, and where the events are stored already. One call for most, none
    for a visitor of whom nothing is known."""
    named_row = known.rows.get(visit.named or "")
    ids = dict.fromkeys([*known.session_ids, *([visit.named] if visit.named else [])])
    if named_row is not None:
        ids |= dict.fromkeys(sorted(named_row.relatives))
        is_early = any(event.at < named_row.opened_at for event in visit.events)
        if is_early and named_row.pointer_id != known.pointer_id:
            # Its visitor may have been told by another name when it was opened.
            ids |= dict.fromkeys(_sessions_of(named_row.pointer_id, tables))
    repeatable = visit.repeatable - known.duplicates.keys()
    already = [visit.named] if len(visit.events) > 1 else []  # `find` has looked there
    event_keys = _event_keys(repeatable, [id_ for id_ in ids if id_ not in already])
    row_keys = [active_sessions.row_key(id_) for id_ in ids if id_ not in known.rows]
    row_keys = row_keys[:MOST_KEYS_A_READ]  # `relatives` reads what is beyond
    room = MOST_KEYS_A_READ - len(row_keys)
    found = tables.database.get_many(
        {tables.events.name: event_keys[:room], tables.active.name: row_keys}
    )
    rest = [
        item
        for some in chunks(event_keys[room:], MOST_KEYS_A_READ)
        for item in tables.database.get_many({tables.events.name: some})[tables.events.name]
    ]
    known.duplicates |= _places([*found[tables.events.name], *rest])
    rows = [*known.rows.values(), *active_sessions.readable(found[tables.active.name])]
    known.rows = {
        id_: row
        for id_, row in tables.active.relatives(rows).items()
        if row.site == visit.client.site
    }


def _sessions_of(pointer_id: str, tables: Tables) -> list[str]:
    (found,) = tables.database.get_many(
        {tables.events.name: [events.pointer_key(pointer_id)]}
    ).values()
    return [id_ for item in found for id_ in events.pointer_from_item(item).sessions()]


@dataclass(slots=True)
class _Placing:
    """Places the events of a visit one run after the other. `known.rows` are kept as they are
    after each step."""

    visit: Visit
    known: Known
    tables: Tables
    settings: Settings
    now: int
    placed: dict[str, ActiveSession] = field(default_factory=dict)

    def is_settled(self, run: Sequence[Event]) -> bool:
        """Whether the events belong to the named session and can be nowhere else: they happened
        after it had been opened, and no other one has been opened since."""
        row = self.known.rows.get(self.visit.named or "")
        if row is None or row.later or not self.tables.active.is_open_for(row, run):
            return False
        early = (event.event_id for event in run if event.at < row.opened_at)
        return self.visit.repeatable.isdisjoint(early)

    def continues_named(self, run: Sequence[Event]) -> bool:
        """Put the events into the named session; False if it is not there for them any more."""
        row = self.known.rows[self.visit.named or ""]
        try:
            self._done(self._touch(row, run), run)
        except Declined as declined:
            self._replace(row.session_id, declined.row)
            return False
        return True

    def place(self, run: Sequence[Event]) -> None:
        """Put events with no gap of the timeout into the row that is open for them, as far as
        that has room, and the others into the next one."""
        remaining = list(run)
        for _ in range(ATTEMPTS_TO_PLACE):
            if not remaining:
                return
            row = self._row_for(remaining)
            if row is None:
                self._done(self._open(remaining), remaining)
                return
            fitting = row.that_fit(remaining)
            try:
                touched = self._touch(row, fitting)
            except Declined as declined:
                self._replace(row.session_id, declined.row)
                continue
            self._done(touched, fitting)
            remaining = remaining[len(fitting) :]
        raise Unavailable("too many callers changed the sessions of one visitor at once")

    def _row_for(self, run: Sequence[Event]) -> ActiveSession | None:
        """The named one, or else the one with the newest activity of those that the visitor's
        pointer leads to: there the events are found again when they are sent again. A visitor
        with too many rows gets no more where another one is open."""
        candidates = {self.visit.named, *self.known.session_ids} & self.known.rows.keys()
        if len(self.known.rows) >= MAX_ROWS_OF_A_VISITOR:
            candidates = set(self.known.rows)
        open_rows = [
            row
            for row in (self.known.rows[session_id] for session_id in candidates if session_id)
            if self.tables.active.is_open_for(row, row.that_fit(run))
        ]
        return max(
            open_rows,
            key=lambda row: (
                row.session_id == self.visit.named,
                row.last_activity,
                row.session_id,
            ),
            default=None,
        )

    def _touch(self, row: ActiveSession, run: Sequence[Event]) -> ActiveSession:
        touch = Touch(row.session_id, tuple(run), self.now)
        return self.tables.active.touch(touch, seen=row)

    def _done(self, row: ActiveSession, run: Iterable[Event]) -> None:
        self.known.rows[row.session_id] = row
        self.placed |= {event.event_id: row for event in run}

    def _replace(self, session_id: str, row: ActiveSession | None) -> None:
        if row is None:
            del self.known.rows[session_id]
        else:
            self.known.rows[session_id] = row

    def _open(self, run: Sequence[Event]) -> ActiveSession:
        """A session that is open for the run: opened here, or by a quicker caller."""
        known = self.known
        if known.latest and known.latest.claimed_at > self.now - self.settings.close_after_ms:
            # Claimed so lately that its row, if it is not there, was never there: its opener is
            # between the two writes, or died there. Either way the session is the visitor's.
            opened = self._open_as(known.latest.session_id, run)
            if opened:
                return opened
        standing = known.pointer
        for _ in range(ATTEMPTS_TO_OPEN):
            candidate = known.free_id or self._free_id(run)
            known.free_id = None
            new = _following(standing or known.latest, candidate, self.now)
            standing = self.tables.events.claim(known.pointer_id, new, instead_of=standing)
            known.pointer = known.latest = standing
            opened = self._open_as(standing.session_id, run)
            if opened:
                return opened
        raise Unavailable("too many callers opened a session for one visitor at once")

    def _open_as(self, session_id: str, run: Sequence[Event]) -> ActiveSession | None:
        """Open the id, or continue it where somebody did for the same visitor; None if it is
        another visitor's, or not open for the run."""
        known = self.known
        if session_id in known.rows:
            return None
        for row in known.rows.values():
            if not row.is_full and session_id not in row.later:
                self.tables.active.introduce(row.session_id, session_id)
        row = opened_by(
            [replace(event, session_id=session_id) for event in run],
            pointer_id=known.pointer_id,
            now=self.now,
            earlier=self._earlier(),
        )
        obstacle = self.tables.active.open(row)
        if obstacle is None:
            return row
        if obstacle.pointer_id != known.pointer_id or obstacle.site != self.visit.client.site:
            return None
        known.rows[session_id] = obstacle
        try:
            return self._touch(obstacle, run)
        except Declined as declined:
            self._replace(session_id, declined.row)
            return None

    def _earlier(self) -> frozenset[str]:
        """What a new row is to know of: rows that may turn out to be one session with it, and
        the full one that it goes on from, for engagement with a page of that one."""
        rows = self.known.rows.values()
        full = [row for row in rows if row.is_full]
        last = sorted(full, key=lambda row: row.last_activity)[-1:]
        return frozenset(row.session_id for row in rows if row in last or not row.is_full)

    def _free_id(self, run: Sequence[Event]) -> str:
        """An id that no session has, open or closed."""
        while True:
            candidate = session_id(run[0].at, urandom(4))
            taken = self.tables.database.get_many(
                {
                    self.tables.active.name: [active_sessions.row_key(candidate)],
                    self.tables.sessions.name: [sessions.session_key(candidate)],
                }
            )
            if not any(taken.values()):
                return candidate


def _runs(visit: Visit, known: Known, tables: Tables) -> Iterator[list[Event]]:
    """The new events in runs without a gap that ends a session, the oldest run first; each in
    the order of the request."""
    fresh = (event for event in visit.events if event.event_id not in known.duplicates)
    run: list[Event] = []
    for event in sorted(fresh, key=in_order):
        if run and event.at - run[-1].at >= tables.active.timeout_ms:
            yield sorted(run, key=lambda one: one.position)
            run = []
        run.append(event)
    if run:
        yield sorted(run, key=lambda one: one.position)


def _following(pointer: Pointer | None, session_id: str, now: int) -> Pointer:
    return pointer.followed_by(session_id, now=now) if pointer else Pointer(session_id, now)


def _event_keys(event_ids: Collection[str], session_ids: Iterable[str]) -> list[Item]:
    return [
        events.event_key(session_id, event_id)
        for session_id in session_ids
        for event_id in sorted(event_ids)
    ]


def _places(items: Iterable[Item]) -> dict[str, str]:
    return {item["event_id"]: item.get("moved_to") or item["session_id"] for item in items}
