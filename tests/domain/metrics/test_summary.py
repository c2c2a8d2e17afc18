"""Summaries can be added in any order and grouping."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.metrics.counters import ONE_SESSION, ONE_VISITOR
from chalicelib.domain.metrics.summary import (
    EMPTY_SUMMARY,
    OTHER_VALUE,
    Rows,
    Summary,
    sort_rows,
    sum_summaries,
)

tallies = st.integers(0, 2**390)
values = st.sampled_from([None, "", "a", "B", "ß", "\ud800", OTHER_VALUE])
moments = st.dictionaries(st.sampled_from([0, 3_600_000, 86_400_000]), tallies)
summaries = st.builds(
    Summary,
    days=moments,
    hours=moments,
    rows=st.dictionaries(
        st.sampled_from(["page", "source", "prop:plan"]), st.dictionaries(values, tallies)
    ),
    truncated_dimensions=st.frozensets(st.sampled_from(["page", "source"])),
).map(
    lambda summary: replace(
        summary, truncated_dimensions=summary.truncated_dimensions & summary.rows.keys()
    )
)


@given(summaries)
def test_adding_an_empty_summary_changes_nothing(a):
    assert a + EMPTY_SUMMARY == a == EMPTY_SUMMARY + a


@given(summaries, summaries)
def test_addition_is_commutative(a, b):
    assert a + b == b + a


@given(summaries, summaries, summaries)
def test_addition_is_associative(a, b, c):
    assert (a + b) + c == a + (b + c) == sum_summaries([a, b, c])


@given(summaries, st.integers(0, 5))
def test_truncated_list_has_the_same_total(a, longest):
    cut = a.truncate(longest)

    assert all(len(rows) <= longest + 1 for rows in cut.rows.values())
    for name, rows in a.rows.items():
        assert sum(cut.rows[name].values()) == sum(rows.values())
    assert (cut.days, cut.hours) == (a.days, a.hours)


def test_values_with_the_most_visitors_are_kept():
    rows: Rows = {
        str(visitors): visitors * ONE_VISITOR + ONE_SESSION for visitors in range(1, 6)
    }

    cut = Summary(rows={"page": rows}).truncate(2)

    assert cut.rows["page"] == {
        "5": rows["5"],
        "4": rows["4"],
        OTHER_VALUE: 6 * ONE_VISITOR + 3 * ONE_SESSION,
    }
    assert cut.truncated_dimensions == {"page"}


def test_short_list_is_not_truncated():
    summary = Summary(rows={"page": {"/": ONE_VISITOR, "/a": ONE_VISITOR, "/b": 0}})

    assert summary.truncate(2) is summary


def test_rows_are_sorted_by_visitors_then_by_value():
    rows = {None: 2, "b": 2, "a": 2, "z": 3, OTHER_VALUE: 9, "": 2}
    tallies: Rows = {value: visitors * ONE_VISITOR for value, visitors in rows.items()}

    assert [value for value, _ in sort_rows(tallies)] == [OTHER_VALUE, "z", "", "a", "b", None]
    assert [value for value, _ in sort_rows(tallies, is_truncated=True)][-2:] == [
        None,
        OTHER_VALUE,
    ]
