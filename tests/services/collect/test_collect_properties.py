"""Any interleaving of requests, duplicates and retries of several visitors stores what sending
each event once, in any order, would store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.packs.pack import read_pack
from tests.world import START, new_world, page_view, visitor

MINUTE_MS = 60_000
HALF_HOUR_MS = 30 * MINUTE_MS


@dataclass(frozen=True)
class Sent:
    """An event of a visitor, and when each of its deliveries arrives."""

    number: int
    visitor: int
    at: int
    arrivals: tuple[int, ...]

    def body(self, arrival: int, session_id: str | None) -> dict[str, Any]:
        return page_view(
            f"/{self.number}",
            event_id=f"e{self.number}",
            age=arrival - self.at,
            session_id=session_id,
        )


# Steps between events crowd around the timeout; deliveries come at once, late, and again.
gaps = st.sampled_from([0, 1, MINUTE_MS, HALF_HOUR_MS - 1, HALF_HOUR_MS, HALF_HOUR_MS + 1])
delays = st.lists(
    st.sampled_from([0, 5, MINUTE_MS, HALF_HOUR_MS, 5 * HALF_HOUR_MS]),
    min_size=1,
    max_size=3,
    unique=True,
)


@st.composite
def histories(draw: st.DrawFn) -> list[Sent]:
    sent: list[Sent] = []
    clocks = [START, START]
    for number in range(draw(st.integers(1, 8))):
        who = draw(st.integers(0, 1))
        clocks[who] += draw(gaps)
        arrivals = tuple(clocks[who] + delay for delay in draw(delays))
        sent.append(Sent(number, who, clocks[who], arrivals))
    return sent


def runs(times: list[int]) -> list[int]:
    """Return the number of events of each session that these times give."""
    lengths: list[int] = []
    for last, at in zip([None, *sorted(times)], sorted(times), strict=False):
        if last is None or at - last >= HALF_HOUR_MS:
            lengths.append(0)
        lengths[-1] += 1
    return lengths


@given(histories(), st.booleans(), st.booleans())
@settings(deadline=None)
def test_any_interleaving_stores_each_event_once(
    history: list[Sent], names_sessions: bool, closes_in_between: bool
):
    deliveries = sorted((arrival, s.number) for s in history for arrival in s.arrivals)
    world = new_world()
    named: dict[int, str] = {}
    closes_at = START + HALF_HOUR_MS
    for arrival, number in deliveries:
        sent = history[number]
        if closes_in_between and arrival > closes_at:
            world.close(at=arrival)
            closes_at = arrival + HALF_HOUR_MS
        body = sent.body(arrival, named.get(sent.visitor) if names_sessions else None)
        (outcome,) = world.send(body, at=arrival, sender=visitor(sent.visitor))
        assert outcome.status in ("stored", "duplicate")
        if outcome.session_id:
            named[sent.visitor] = outcome.session_id
    stored = [i for i in world.items("events") if "timestamp" in i]  # no pointers, no notes
    world.close(at=START + 100 * HALF_HOUR_MS)
    recents = world.tables.rollups.recents("example.com", "2026-01-01", "2027-01-01")
    sessions = [s for recent in recents for s in read_pack(recent.packed).sessions()]

    assert sorted((i["event_id"], i["timestamp"]) for i in stored) == sorted(
        (f"e{s.number}", s.at) for s in history
    )
    assert sorted(page for s in sessions for page in s.pages) == sorted(
        f"/{s.number}" for s in history
    )
    if not closes_in_between and all(min(s.arrivals) == s.at for s in history):
        # Nothing was late and nothing had closed: the sessions are those of the times alone.
        expected = [
            length
            for who in (0, 1)
            for length in runs([s.at for s in history if s.visitor == who])
        ]
        assert sorted(len(s.steps) for s in sessions) == sorted(expected)
