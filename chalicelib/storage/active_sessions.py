"""The active sessions table: the open sessions and what belongs to them; read in full each
minute.

    session_id
    sess_...      one row an open session; `touched_at` is the arrival of its newest event
    salt#DAY      the random salt of a day, kept for that day and the next
    closing#ID    rows that a run of the job closes: see services/jobs/close_sessions.py
    aside#KEY     a row that could not be closed, out of the way until it is tried again

`expires_at` decides who is open. `delete_at` is a backstop a week later: DynamoDB deletes late,
and what it deletes is counted by nobody.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from chalicelib.domain.collection.event import Event, Place, larger
from chalicelib.domain.collection.ids import event_tail, is_session_id
from chalicelib.domain.sessions.active_session import (
    MAX_LATER_ROWS,
    MAX_MARKED_BYTES,
    MAX_MARKS,
    ActiveSession,
    active_until_with,
    last_user_id,
    marks,
    readings,
)
from chalicelib.domain.sessions.session import (
    FULL_BYTES,
    LONGEST_SESSION_MS,
    MAX_EVENTS,
    in_order,
)
from chalicelib.domain.urls.page_url import parse_page
from chalicelib.storage.aws.attribute_codec import Item, times_from_item, times_to_item
from chalicelib.storage.aws.database import (
    MOST_KEYS_A_READ,
    ConditionFailed,
    Database,
    TransactionRefused,
    Unavailable,
    check_action,
    chunks,
    delete_action,
    put_action,
)

SCHEMA_VERSION = 1
BACKSTOP_SECONDS = 7 * 86_400
ATTEMPTS_TO_ENGAGE = 8  # of those who try at once, one is done each time
SALT_BYTES = 32
UNREADABLE = (KeyError, TypeError, ValueError)  # what an item that is no row raises
ASIDE = "aside#"
READABLE_PAGES = 8  # MB that a reader waits for: some 15,000 open sessions


@dataclass(frozen=True, slots=True)
class Touch:
    """What events of one request, of one visitor, change in the row `session_id`. `now` is
    their arrival, in ms; `first` and `last` are the ends of their times."""

    session_id: str
    events: tuple[Event, ...]
    now: int

    @property
    def site(self) -> str:
        return self.events[0].site

    @property
    def first(self) -> Event:
        return min(self.events, key=in_order)

    @property
    def last(self) -> Event:
        return max(self.events, key=in_order)

    @property
    def size(self) -> int:
        return sum(event.size for event in self.events)


@dataclass(frozen=True, slots=True)
class Closing:
    """Rows that a run of the job closes in one transaction; `began_at` in ms.

    session_ids    the ids under which the events are when they have closed
    moved          the rows whose events are moved to another id, and that id
    """

    closing_id: str
    session_ids: frozenset[str]
    began_at: int
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def row_ids(self) -> frozenset[str]:
        return self.session_ids | self.moved.keys()

    def moved_to(self, session_id: str) -> list[str]:
        """The rows whose events are moved to that id."""
        return sorted(old for old, new in self.moved.items() if new == session_id)

    def without(self, row_ids: Collection[str]) -> Closing:
        """The part of it whose rows are none of these."""
        left = self.session_ids - {self.moved.get(row_id, row_id) for row_id in row_ids}
        moved = {old: new for old, new in self.moved.items() if new in left}
        return replace(self, session_ids=left, moved=moved)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in the table, or in a page of it. `unreadable` are the keys of rows that make no
    sense; `salts` by day, when each is to be deleted, in seconds; `aside` by key, when each was
    set aside, in ms."""

    rows: list[ActiveSession] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    salts: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    is_complete: bool = True

    def __add__(self, later: Contents) -> Contents:
        return Contents(
            self.rows + later.rows,
            self.unreadable + later.unreadable,
            self.closings + later.closings,
            self.salts | later.salts,
            self.aside | later.aside,
            later.is_complete,
        )


class Declined(Exception):
    """The row takes the events not at all, or not before what else there is of the visitor has
    been looked at; it stays as it is. None if it is not there."""

    def __init__(self, row: ActiveSession | None) -> None:
        super().__init__("the row declines the events")
        self.row = row


class ActiveSessionTable:
    def __init__(self, database: Database, name: str, timeout_ms: int) -> None:
        self._database = database
        self.name = name
        self.timeout_ms = timeout_ms
        # Marks that this process could not delete when it had done with their rows. Only the
        # mark of a run that died says something about its rows.
        self.outlived: set[str] = set()

    def open(self, row: ActiveSession) -> ActiveSession | None:
        """Put a new row; where the id has one already, return that instead and change
        nothing."""
        try:
            self._database.put(
                self.name, self._to_item(row), condition="attribute_not_exists(session_id)"
            )
        except ConditionFailed as failure:
            return from_item(failure.item) if failure.item else row
        return None

    def touch(self, touch: Touch, *, seen: ActiveSession | None = None) -> ActiveSession:
        """Continue a session with these events; the row as it is then.

        The usual event is one update. One that is older than the newest adds itself and leaves
        the times and the current page alone; one that is older than the first becomes the
        entry; a row that is full of marks takes no more of them.

        Raise Declined if the row is not open for the events. A row that is open for them, but
        was opened after one of them had happened, or before another row of the visitor, raises
        it too unless it is handed in as `seen`: the event may have been counted elsewhere.
        """
        row = seen
        for _ in range(8):  # each failure below rules one way out
            try:
                return from_item(self._update(touch, row, is_seen=seen is not None))
            except ConditionFailed as failure:
                row = from_item(failure.item) if failure.item else None
                if row is None or not self.is_open_for(row, touch.events):
                    break
                if seen is None and (row.opened_at > touch.first.at or row.later):
                    break
        raise Declined(row)

    def is_open_for(self, row: ActiveSession, events: Sequence[Event]) -> bool:
        """Whether the row has room for all of these events, of which there is at least one,
        and they belong to its session."""
        if not events:
            return False
        times = [event.at for event in events]
        return (
            row.site == events[0].site
            and row.is_near(min(times), max(times), self.timeout_ms)
            and len(row.that_fit(events)) == len(events)
        )

    def engage(
        self, row: ActiveSession, *, read_until: int | None, seen_at: int | None, now: int
    ) -> ActiveSession | None:
        """Keep a session open for who has read a page of it, and from being closed for as long
        as a collector runs; None if it has closed. `now` is the arrival, in ms."""
        seen: ActiveSession | None = row
        for _ in range(ATTEMPTS_TO_ENGAGE):
            if seen is None:
                return None
            has_room = len(seen.seen_at) < MAX_MARKS
            engaged = replace(
                seen,
                read_until=larger(seen.read_until, read_until),
                seen_at=seen.seen_at | ({seen_at} if seen_at and has_room else set()),
                touched_at=max(seen.touched_at, now),
            )
            try:
                return self._put_engaged(engaged, new=engaged.seen_at - seen.seen_at)
            except ConditionFailed as failure:
                seen = from_item(failure.item) if failure.item else None
        raise Unavailable("too many callers changed one session at once")

    def _put_engaged(self, row: ActiveSession, *, new: frozenset[int]) -> ActiveSession:
        """`new` are the times of `seen_at` that the table does not have yet."""
        changes = {
            "touched_at": row.touched_at,
            "read_until": row.read_until,
            **self._expiry(row.active_until(self.timeout_ms)),
        }
        expression, values, names = _expression(
            changes, {"seen_at": times_to_item(new)}, kept=()
        )
        conditions = ["touched_at <= :touched_at", "expires_at <= :expires_at"]
        if row.read_until is not None:
            conditions.append("(attribute_not_exists(read_until) OR read_until <= :read_until)")
        return from_item(
            self._database.update(
                self.name,
                row_key(row.session_id),
                expression,
                condition=" AND ".join(conditions),
                values=values,
                names=names,
            )
        )

    def retract(self, row: ActiveSession, event: Event) -> None:
        """Take back what `touch` added for an event that turned out to be stored before. The
        row is as `touch` returned it."""
        views, others = marks([event])
        tail = event_tail(event.event_id)
        gone: Item = {}
        for name, own, all_marks in (
            ("views", views, row.views),
            ("others", others, row.others),
        ):
            same = {mark for mark in all_marks if mark[: len(tail)] == tail}
            if own & same and len(same) > 1:
                gone[name] = own
        subtractions = ", ".join(f"#{name} :{name}" for name in gone)
        with suppress(ConditionFailed):  # it has closed
            self._database.update(
                self.name,
                row_key(row.session_id),
                "ADD #events :less, #size :smaller"
                + (f" DELETE {subtractions}" if gone else ""),
                condition="attribute_exists(session_id)",
                values={":less": -1, ":smaller": -event.size}
                | {f":{name}": own for name, own in gone.items()},
                names={f"#{name}": name for name in ("events", "size", *gone)},
            )

    def introduce(self, session_id: str, later: str) -> None:
        """Tell a row that its visitor opens another one: what comes for it from now on may
        have been counted there, and they may turn out to be one session."""
        with suppress(ConditionFailed):  # it has closed, or knows of too many
            self._database.update(
                self.name,
                row_key(session_id),
                "ADD later :later",
                condition="attribute_exists(session_id) AND "
                "(attribute_not_exists(later) OR size(later) < :most)",
                values={":later": frozenset({later}), ":most": MAX_LATER_ROWS},
            )

    def _update(self, touch: Touch, row: ActiveSession | None, *, is_seen: bool) -> Item:
        """By what is known of the row; nothing is when this is tried first."""
        first, last = touch.first, touch.last
        is_early = row is not None and first.at < row.start_time
        is_late = row is not None and row.last_activity > last.at
        is_cut = row is not None and row.is_cut
        read_until, seen_at = readings(touch.events)
        changes: Item = {"touched_at": touch.now}
        conditions = [
            "site = :site",
            "(last_activity > :expired OR read_until > :expired)",
            "start_time > :too_long",
            "(attribute_not_exists(#events) OR #events <= :most_events)",
            "(attribute_not_exists(#size) OR #size <= :most_size)",
        ]
        values: Item = {
            ":site": touch.site,
            ":expired": first.at - self.timeout_ms,
            ":too_long": first.at - LONGEST_SESSION_MS,
            ":most_events": MAX_EVENTS - len(touch.events),
            ":most_size": FULL_BYTES - (touch.size - touch.events[-1].size),
        }
        if not is_seen:
            conditions += ["opened_at <= :first", "attribute_not_exists(later)"]
            conditions += ["attribute_not_exists(left_at)"]  # of releases before 0.2
        if is_early:
            changes |= _entry(first)
            conditions += ["start_time > :first", "start_time < :too_early"]
            values[":too_early"] = last.at + self.timeout_ms
        else:
            conditions += ["start_time <= :first"]
        values[":first"] = first.at
        if not is_late:
            changes |= _exit(last)
            conditions += ["last_activity <= :last_activity"]
        added: Item = {"events": len(touch.events), "size": touch.size}
        if read_until is not None and (row is None or read_until > (row.read_until or 0)):
            changes["read_until"] = read_until
            conditions += ["(attribute_not_exists(read_until) OR read_until <= :read_until)"]
        if seen_at and (row is None or len(row.seen_at) < MAX_MARKS):
            added["seen_at"] = times_to_item(seen_at)
            conditions += ["(attribute_not_exists(seen_at) OR size(seen_at) < :most_marks)"]
            values[":most_marks"] = MAX_MARKS
        if not is_late or seen_at or "read_until" in changes:
            changes |= self._expiry(
                active_until_with(row, touch.events, timeout_ms=self.timeout_ms)
            )
            conditions += ["expires_at <= :expires_at"]
        if not is_cut:
            added["views"], added["others"] = marks(touch.events)
            conditions += [
                "(attribute_not_exists(#size) OR #size < :most_marked)",
                *(
                    f"(attribute_not_exists(#{name}) OR size(#{name}) < :most_marks)"
                    for name in ("views", "others")
                    if added[name]
                ),
            ]
            values |= {":most_marked": MAX_MARKED_BYTES, ":most_marks": MAX_MARKS}
        user_id = last_user_id(touch.events)
        if user_id is not None:
            changes["user_id"] = user_id
        expression, more, names = _expression(
            changes, added, kept={"user_id"} if is_late else ()
        )
        return self._database.update(
            self.name,
            row_key(touch.session_id),
            expression,
            condition=" AND ".join(conditions),
            values=values | more,
            names=names,
        )

    def _expiry(self, active_until: int) -> Item:
        expires_at = -(-(active_until + self.timeout_ms) // 1000)
        return {"expires_at": expires_at, "delete_at": expires_at + BACKSTOP_SECONDS}

    def get(self, session_id: str) -> ActiveSession | None:
        item = self._database.get(self.name, row_key(session_id))
        return from_item(item) if item else None

    def get_many(self, session_ids: Iterable[str]) -> dict[str, ActiveSession]:
        """The rows that there are and that can be read, by their ids."""
        items = self._items(session_ids)
        return {row.session_id: row for row in readable(items)}

    def those_there(self, session_ids: Iterable[str]) -> frozenset[str]:
        """The ids of those rows that there are, whether they can be read or not."""
        return frozenset(item["session_id"] for item in self._items(session_ids))

    def _items(self, session_ids: Iterable[str]) -> Iterator[Item]:
        for some in chunks(sorted(session_ids), MOST_KEYS_A_READ):
            yield from self._database.get_many({self.name: list(map(row_key, some))})[self.name]

    def relatives(self, rows: Iterable[ActiveSession]) -> dict[str, ActiveSession]:
        """The rows of the visitors of these rows, themselves included, by their ids. Beyond a
        full row, which is closed alone, are none that matter."""
        found = {row.session_id: row for row in rows}
        read = set(found)
        while (
            unread := {
                id_ for row in found.values() if not row.is_full for id_ in row.relatives
            }
            - read
        ):
            read |= unread
            found |= self.get_many(unread)
        return found

    def pages(
        self, *, segment: int = 0, segments: int = 1, is_exact: bool = True
    ) -> Iterator[Contents]:
        """Everything in the table, or in one of several equal parts of it, 1 MB at a time. Not
        exact, it may lack the changes of the last second."""
        pages = self._database.scan_pages(
            self.name, segment=segment, segments=segments, is_exact=is_exact
        )
        return (_contents(items, is_complete=is_last) for items, is_last in pages)

    def contents(self) -> Contents:
        """What READABLE_PAGES pages hold: everything, unless `is_complete` says otherwise."""
        found = Contents()
        for page in islice(self.pages(), READABLE_PAGES):
            found = found + page
        return found

    def first_page(self) -> Contents:
        """What one call reads."""
        return next(self.pages())

    def salt(self, day: str, *, delete_at: int) -> bytes:
        """The salt of a day (YYYY-MM-DD), to be deleted at that second. The first to ask makes
        it, everyone gets the same."""
        key = {"session_id": f"salt#{day}"}
        found = self._database.get(self.name, key)
        if found:
            return bytes(found["salt"])
        salt = os.urandom(SALT_BYTES)
        try:
            self._database.put(
                self.name,
                key | {"salt": salt, "delete_at": delete_at},
                condition="attribute_not_exists(session_id)",
            )
        except ConditionFailed as failure:
            return (
                bytes(failure.item["salt"])
                if failure.item
                else self.salt(day, delete_at=delete_at)
            )
        return salt

    def delete_salts(self, days: Iterable[str]) -> None:
        self._database.delete_many(self.name, [{"session_id": f"salt#{day}"} for day in days])

    def delete_actions(self, rows: Iterable[ActiveSession]) -> list[Any]:
        """For the transaction that closes: each row, on condition that no event has come
        since."""
        return [
            delete_action(
                self.name,
                row_key(row.session_id),
                condition="touched_at = :read",
                values={":read": row.touched_at},
            )
            for row in rows
        ]

    def check_actions(self, rows: Iterable[ActiveSession]) -> list[Any]:
        """For the same transaction: no event has come for these either, which stay or have
        been closed before."""
        return [
            check_action(
                self.name,
                row_key(row.session_id),
                condition="attribute_not_exists(session_id) OR touched_at = :read",
                values={":read": row.touched_at},
            )
            for row in rows
        ]

    def begin(self, closing: Closing) -> None:
        """Leave a mark of a closing, before its rows are read."""
        item = {
            "session_id": f"closing#{closing.closing_id}",
            "sessions": closing.session_ids,
            "began_at": closing.began_at,
            "moved": frozenset(f"{old}|{new}" for old, new in closing.moved.items()),
            "delete_at": closing.began_at // 1000 + BACKSTOP_SECONDS,
        }
        self._database.put(self.name, item)

    def pending(self, closing_ids: Iterable[str]) -> set[str]:
        """Those of the closings that Sessions may not have all sessions of."""
        found: set[str] = set()
        for some in chunks(sorted(closing_ids), MOST_KEYS_A_READ):
            keys = [{"session_id": f"closing#{closing_id}"} for closing_id in some]
            items = self._database.get_many({self.name: keys})[self.name]
            found |= {item["session_id"].removeprefix("closing#") for item in items}
        return found

    def end(self, closing_id: str) -> bool:
        """Nothing is left to do of the closing. False if another run has said so before."""
        is_first = True
        try:
            self._database.delete(
                self.name,
                {"session_id": f"closing#{closing_id}"},
                condition="attribute_exists(session_id)",
            )
        except ConditionFailed:
            is_first = False
        self.outlived.discard(closing_id)
        return is_first

    def count_failure(self, key: str) -> int:
        """How often it has now failed to close the row with that key."""
        try:
            item = self._database.update(
                self.name,
                row_key(key),
                "ADD failures :one",
                values={":one": 1},
                condition="attribute_exists(session_id)",
            )
        except ConditionFailed:
            return 0  # another run has closed it
        failures: int = item["failures"]
        return failures

    def set_aside(self, key: str, *, now: int) -> None:
        """Take a row out of the way, with all that it holds. Nothing deletes it."""
        item = self._database.get(self.name, row_key(key))
        if item is not None:
            aside = {"session_id": f"{ASIDE}{key}", "aside_at": now, "delete_at": None}
            self._move(key, item | aside)

    def bring_back(self, key: str) -> None:
        """Put a row that was set aside back in its place, to be tried again."""
        aside = f"{ASIDE}{key}"
        item = self._database.get(self.name, row_key(aside))
        if item is not None:
            self._move(aside, item | {"session_id": key, "aside_at": None, "failures": None})

    def _move(self, key: str, item: Item) -> None:
        """Who comes second moves nothing."""
        exists = "attribute_exists(session_id)"
        with suppress(TransactionRefused):
            self._database.transact(
                [
                    put_action(self.name, item),
                    delete_action(self.name, row_key(key), condition=exists),
                ]
            )

    def _to_item(self, row: ActiveSession) -> Item:
        expires_at = row.expires_at(self.timeout_ms)
        return {
            "v": SCHEMA_VERSION,
            "session_id": row.session_id,
            "site": row.site,
            "visitor_id": row.visitor_id,
            "pointer_id": row.pointer_id,
            "user_id": row.user_id,
            "start_time": row.start_time,
            "last_activity": row.last_activity,
            "expires_at": expires_at,
            "delete_at": expires_at + BACKSTOP_SECONDS,
            "opened_at": row.opened_at,
            "touched_at": row.touched_at,
            "entry_page": row.entry_url,
            "current_page": row.current_page,
            "referrer": row.referrer,
            "user_agent": row.user_agent or None,
            "language": row.language,
            "screen": row.screen,
            "country": row.place.country,
            "region": row.place.region,
            "city": row.place.city,
            "views": row.views,
            "others": row.others,
            "events": row.events,
            "size": row.size,
            "earlier": row.earlier,
            "later": row.later,
            "read_until": row.read_until,
            "seen_at": times_to_item(row.seen_at),
        }


def row_key(session_id: str) -> Item:
    return {"session_id": session_id}


def readable(items: Iterable[Item]) -> Iterator[ActiveSession]:
    """The rows of these items, without those that make no sense: the job sets them aside."""
    for item in items:
        with suppress(*UNREADABLE):
            yield from_item(item)


def from_item(item: Item) -> ActiveSession:
    # Releases before 0.2 noted when a later row was opened, not which: its own id stands in.
    later = frozenset({item["session_id"]} if "left_at" in item else ())
    return ActiveSession(
        session_id=item["session_id"],
        site=item["site"],
        visitor_id=item["visitor_id"],
        pointer_id=item["pointer_id"],
        user_id=item.get("user_id"),
        start_time=item["start_time"],
        last_activity=item["last_activity"],
        opened_at=item["opened_at"],
        touched_at=item["touched_at"],
        entry_url=item["entry_page"],
        current_page=item["current_page"],
        referrer=item.get("referrer"),
        user_agent=item.get("user_agent", ""),
        language=item.get("language"),
        screen=item.get("screen"),
        place=Place(item.get("country"), item.get("region"), item.get("city")),
        views=item.get("views", frozenset()),
        others=item.get("others", frozenset()),
        events=item.get("events", 0),
        size=item.get("size", 0),
        earlier=item.get("earlier", frozenset()),
        later=item.get("later", later),
        failures=item.get("failures", 0),
        read_until=item.get("read_until"),
        seen_at=times_from_item(item, "seen_at"),
    )


def _entry(first: Event) -> Item:
    """What a row has of the first event of its session."""
    return {
        "start_time": first.at,
        "visitor_id": first.visitor_id,
        "entry_page": first.page_url,
        "referrer": first.referrer,
        "user_agent": first.user_agent or None,
        "language": first.language,
        "screen": first.screen,
        "country": first.place.country,
        "region": first.place.region,
        "city": first.place.city,
    }


def _exit(last: Event) -> Item:
    """What a row has of the last event of its session."""
    return {"last_activity": last.at, "current_page": parse_page(last.page_url).path}


def _expression(
    changes: Item, added: Item, *, kept: Collection[str]
) -> tuple[str, Item, dict[str, str]]:
    """The update expression that makes these changes, with its values and names. What is None
    is removed, what is `kept` stays if it is there, and empty sets are left out."""
    given = {name: value for name, value in changes.items() if value is not None}
    added = {name: value for name, value in added.items() if value != frozenset()}
    clauses = {
        "SET": [
            f"#{name} = if_not_exists(#{name}, :{name})"
            if name in kept
            else f"#{name} = :{name}"
            for name in given
        ],
        "REMOVE": [f"#{name}" for name in changes if name not in given],
        "ADD": [f"#{name} :{name}" for name in added],
    }
    expression = " ".join(f"{verb} {', '.join(some)}" for verb, some in clauses.items() if some)
    values = {f":{name}": value for name, value in (given | added).items()}
    return expression, values, {f"#{name}": name for name in (*changes, *added)}


def _contents(items: Iterable[Item], *, is_complete: bool) -> Contents:
    found = Contents(is_complete=is_complete)
    for item in items:
        key = str(item["session_id"])
        kind, _, rest = key.partition("#")
        if kind == "salt":
            found.salts[rest] = item["delete_at"]
        elif kind == "closing":
            moved = (pair.split("|") for pair in item.get("moved", ()))
            found.closings.append(
                Closing(rest, item["sessions"], item.get("began_at", 0), dict(moved))
            )
        elif key.startswith(ASIDE):
            found.aside[rest] = item["aside_at"]
        elif is_session_id(key):
            try:
                found.rows.append(from_item(item))
            except UNREADABLE:
                found.unreadable.append(key)
        else:
            found.unreadable.append(key)
    return found
