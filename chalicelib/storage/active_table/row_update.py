"""What new events change in the row of their session, as one conditional update.

Nothing is read before it. The first attempt assumes the usual row: the session is open, has
room, and its newest event is not after these. Each assumption is a condition of the update, so
DynamoDB checks it in the same call and returns the row if one is wrong. The next attempt is
made for the row as it was returned.

    events                       change                              condition
    all                          arrival, number, bytes              open, with room
    older than the session       they become its start               within the timeout of it
    not older than its newest    they become its end                 it is still the newest
    read for longer              `read_until`, `seen_at`, expiry     nothing later is there
    the first 100                markers for live metrics            room for them
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.collection.event import Event, in_order
from chalicelib.domain.sessions.active_session import (
    MAX_MARKED_BYTES,
    MAX_MARKERS,
    ActiveSession,
    active_until_with,
    event_markers,
    latest_user_id,
    reading_after,
)
from chalicelib.domain.sessions.session_limits import (
    FULL_SESSION_BYTES,
    MAX_SESSION_EVENTS,
    MAX_SESSION_MS,
)
from chalicelib.domain.urls.page_url import parse_page_url
from chalicelib.storage.aws.attribute_codec import Item, times_to_item
from chalicelib.storage.aws.update_expression import UpdateExpression

BACKSTOP_SECONDS = 7 * 86_400  # from the end of a session until DynamoDB deletes its row


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """Events of one request and one visitor, for the row `session_id`; at least one. Times in
    ms."""

    session_id: str
    events: tuple[Event, ...]
    received_at: int
    timeout_ms: int

    @property
    def first(self) -> Event:
        return min(self.events, key=in_order)

    @property
    def last(self) -> Event:
        return max(self.events, key=in_order)

    @property
    def size(self) -> int:
        return sum(event.size for event in self.events)

    def fits(self, row: ActiveSession) -> bool:
        """Whether the session is open for the events, and has room for all of them."""
        times = [event.at for event in self.events]
        return (
            row.site == self.first.site
            and row.accepts(min(times), max(times), self.timeout_ms)
            and len(row.fitting_events(self.events)) == len(self.events)
        )

    def may_be_counted_elsewhere(self, row: ActiveSession) -> bool:
        """Whether an event may have been stored in another session of the visitor: it happened
        before this row was opened, or another row has been opened since."""
        return row.first_received_at > self.first.at or bool(row.later)

    def expression(self, row: ActiveSession | None, *, is_checked: bool) -> UpdateExpression:
        """Return the update of a row in this state, or of the usual one if its state is not
        known. If it `is_checked`, the events are known to be stored in no other session."""
        update = UpdateExpression()
        self._require_open(update)
        if not is_checked:
            self._require_counted_nowhere_else(update)
        update.set(touched_at=self.received_at)
        update.add(events=len(self.events), size=self.size)
        is_older = row is not None and self.first.at < row.start_time
        is_newest = row is None or row.last_activity <= self.last.at
        self._extend_start(update, is_older=is_older)
        if is_newest:
            update.set(**end_of_session(self.last))
            update.require("#last_activity <= :last_activity")
        is_read = self._extend_reading(update, row)
        if is_newest or is_read:
            until = active_until_with(row, self.events, timeout_ms=self.timeout_ms)
            update.set(**expiry(until, self.timeout_ms))
            update.require("#expires_at <= :expires_at")
        if row is None or not row.is_truncated:
            self._add_markers(update)
        self._set_user(update, is_newest=is_newest)
        return update

    def _require_open(self, update: UpdateExpression) -> None:
        update.require("#site = :site", site=self.first.site)
        update.require(
            "(#last_activity > :expired OR #read_until > :expired)",
            expired=self.first.at - self.timeout_ms,
        )
        update.require("#start_time > :too_long", too_long=self.first.at - MAX_SESSION_MS)
        update.require(
            "(attribute_not_exists(#events) OR #events <= :most_events)",
            most_events=MAX_SESSION_EVENTS - len(self.events),
        )
        # The session is not full yet when the last of these events comes.
        update.require(
            "(attribute_not_exists(#size) OR #size <= :most_size)",
            most_size=FULL_SESSION_BYTES - (self.size - self.events[-1].size),
        )

    def _require_counted_nowhere_else(self, update: UpdateExpression) -> None:
        update.require("#opened_at <= :first_at", first_at=self.first.at)
        update.require("attribute_not_exists(#later)")
        update.require("attribute_not_exists(#left_at)")  # of releases before 0.2

    def _extend_start(self, update: UpdateExpression, *, is_older: bool) -> None:
        if not is_older:
            update.require("#start_time <= :first_at", first_at=self.first.at)
            return
        update.set(**start_of_session(self.first))
        update.require("#start_time > :first_at", first_at=self.first.at)
        update.require("#start_time < :too_early", too_early=self.last.at + self.timeout_ms)

    def _extend_reading(self, update: UpdateExpression, row: ActiveSession | None) -> bool:
        """Whether the reading that came with the events may keep the session open longer."""
        read_until, seen_at = reading_after(self.events)
        is_longer = read_until is not None and (
            row is None or read_until > (row.read_until or 0)
        )
        if is_longer:
            update.set(read_until=read_until)
            update.require("(attribute_not_exists(#read_until) OR #read_until <= :read_until)")
        if seen_at and (row is None or len(row.seen_at) < MAX_MARKERS):
            update.add(seen_at=times_to_item(seen_at))
            _require_room(update, "seen_at")
        return is_longer or bool(seen_at)

    def _add_markers(self, update: UpdateExpression) -> None:
        views, others = event_markers(self.events)
        update.add(views=views, others=others)
        update.require(
            "(attribute_not_exists(#size) OR #size < :most_marked)",
            most_marked=MAX_MARKED_BYTES,
        )
        if views:
            _require_room(update, "views")
        if others:
            _require_room(update, "others")

    def _set_user(self, update: UpdateExpression, *, is_newest: bool) -> None:
        user_id = latest_user_id(self.events)
        if user_id is not None and is_newest:
            update.set(user_id=user_id)
        elif user_id is not None:
            update.set_if_missing(user_id=user_id)


def start_of_session(first: Event) -> Item:
    """Return the attributes of a row that come from the first event of its session."""
    return {
        "start_time": first.at,
        "visitor_id": first.visitor_id,
        "entry_page": first.page_url,
        "referrer": first.referrer,
        "user_agent": first.user_agent or None,
        "language": first.language,
        "screen": first.screen,
        "country": first.location.country,
        "region": first.location.region,
        "city": first.location.city,
    }


def end_of_session(last: Event) -> Item:
    """Return the attributes of a row that come from the last event of its session."""
    return {"last_activity": last.at, "current_page": parse_page_url(last.page_url).path}


def expiry(active_until: int, timeout_ms: int) -> Item:
    """Return the attributes that say when a session expires whose visitor was active until
    then."""
    expires_at = -(-(active_until + timeout_ms) // 1000)
    return {"expires_at": expires_at, "delete_at": expires_at + BACKSTOP_SECONDS}


def _require_room(update: UpdateExpression, name: str) -> None:
    update.require(
        f"(attribute_not_exists(#{name}) OR size(#{name}) < :most_markers)",
        most_markers=MAX_MARKERS,
    )
