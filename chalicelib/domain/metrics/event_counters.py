"""The counters of events and props: a session counts once for each of its distinct values.

Events of an event or a prop are that value's alone, all other counts are those of its sessions.
Few steps have such a value, so only those are visited.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress

from chalicelib.domain.metrics import counters as bits
from chalicelib.domain.metrics.session_counters import (
    GroupedCounters,
    SessionCounters,
    number_values,
)
from chalicelib.domain.query.dimensions import Dimension, Value
from chalicelib.domain.scan.column_math import compress_by, map_codes, take


def group_by_event(
    sessions: SessionCounters, dimension: Dimension
) -> tuple[list[Value], GroupedCounters]:
    """Return the values of the dimension, the last one None, and the counters of each."""
    columns = sessions.columns
    codes, raw_values = columns.step_column(dimension.column)
    values, rows = number_values(list(map(dimension.value_of, raw_values)))
    none = len(values) - 1
    has_value = map_codes(codes, bytes(map(none.__ne__, rows)))
    of_steps = compress_by(columns.step_sessions, columns.step_mask(dimension.column))
    step_sessions = compress_by(of_steps, has_value)
    step_rows = take(rows, compress_by(codes, has_value))
    pairs = dict.fromkeys(zip(step_sessions, step_rows, strict=True))
    with_value = set(step_sessions)
    sums = [0] * len(values)
    for session, row in pairs:
        sums[row] += sessions.by_session[session]
    sums[none] = sessions.total - sum(map(sessions.by_session.__getitem__, with_value))
    events = Counter(step_rows)
    grouped = [
        (counters & bits.WITHOUT_EVENTS) + events[row] * bits.ONE_EVENT
        for row, counters in enumerate(sums)
    ]
    numbers = sessions.numbers
    returning = [(numbers[session], row) for session, row in pairs if numbers[session]]
    returning += [
        (numbers[session], none)
        for session in compress(range(len(numbers)), sessions.is_returning)
        if session not in with_value
    ]
    return values, GroupedCounters(
        grouped, [row for _, row in returning], [number for number, _ in returning]
    )
