"""The order in which events arrive does not matter, nor how they are split into requests: their
sessions are those of the events sorted by time, then arrival, then position in the request.

The oracle knows times, not the product: it sorts, and splits where half an hour passes without
an event, and without a reader of a page of the session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.packs.pack import read_pack
from chalicelib.web.reading.reports import session_list, stats, timeline
from tests.world import START, World, custom, new_world, page_view

MINUTE_MS = 60_000
HALF_HOUR_MS = 30 * MINUTE_MS
DAY_MS = 24 * 60 * MINUTE_MS
NOON = START + 2 * 60 * MINUTE_MS


@dataclass(frozen=True)
class SnapshotData:
    """An event as the oracle sees it: when it happened and arrived, and its position there."""

    at: int
    arrival: int
    position: int
    page: str | None  # None for an event that is no page view
    reads: list[tuple[int, int]] = field(default_factory=list)  # engagement: time and ms

    @property
    def order(self) -> tuple[int, int, int]:
        return self.at, self.arrival, self.position


def active_until(session: list[SnapshotData]) -> int:
    """Return the time of the last event, or of the last reading, without half an hour of
    inactivity in between."""
    reads = sorted((at, view.at, ms) for view in session for at, ms in view.reads)
    until = session[-1].at
    for at, view_at, ms in [*reads, *reads]:  # a report can stand for those before it
        if at - until < HALF_HOUR_MS or at - view_at - ms < HALF_HOUR_MS:
            until = max(until, at)
    return until


def expected(events: list[SnapshotData]) -> list[tuple[Any, ...]]:
    """Return start, pages, number of other events, end and engaged time of each session."""
    sessions: list[list[SnapshotData]] = []
    for event in sorted(events, key=lambda event: event.order):
        if not sessions or (
            event.at - active_until(sessions[-1]) >= HALF_HOUR_MS
            or event.at - sessions[-1][0].at >= DAY_MS
        ):
            sessions.append([])
        sessions[-1].append(event)
    return sorted(
        (
            session[0].at,
            tuple(event.page for event in session if event.page),
            sum(event.page is None for event in session),
            session[-1].at,
            sum(max((ms for _, ms in event.reads), default=0) for event in session),
        )
        for session in sessions
    )


def closed_sessions(world: World) -> list[tuple[Any, ...]]:
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    return sorted(
        (one.started_at, tuple(one.pages), one.events, one.last_activity, one.engaged_ms)
        for recent in recents
        for one in read_pack(recent.packed).sessions()
    )


@dataclass(frozen=True)
class Read:
    """Engagement with the page view of that number, and how long after it, in ms."""

    number: int
    after: int
    engaged_ms: int


@dataclass(frozen=True)
class Request:
    """Some of the events, by their numbers in the order of the request, and the pause before
    it. `session` is the session id that the client sends: none, the newest or the first."""

    numbers: tuple[int | Read, ...]
    pause: int
    session: str


steps = st.sampled_from(
    [0, 0, 1, MINUTE_MS, 20 * MINUTE_MS, HALF_HOUR_MS - 1, HALF_HOUR_MS, 5 * 60 * MINUTE_MS]
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], list[bool], list[Request]]:
    """Draw times before NOON, whether each is a page view, and the requests that contain the
    events and what was read, in any order and split. A page view comes before its reading, or
    with it."""
    times = [0]
    for _ in range(draw(st.integers(1, 8))):
        times.append(max(times[-1] - draw(steps), -23 * 60 * MINUTE_MS))
    views = [draw(st.sampled_from([True, True, False])) for _ in times]
    order: list[int | Read] = list(draw(st.permutations(range(len(times)))))
    for number in draw(st.lists(st.sampled_from(range(len(times))), max_size=4)):
        if views[number]:
            after = draw(st.sampled_from([0, 10 * MINUTE_MS, 25 * MINUTE_MS, 50 * MINUTE_MS]))
            after = min(after, -times[number])
            read = Read(number, after, draw(st.sampled_from([0, MINUTE_MS, after])))
            order.insert(draw(st.integers(order.index(number) + 1, len(order))), read)
    requests, start = [], 0
    while start < len(order):
        size = draw(st.integers(1, 4))
        numbers = tuple(order[start : start + size])
        pause = draw(st.sampled_from([1, 250, 20_000]))
        requests.append(
            Request(numbers, pause, draw(st.sampled_from(["none", "newest", "first"])))
        )
        start += size
    return times, views, requests


ONE_BY_ONE = [Request((number,), 1_000, "newest") for number in range(3)]


@given(cases(), st.booleans())
@example(
    (
        [-MINUTE_MS * 114, 0, -MINUTE_MS * 112],
        [True] * 3,
        ONE_BY_ONE,
    ),
    False,
)
@example(([-MINUTE_MS * 58, 0, -MINUTE_MS * 29], [True] * 3, ONE_BY_ONE), True)
@example(
    (
        [-MINUTE_MS * 50, 0],
        [True, False],
        [
            Request((number,), 1_000, "none")
            for number in (1, 0, Read(0, 25 * MINUTE_MS, MINUTE_MS))
        ],
    ),
    True,
)
@settings(deadline=None, max_examples=200)
def test_any_order_and_any_split_give_the_sessions_of_the_sorted_events(
    case: tuple[list[int], list[bool], list[Request]], has_jobs: bool
):
    times, views, requests = case
    world = new_world()
    told: list[SnapshotData] = []
    answered: list[str] = []
    now = NOON
    for request in requests:
        now += request.pause
        known = {"newest": answered[-1:], "first": answered[:1], "none": []}[request.session]
        bodies = []
        for position, number in enumerate(request.numbers):
            if isinstance(number, Read):
                bodies.append(_read(number, times, told, now, known))
                continue
            at = NOON + times[number]
            page = f"/{number}" if views[number] else None
            told.append(SnapshotData(at, now, position, page))
            fields = {"event_id": f"e{number}", "age": now - at}
            fields |= {"session_id": known[0]} if known else {}
            body = page_view(page, **fields) if page else custom("signup", "/", **fields)
            bodies.append(body)
        outcomes = world.send(*bodies, at=now)
        assert [outcome.status for outcome in outcomes] == ["stored"] * len(bodies)
        answered += [str(outcome.session_id) for outcome in outcomes]
        if has_jobs:
            assert world.close(at=now).sessions_closed == 0, "none is due"
    check_live(world, told, now)
    report = world.close(at=now + DAY_MS)

    assert closed_sessions(world) == expected(told)
    assert report.sessions_closed == len(expected(told))
    assert world.rows() == []
    check_readable(world, answered, now + DAY_MS)


def _read(
    read: Read, times: list[int], told: list[SnapshotData], now: int, known: list[str]
) -> dict[str, Any]:
    at = NOON + times[read.number] + read.after
    view = next((one for one in told if one.page == f"/{read.number}"), None)
    if view:
        view.reads.append((at, read.engaged_ms))
    fields: dict[str, Any] = {"age": now - at, "engaged_ms": read.engaged_ms}
    fields |= {"session_id": known[0]} if known else {}
    return custom("engagement", "/", event_id=f"e{read.number}", **fields)


def check_live(world: World, told: list[SnapshotData], now: int) -> None:
    """Check that the sessions are the same before they are closed."""
    parameters = {"site": "example.com", "period": "7d", "limit": "100"}
    result = session_list(parameters, world.context(now))["sessions"]
    wanted = expected(told)
    assert sorted(
        (one["page_count"], one["events"], one["entry_page"], one["exit_page"], one["duration"])
        for one in result
    ) == sorted(
        (
            len(pages),
            events,
            pages[0] if pages else None,
            pages[-1] if pages else None,
            round((end - start) / 1000),
        )
        for start, pages, events, end, _ in wanted
    )
    parameters = {"site": "example.com", "period": "7d", "dimensions": "page"}
    totals = stats(parameters, world.context(now))["totals"]
    assert totals["sessions"] == len(wanted)


def check_readable(world: World, session_ids: list[str], now: int) -> None:
    """Check that every issued session id can be read."""
    for session_id in session_ids:
        assert timeline(session_id, {}, world.context()) is not None
