from __future__ import annotations

import pytest

from benchmarks.suites.work.collecting import CONTINUING, MAX_CALLS, MeasuredRequest, summarize


def requests(*, own: float) -> list[MeasuredRequest]:
    """Return three requests per kind; the first has more calls. Calls take 2 ms of CPU, our own
    code `own` seconds."""
    return [
        MeasuredRequest(
            kind, calls=9 if number == 0 else 2, seconds=0.002 + own, in_calls=0.002
        )
        for kind in MAX_CALLS
        for number in range(3)
    ]


def test_calls_of_the_first_visitor_are_left_out():
    assert set(summarize(requests(own=0.001), 1).calls.values()) == {2}


def test_own_share_is_relative_to_the_calls():
    assert summarize(requests(own=0.001), 1).own_share == pytest.approx(0.5)


def test_cpu_is_at_reference_speed():
    result = summarize(requests(own=0.001), speed=2)

    assert result.cpu_ms[CONTINUING] == pytest.approx(1.5)
    assert result.own_share == pytest.approx(0.5)
