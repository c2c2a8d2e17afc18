"""The rows that are closed together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.sessions.active_session import ActiveSession, new_active_session
from chalicelib.domain.sessions.joined_rows import JoinedRows
from chalicelib.services.jobs.closing_batch import (
    MAX_PER_BATCH,
    ClosableRows,
    ClosingBatch,
    transaction_batches,
)
from tests.builders import START, event, session
from tests.world import settings


def row(name: str, size: int = 0) -> ActiveSession:
    opened = new_active_session([event()], pointer_key="p", now=START)
    return replace(opened, session_id=name, size=size)


def batch(*joined: JoinedRows) -> ClosingBatch:
    return ClosingBatch([ClosableRows(rows, [session("/")]) for rows in joined])


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        pytest.param([], [], id="no rows"),
        pytest.param([0.5, 0.5, 0.1], [2, 1], id="as many as fit"),
        pytest.param([0.1, 2, 0.1], [1, 1, 1], id="a larger one is alone"),
    ],
)
def test_batches_stay_within_memory(sizes: list[float], batches: list[int]):
    most = MAX_PER_BATCH["bytes"]
    joined = [JoinedRows((row(str(n), size=int(most * size)),)) for n, size in enumerate(sizes)]

    assert list(map(len, transaction_batches(joined))) == batches


def test_batches_stay_within_a_transaction():
    joined = [JoinedRows((row(str(number)),)) for number in range(MAX_PER_BATCH["rows"] + 1)]

    assert list(map(len, transaction_batches(joined))) == [MAX_PER_BATCH["rows"], 1]


def test_rows_to_check_are_those_that_do_not_close():
    a, b, c = map(row, "ABC")
    both = batch(JoinedRows((a,), (b, c)), JoinedRows((b,), (a, c)))

    assert both.rows == [a, b]
    assert both.other_rows == [c]


@pytest.mark.parametrize(
    ("failed", "remaining"),
    [
        pytest.param([0], ["C"], id="its row changed"),
        pytest.param([2], ["C"], id="its visitor's other row changed"),
        pytest.param([1], ["A"], id="another visitor's row changed"),
        pytest.param([3], ["A", "C"], id="a recent exists"),
    ],
)
def test_changed_visitors_are_left_out(failed: list[int], remaining: list[str]):
    a, b, c = map(row, "ABC")
    both = batch(JoinedRows((a,), (b,)), JoinedRows((c,)))

    unchanged = both.without_changed(failed)

    assert [one.session_id for one in unchanged.joined] == remaining


def test_single_session_always_fits_a_transaction():
    a, b = map(row, "AB")
    recents = batch(JoinedRows((a,))).recents("id", settings())
    large = [replace(recents[0], packed=bytes(1_000_000))]

    assert batch(JoinedRows((a,))).fits_transaction(large)
    assert not batch(JoinedRows((a,)), JoinedRows((b,))).fits_transaction(large)
    assert batch(JoinedRows((a,)), JoinedRows((b,))).fits_transaction(recents)
