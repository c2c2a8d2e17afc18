"""The active sessions table: the open sessions and what belongs to them; read in full each
minute.

    session_id
    sess_...      one row an open session; `touched_at` is the arrival of its newest event
    salt#DAY      the random salt of a day, kept for that day and the next
    closing#ID    closed sessions that are yet to be put into Sessions: see services/closing.py
    aside#KEY     a row that could not be closed, out of the way until it is tried again

`expires_at` decides who is open. `delete_at` is a backstop a week later: DynamoDB deletes late,
and what it deletes is counted by nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from chalicelib.domain.active_session import MOST_VIEWS, ActiveSession
from chalicelib.domain.event import Place
from chalicelib.domain.ids import is_session_id
from chalicelib.domain.session import LONGEST_SESSION_MS
from chalicelib.storage.dynamodb import (
    MOST_KEYS_A_READ,
    ConditionFailed,
    Database,
    TransactionRefused,
    chunks,
    delete_action,
    put_action,
)
from chalicelib.storage.items import Item

SCHEMA_VERSION = 1
BACKSTOP_SECONDS = 7 * 86_400
SALT_BYTES = 32
READABLE_PAGES = 8  # MB that a reader waits for: some 15,000 open sessions


@dataclass(frozen=True, slots=True)
class Touch:
    """What the events of one request change in their session's row. Times in ms."""

    session_id: str
    site: str
    earliest: int
    latest: int
    now: int
    current_page: str
    user_id: str | None
    views: frozenset[str]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Leftover:
    """A transaction that closed sessions, which Sessions may not have yet."""

    closing_id: str
    session_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in the table, or in a page of it. `unreadable` are the keys of rows that make no
    sense; `salts` by day, when each is to be deleted, in seconds; `aside` by key, when each was
    set aside, in ms."""

    rows: list[ActiveSession] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    salts: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    is_complete: bool = True

    def __add__(self, later: Contents) -> Contents:
        return Contents(
            self.rows + later.rows,
            self.unreadable + later.unreadable,
            self.leftovers + later.leftovers,
            self.salts | later.salts,
            self.aside | later.aside,
            later.is_complete,
        )


class OpenedLater(Exception):
    """The session is open, but was opened after the event had happened: the event may have been
    counted in an earlier one."""

    def __init__(self, row: ActiveSession) -> None:
        super().__init__(row.session_id)
        self.row = row


class ActiveSessionTable:
    def __init__(self, database: Database, name: str, timeout_ms: int) -> None:
        self._database = database
        self.name = name
        self.timeout_ms = timeout_ms

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

    def touch(self, touch: Touch, *, seen: ActiveSession | None = None) -> ActiveSession | None:
        """Continue a session with these events; None if it is not open for them.

        The usual event is one update. One that is older than the newest adds itself and leaves
        the times and the current page alone; a row that is full of marks takes no more of them.
        A row that is open, but was opened after one of the events had happened, raises
        OpenedLater and stays as it is, unless it is handed in as `seen`.
        """
        row = seen
        for _ in range(4):  # each failure below rules one way out
            try:
                return from_item(self._update(touch, row, is_seen=seen is not None))
            except ConditionFailed as failure:
                row = from_item(failure.item) if failure.item else None
                if row is None or not self.is_open_for(row, touch.site, touch.earliest):
                    return None
                if seen is None and row.opened_at > touch.earliest:
                    raise OpenedLater(row) from None
        return None

    def leave(self, session_id: str, *, now: int) -> None:
        """Have the row take no more events: its visitor has begun another session. Else late
        ones could take it up again, and one that was counted in the newer session be counted
        here as well."""
        with suppress(ConditionFailed):  # it has closed
            self._database.update(
                self.name,
                row_key(session_id),
                "SET left_at = :now",
                condition="attribute_exists(session_id)",
                values={":now": now},
            )

    def is_open_for(self, row: ActiveSession, site: str, at: int) -> bool:
        """A gap of one millisecond less than the timeout continues, the timeout itself does
        not."""
        return (
            row.site == site
            and row.left_at is None
            and row.last_activity > at - self.timeout_ms
            and row.start_time > at - LONGEST_SESSION_MS
        )

    def _update(self, touch: Touch, row: ActiveSession | None, *, is_seen: bool) -> Item:
        """By what is known of the row; nothing is when this is tried first."""
        is_late = row is not None and row.last_activity > touch.latest
        is_full = row is not None and row.is_full
        changes = ["touched_at = :now"]
        conditions = ["site = :site", "last_activity > :expired", "start_time > :too_long"]
        conditions += ["attribute_not_exists(left_at)"]
        values: Item = {
            ":now": touch.now,
            ":site": touch.site,
            ":expired": touch.earliest - self.timeout_ms,
            ":too_long": touch.earliest - LONGEST_SESSION_MS,
        }
        if not is_seen:
            conditions += ["opened_at <= :earliest"]
            values[":earliest"] = touch.earliest
        if not is_late:
            changes += ["last_activity = :at", "current_page = :page", "expires_at = :expires"]
            changes += ["delete_at = :delete"]
            conditions += ["last_activity <= :at"]
            expires_at = -(-(touch.latest + self.timeout_ms) // 1000)
            values |= {":at": touch.latest, ":page": touch.current_page, ":expires": expires_at}
            values[":delete"] = expires_at + BACKSTOP_SECONDS
            if touch.user_id is not None:
                changes += ["user_id = :user"]
                values[":user"] = touch.user_id
        added = {} if is_full else {"views": touch.views, "others": touch.others}
        added = {name: marks for name, marks in added.items() if marks}
        for name, marks in added.items():
            conditions += [f"(attribute_not_exists(#{name}) OR size(#{name}) < :most)"]
            values |= {f":{name}": marks, ":most": MOST_VIEWS}
        additions = ", ".join(f"#{name} :{name}" for name in added)
        return self._database.update(
            self.name,
            row_key(touch.session_id),
            f"SET {', '.join(changes)}" + (f" ADD {additions}" if added else ""),
            condition=" AND ".join(conditions),
            values=values,
            names={f"#{name}": name for name in added},
        )

    def get(self, session_id: str) -> ActiveSession | None:
        item = self._database.get(self.name, row_key(session_id))
        return from_item(item) if item else None

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

    def leftover_action(self, leftover: Leftover, *, now: int) -> Any:
        """For the same transaction: what remains to be done after it."""
        item = {
            "session_id": f"closing#{leftover.closing_id}",
            "sessions": leftover.session_ids,
        }
        return put_action(self.name, item | {"delete_at": now // 1000 + BACKSTOP_SECONDS})

    def pending(self, closing_ids: Iterable[str]) -> set[str]:
        """Those of the closings that Sessions may not have all sessions of."""
        found: set[str] = set()
        for some in chunks(sorted(closing_ids), MOST_KEYS_A_READ):
            keys = [{"session_id": f"closing#{closing_id}"} for closing_id in some]
            items = self._database.get_many({self.name: keys})[self.name]
            found |= {item["session_id"].removeprefix("closing#") for item in items}
        return found

    def settle(self, leftover: Leftover) -> None:
        self._database.delete(self.name, {"session_id": f"closing#{leftover.closing_id}"})

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
            aside = {"session_id": f"aside#{key}", "aside_at": now, "delete_at": None}
            self._move(key, item | aside)

    def bring_back(self, key: str) -> None:
        """Put a row that was set aside back in its place, to be tried again."""
        aside = f"aside#{key}"
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
            "left_at": row.left_at,
        }


def row_key(session_id: str) -> Item:
    return {"session_id": session_id}


def from_item(item: Item) -> ActiveSession:
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
        left_at=item.get("left_at"),
    )


def _contents(items: Iterable[Item], *, is_complete: bool) -> Contents:
    found = Contents(is_complete=is_complete)
    for item in items:
        key = str(item["session_id"])
        kind, _, rest = key.partition("#")
        if kind == "salt":
            found.salts[rest] = item["delete_at"]
        elif kind == "closing":
            found.leftovers.append(Leftover(rest, item["sessions"]))
        elif kind == "aside":
            found.aside[rest] = item["aside_at"]
        elif is_session_id(key):
            try:
                found.rows.append(from_item(item))
            except (KeyError, TypeError, ValueError):
                found.unreadable.append(key)
        else:
            found.unreadable.append(key)
    return found
