"""Sessions computed from lists of events, in the plainest way that follows the definitions.

It shares no code with the product. `Seen` is an accepted event; a `PlainSession` has what
tests/domain/oracle.py needs of a session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.histories.people import Arrival, Person

TIMEOUT_MS = 30 * 60_000
LONGEST_MS = 24 * 3_600_000


def day_of(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at / 1000, zone).date()


@dataclass
class Seen:
    """An accepted event, with the largest reported engagement."""

    event_id: str
    site: str
    person: Person
    user_id: str | None
    at: int  # ms
    event_type: str
    page: str
    arrival: Arrival
    props: Mapping[str, Any] = field(default_factory=dict)
    engaged_ms: int = 0
    scroll_depth: int | None = None
    received: int = 0  # ms
    position: int = 0  # in the request
    reads: list[tuple[int, int]] = field(default_factory=list)  # engagement: when, and its ms

    @property
    def order(self) -> tuple[int, int, int, str]:
        return self.at, self.received, self.position, self.event_id

    @property
    def is_page_view(self) -> bool:
        return self.event_type == "page_view"


@dataclass
class PlainSession:
    steps: list[Seen]
    report_zone: ZoneInfo

    @property
    def first(self) -> Seen:
        return self.steps[0]

    @property
    def site(self) -> str:
        return self.first.site

    @property
    def started_at(self) -> int:
        return self.first.at

    @property
    def last_activity(self) -> int:
        return self.steps[-1].at

    @property
    def active_until(self) -> int:
        return active_until(self.steps)

    @property
    def duration_ms(self) -> int:
        return self.last_activity - self.started_at

    @property
    def views(self) -> list[Seen]:
        return [step for step in self.steps if step.is_page_view]

    @property
    def pages(self) -> list[str]:
        return [view.page for view in self.views]

    @property
    def pageviews(self) -> int:
        return len(self.views)

    @property
    def events(self) -> int:
        return len([step for step in self.steps if not step.is_page_view])

    @property
    def engaged_ms(self) -> int:
        return sum(step.engaged_ms for step in self.steps)

    @property
    def is_bounce(self) -> bool:
        return len(self.steps) == 1 and self.first.is_page_view

    @property
    def user_id(self) -> str | None:
        named = [step.user_id for step in self.steps if step.user_id]
        return named[-1] if named else None

    @property
    def visitor(self) -> tuple[Any, ...]:
        """Return the user that the site named last, or the address and browser on the day of
        the first event."""
        if self.user_id:
            return self.site, self.user_id
        person, day = self.first.person, day_of(self.started_at, self.report_zone)
        return self.site, day, person.address, person.agent.user_agent

    @property
    def entry_page(self) -> str | None:
        return self.pages[0] if self.pages else None

    @property
    def exit_page(self) -> str | None:
        return self.pages[-1] if self.pages else None

    @property
    def hostname(self) -> str:
        return f"www.{self.site}"

    @property
    def referrer(self) -> str | None:
        return None if self.first.arrival.is_internal else self.first.arrival.referrer

    @property
    def language(self) -> str | None:
        return self.first.person.language

    @property
    def screen(self) -> str | None:
        return self.first.person.screen

    def __getattr__(self, name: str) -> Any:
        """Attributes of the first event: source, device and location."""
        for told in (self.first.arrival, self.first.person.agent, self.first.person.place):
            if hasattr(told, name):
                return getattr(told, name)
        raise AttributeError(name)


def active_until(steps: Iterable[Seen]) -> int:
    """Return the time of a session's last event or engagement, without a gap of half an
    hour."""
    steps = list(steps)
    until = max(step.at for step in steps)
    reads = sorted((at, view.at, ms) for view in steps for at, ms in view.reads)
    for at, view_at, ms in [*reads, *reads]:  # a report can stand for those before it
        if at - until < TIMEOUT_MS or at - view_at - ms < TIMEOUT_MS:
            until = max(until, at)
    return until


def build_sessions(events: Iterable[Seen], report_zone: ZoneInfo) -> list[PlainSession]:
    """Sort events by time, arrival, position and id; a gap of half an hour without engagement
    ends a session, and so does a day."""
    results: list[PlainSession] = []
    for event in sorted(events, key=lambda event: event.order):
        if (
            not results
            or event.at - results[-1].active_until >= TIMEOUT_MS
            or event.at - results[-1].started_at >= LONGEST_MS
        ):
            results.append(PlainSession([], report_zone))
        results[-1].steps.append(event)
    return results
