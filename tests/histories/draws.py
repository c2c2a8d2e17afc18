"""Strategies for histories: starts, pauses, faults, and what visitors do."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.histories.history import BREAKAGES, DAY_MS, MINUTE_MS, Fault
from tests.histories.people import EVENT_TYPES, PEOPLE, SITES
from tests.histories.plain import TIMEOUT_MS
from tests.histories.questions import utc

HOUR_MS = 60 * MINUTE_MS
# Where it begins: any day; the end of a day; the nights on which clocks are changed.
BEGINNINGS = (
    ("UTC", utc("2026-09-05 10:00")),
    ("UTC", utc("2026-09-05 23:10")),
    ("Asia/Seoul", utc("2026-09-05 14:20")),
    ("America/New_York", utc("2026-11-01 03:20")),
    ("America/New_York", utc("2027-03-15 03:10")),
    ("Europe/Berlin", utc("2026-10-25 21:50")),
    ("Asia/Kolkata", utc("2026-12-31 17:45")),
)
PAUSES = (0, 1, 999, MINUTE_MS, 10 * MINUTE_MS, 29 * MINUTE_MS, 32 * MINUTE_MS)
LONG_PAUSES = (33 * MINUTE_MS, 2 * HOUR_MS, 9 * HOUR_MS, DAY_MS, 3 * DAY_MS)
LATENESS = (0, 0, 0, 5_000, 20 * MINUTE_MS, 31 * MINUTE_MS, 3 * HOUR_MS, 22 * HOUR_MS)
GAPS = (0, MINUTE_MS, 20 * MINUTE_MS, TIMEOUT_MS - 1, TIMEOUT_MS, 2 * HOUR_MS)
AROUND_THE_TIMEOUT = (TIMEOUT_MS - 1, TIMEOUT_MS, TIMEOUT_MS + 1)
MONTHLY = ("page", "event", "source", "hour_of_week")
LONGEST_REPEAT_MS = 22 * HOUR_MS

people = st.sampled_from(PEOPLE)
sites = st.sampled_from((SITES[0], SITES[0], SITES[1]))
pauses = st.sampled_from(PAUSES)
after = st.booleans()
in_a_job = st.sampled_from([*BREAKAGES, "crash", "job", "reader", "visitor", "visitor"])
in_a_visit = st.sampled_from([*BREAKAGES, "crash", "job"])
job_faults = st.builds(Fault, in_a_job, st.integers(1, 16), after)
visit_faults = st.builds(Fault, in_a_visit, st.integers(1, 8), after)
reader_faults = st.builds(Fault, st.just("job"), st.integers(1, 8), after)
maybe_broken = st.one_of(st.none(), st.none(), st.none(), visit_faults)

PROPS: tuple[dict[str, Any], ...] = (
    {}, {}, {}, {"plan": "pro"}, {"plan": "Pro", "n": 1}, {"n": True}, {"n": 0.5, "plan": ""},
)  # fmt: skip
KINDS = ("page_view", "page_view", "page_view", *EVENT_TYPES)
APART = (0, 1, 500, 90_000, TIMEOUT_MS - 1, TIMEOUT_MS)  # of the events of one request
