"""Find the sessions that match filters: each distinct value is compared once, and the result
is looked up for every session that has the value.

Of a multi-valued dimension (pages, events, props), a session matches if one of its values does.
Each distinct path of pages is compared once. Every event of a session gets a score, and the
scores of a session are added up:

    event==a      session a b     2**20 + 1   at least one match
                  session b b     2           no match
                  session         0           no event at all: matches event== (the empty value)
"""

from __future__ import annotations

from chalicelib.domain.query.dimensions import PAGE
from chalicelib.domain.query.filters import Condition, Filters
from chalicelib.domain.scan.column_math import INVERT_MASK, map_codes, sums_between
from chalicelib.domain.scan.session_columns import SessionColumns

_MATCH_WEIGHT = 1 << 20  # more than the steps of any session


def filter_sessions(columns: SessionColumns, filters: Filters) -> SessionColumns:
    """Keep the sessions that match all conditions."""
    if not filters or not len(columns):
        return columns
    matching = int.from_bytes(b"\1" * len(columns), "little")
    for condition in filters.conditions:
        matching &= int.from_bytes(_matches(columns, condition), "little")
    return columns.filtered(matching.to_bytes(len(columns), "little"))


def _matches(columns: SessionColumns, condition: Condition) -> bytes:
    """Return 1 for each session that matches, else 0."""
    column = condition.dimension.column
    find = (
        _page_matches
        if column == PAGE
        else _step_matches
        if condition.dimension.is_multi_valued
        else _session_matches
    )
    matches = find(columns, condition)
    return matches.translate(INVERT_MASK) if condition.is_negative else matches


def _session_matches(columns: SessionColumns, condition: Condition) -> bytes:
    codes, raw_values = columns.session_column(condition.dimension.column)
    values = map(condition.dimension.value_of, raw_values)
    return map_codes(codes, bytes(condition.match_values(values)))


def _page_matches(columns: SessionColumns, condition: Condition) -> bytes:
    """Return 1 for each session whose path has a matching page; each path is compared once."""
    values = list(map(condition.dimension.value_of, columns.texts[PAGE]))
    is_match = condition.match_values([*values, None])
    found = {code for code, matches in enumerate(is_match) if matches}
    nothing = {code for code, value in enumerate([*values, None]) if value is None}
    paths = {
        path: not found.isdisjoint(set(path) - nothing or nothing)
        for path in set(columns.paths)
    }
    return bytes(map(paths.__getitem__, columns.paths))


def _step_matches(columns: SessionColumns, condition: Condition) -> bytes:
    codes, raw_values = columns.step_column(condition.dimension.column)
    values = list(map(condition.dimension.value_of, raw_values))
    scores = [
        0 if value is None else _MATCH_WEIGHT if is_found else 1
        for value, is_found in zip(values, condition.match_values(values), strict=True)
    ]
    finds_none = condition.match_values([None])[0]
    sums = sums_between(
        columns.step_column_offsets(condition.dimension.column), map(scores.__getitem__, codes)
    )
    return bytes([score >= _MATCH_WEIGHT or (finds_none and score == 0) for score in sums])
