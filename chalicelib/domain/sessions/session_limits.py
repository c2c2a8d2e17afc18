"""The limits of a session, for active and closed ones alike.

    gap of 29:59.999   continues          24 hours after its start   ends
    gap of 30:00.000   ends               1,000 events, or 250 KB    ends

Reading a page of the session fills a gap, but neither opens a session nor makes one longer.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.collection.event import MAX_EVENT_BYTES

SESSION_TIMEOUT_MS = 30 * 60 * 1000
MAX_SESSION_MS = 24 * 60 * 60 * 1000
MAX_SESSION_EVENTS = 1_000
MAX_SESSION_BYTES = 250_000  # of `Event.size`: packed, a session must fit one item of 300 KB
FULL_SESSION_BYTES = MAX_SESSION_BYTES - MAX_EVENT_BYTES  # with more, there may be no room


def active_until(last: int, reads: Iterable[int], seen: Iterable[int], timeout_ms: int) -> int:
    """Return when the visitor of a session was last active, in ms: the last event, or the last
    engagement with one of its pages.

    `reads` are times up to which a page was read without a pause; `seen` are times at which one
    was read after a pause. A pause as long as the timeout ends the session:

    >>> active_until(10, reads=[40], seen=[60, 150], timeout_ms=100)
    150
    >>> active_until(10, reads=[40], seen=[60, 160], timeout_ms=100)
    60
    """
    until = max([last, *reads])
    for at in sorted(seen):
        if until < at < until + timeout_ms:
            until = at
    return until


def is_full(events: int, size: int) -> bool:
    """Return whether a session with this many events and bytes accepts no more."""
    return events >= MAX_SESSION_EVENTS or size > FULL_SESSION_BYTES
