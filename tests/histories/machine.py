"""A state machine that draws histories: visitors come, leave, are late and repeat themselves;
jobs run, overlap, crash and pause for days; readers read at any time. At the end every metric
is compared."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.services.jobs import close_sessions, compact
from tests.histories.draws import (
    APART,
    AROUND_THE_TIMEOUT,
    BEGINNINGS,
    GAPS,
    HOUR_MS,
    KINDS,
    LATENESS,
    LONG_PAUSES,
    LONGEST_REPEAT_MS,
    MONTHLY,
    PAUSES,
    PROPS,
    job_faults,
    maybe_broken,
    pauses,
    people,
    reader_faults,
    sites,
)
from tests.histories.history import DAY_MS, MINUTE_MS, Fault, History
from tests.histories.ledger import Request
from tests.histories.people import ARRIVALS, PATHS, SITES, Person
from tests.histories.plain import TIMEOUT_MS, Seen, day_of
from tests.histories.questions import Question, any_question, month_end
from tests.world import new_world


class Histories(RuleBasedStateMachine):
    """Each rule passes what was drawn to `History`, which compares."""

    is_disturbed = True  # whether calls break, and others come in between
    history: History
    random: Random  # for what makes no difference to what comes next

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0
        self.sent: list[tuple[Request, int]] = []  # and when
        self._stack = ExitStack()
        # Ids are random; the same history must have the same ones again.
        randbytes = Random(0).randbytes
        for name in (
            "os.urandom",
            "chalicelib.services.collect.session_assignment.urandom",
            "chalicelib.services.collect.collect.urandom",
        ):
            self._stack.enter_context(patch(name, randbytes))
        self._stack.enter_context(patch("time.sleep", lambda _: None))
        self._stack.enter_context(patch.object(compact, "CHECKED_EVERY", 1))
        # Crashes are none of the rows' fault here, however many there are.
        self._stack.enter_context(patch.object(close_sessions, "MAX_FAILURES", 1_000))

    @initialize(
        beginning=st.sampled_from(BEGINNINGS), seed=st.integers(0, 2**32), person=people
    )
    def begin(self, beginning: tuple[str, int], seed: int, person: Person) -> None:
        self.random = Random(seed)
        zone, now = beginning
        world = new_world(REPORT_TIMEZONE=zone, VISITOR_KEY="a key for tests")
        self.history = History(world, now, most_recents=self.random.choice([1, 2, 80]))
        self._send(person, SITES[0], person.user_id, None, now)

    @rule(
        person=people,
        site=sites,
        pause=pauses,
        late=st.sampled_from(LATENESS),
        fault=maybe_broken,
    )
    def visit(
        self, person: Person, site: str, pause: int, late: int, fault: Fault | None
    ) -> None:
        """Send events of a visitor, new or returning, who may have no session id yet."""
        self.history.now += pause
        named = self.random.choice([None, None, *self._sessions_of(person)[-2:]])
        user_id = self.random.choice([person.user_id, person.user_id, None])
        self._send(person, site, user_id, named, self.history.now - late, fault)

    @rule(back=st.integers(1, 3), is_named=st.booleans(), pause=pauses, fault=maybe_broken)
    def go_on(self, back: int, is_named: bool, pause: int, fault: Fault | None) -> None:
        """Send the next event of a present visitor."""
        self.history.now += pause
        self._follow(back, is_named, self.history.now, fault)

    @rule(
        back=st.integers(1, 3),
        is_named=st.booleans(),
        gap=st.sampled_from(AROUND_THE_TIMEOUT),
        fault=maybe_broken,
    )
    def return_at_the_edge(
        self, back: int, is_named: bool, gap: int, fault: Fault | None
    ) -> None:
        """Send the next event about half an hour after the last one."""
        request, _ = self.sent[-back:][0]
        row = self.history.ledger.row_of(request.events[0])
        at = row.last + gap
        self.history.now = max(self.history.now, at)
        self._follow(back, is_named, max(at, self.history.now - 22 * HOUR_MS), fault)

    @precondition(lambda self: self.numbers % 7 == 0)
    @rule(person=people, gap=st.sampled_from([TIMEOUT_MS - 1, 20 * MINUTE_MS]))
    def stay(self, person: Person, gap: int) -> None:
        """48 events in one request, and maybe another: sessions end after a day, even without a
        pause."""
        history = self.history
        at = history.now
        events = tuple(
            Seen(
                f"s{at}-{n}",
                SITES[0],
                person,
                None,
                at - n * gap,
                "page_view",
                "/",
                ARRIVALS[0],
            )
            for n in range(48)
        )
        if events[0].event_id in history.ledger.places:
            return
        for some in (events, (replace(events[0], event_id=f"s{at}", at=at + gap),)):
            history.now = max(history.now, some[0].at)
            request = Request(person, SITES[0], None, None, some)
            history.visit(request)
            self.sent.append((request, history.now))

    @rule(
        person=people,
        gaps=st.lists(st.sampled_from(GAPS), min_size=2, max_size=5),
        is_named=st.booleans(),
    )
    def catch_up(self, person: Person, gaps: list[int], is_named: bool) -> None:
        """Hours of events arrive within seconds, one by one and in any order."""
        now = self.history.now
        ages = [max(sum(gaps[:number]), 0) for number in range(len(gaps) + 1)]
        self.random.shuffle(ages)
        for age in ages:
            self.history.now += 1_000
            named = self._sessions_of(person)[-1:] if is_named else []
            at = max(now - age, self.history.now - 22 * HOUR_MS)
            self._send(person, SITES[0], person.user_id, next(iter(named), None), at)

    @precondition(lambda self: self._repeatable())
    @rule(
        back=st.integers(1, 5),
        pause=st.sampled_from(PAUSES + LONG_PAUSES[:3]),
        has_moved_on=st.booleans(),
    )
    def send_again(self, back: int, pause: int, has_moved_on: bool) -> None:
        """Repeat a request, sometimes from a tracker that has received another session id
        since."""
        request, sent_at = self._repeatable()[-back:][0]
        if self.history.now + pause - sent_at <= LONGEST_REPEAT_MS:
            self.history.now += pause
        if has_moved_on:
            request = self._moved_on(request, sent_at)
        oldest = min(event.at for event in request.events)
        if self.history.now - oldest <= DAY_MS:
            self.history.repeat(request)

    @rule(
        back=st.integers(1, 4),
        pause=pauses,
        ms=st.sampled_from([0, 1, 900, 2500, 61_000, 28 * MINUTE_MS]),
        depth=st.sampled_from([None, 0, 30, 100]),
        is_named=st.booleans(),
    )
    def engage(self, back: int, pause: int, ms: int, depth: int | None, is_named: bool) -> None:
        """Let a visitor read on, even for more than half an hour."""
        self.history.now += pause
        request, _ = self.sent[-back:][0]
        view = self.random.choice(request.events)
        named = self.history.ledger.places[view.event_id] if is_named else None
        asked = Request(request.person, request.site, request.user_id, named, ())
        self.history.engage(asked, view, ms, depth)

    @rule(
        pause=st.sampled_from(PAUSES + LONG_PAUSES),
        fault=st.one_of(st.none(), job_faults, job_faults),
        stops_after=st.sampled_from([None, None, None, 0, 1]),
    )
    def close(self, pause: int, fault: Fault | None, stops_after: int | None) -> None:
        self.history.now += pause
        self.history.visitor = self._late_one
        self.history.run_job(fault if self.is_disturbed else None, stops_after)

    @rule(site=sites, fault=st.one_of(st.none(), reader_faults))
    def look(self, site: str, fault: Fault | None) -> None:
        if fault and self.is_disturbed:
            self.history.look_amid(site, fault)
        else:
            self.history.look(site)

    def _late_one(self) -> None:
        """Return an event of a session that is about to close or has just closed."""
        request, _ = self.random.choice(self.sent[-3:])
        event = self.random.choice(request.events)
        place = self.history.ledger.places[event.event_id]
        at = max(event.at + MINUTE_MS, self.history.now - 22 * HOUR_MS)
        at = min(at, self.history.now)
        self._send(request.person, request.site, request.user_id, place, at)

    def _follow(self, back: int, is_named: bool, at: int, fault: Fault | None) -> None:
        request, _ = self.sent[-back:][0]
        named = self.history.ledger.places[request.events[0].event_id] if is_named else None
        user_id = self.random.choice([request.user_id] * 5 + [request.person.user_id])
        self._send(request.person, request.site, user_id, named, at, fault)

    def _send(
        self,
        person: Person,
        site: str,
        user_id: str | None,
        named: str | None,
        at: int,
        fault: Fault | None = None,
    ) -> None:
        """Send one to three events; the newest is at that time."""
        random, arrival = self.random, self.random.choice(ARRIVALS)
        events = []
        for _ in range(random.choice([1, 1, 2, 3])):
            self.numbers += 1
            name, kind, page = f"e{self.numbers}", random.choice(KINDS), random.choice(PATHS)
            props = random.choice(PROPS)
            events.append(Seen(name, site, person, user_id, at, kind, page, arrival, props))
            at -= random.choice(APART)
        request = Request(person, site, user_id, named, tuple(events))
        self.history.visit(request, fault if self.is_disturbed else None)
        self.sent.append((request, self.history.now))

    def teardown(self) -> None:
        with self._stack:
            if hasattr(self, "history") and not sys.exc_info()[0]:
                self._settle_and_ask()

    def _settle_and_ask(self) -> None:
        """When every session is closed, the metrics equal those of the plain lists."""
        history = self.history
        rows = history.ledger.rows.values()
        days = [day_of(e.at, history.zone) for row in rows for e in row.events.values()]
        # First its days are over, then their month.
        for wait in self.random.choice([(5,), (5,), (5, 40)]):
            history.settle(days=wait)
            history.check_sessions_table()
            first, last, zone = min(days), max(days), history.zone.key
            history.ask(Question(first, last, zone))  # from sessions: summaries have no props
            history.ask(Question(first, last, zone, "hour", dimensions=tuple(DIMENSIONS)))
            history.ask(any_question(self.random, first, last, zone))
            if wait == 40:
                first, last = first.replace(day=1), month_end(last)
                history.ask(Question(first, last, zone, dimensions=MONTHLY))

    def _sessions_of(self, person: Person) -> list[str]:
        """Return the sessions of a device, newest last."""
        ids = [
            self.history.ledger.places[request.events[0].event_id]
            for request, _ in self.sent
            if request.person.address == person.address
        ]
        return list(dict.fromkeys(ids))

    def _moved_on(self, request: Request, sent_at: int) -> Request:
        """Return the request of a tracker that has learned a newer session id. If it names a
        session, the visitor's own name is no longer used."""
        ledger = self.history.ledger
        own = [row for row in ledger.rows.values() if row.who == request.who]
        openers = {ledger.row_of(event).who for event in request.events}
        if not own or openers != {own[-1].who} or request.person.name:
            return request
        is_newer = sent_at < own[-1].opened
        return replace(request, named=own[-1].session_id) if is_newer else request

    def _repeatable(self) -> list[tuple[Request, int]]:
        since = self.history.now - LONGEST_REPEAT_MS if self.sent else 0
        return [(request, at) for request, at in self.sent if at >= since]
