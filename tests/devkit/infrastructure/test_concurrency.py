"""The reserved concurrency of the collect function."""

from __future__ import annotations

import re

import pytest

from devkit.infrastructure.concurrency import collect_concurrency, requests_per_second
from devkit.project_paths import ROOT


@pytest.mark.parametrize(
    ("requests_a_minute", "executions"),
    [(60, 10), (1_000, 10), (1_333, 10), (1_334, 11), (10_000, 75), (60_000, 450)],
)
def test_concurrency_follows_the_request_limit(requests_a_minute: int, executions: int):
    assert collect_concurrency(requests_a_minute) == executions


def test_burst_of_three_seconds_and_its_trackers_fit_into_one_second():
    for requests_a_minute in (1_000, 5_000, 100_000):
        accepted = requests_per_second(collect_concurrency(requests_a_minute))
        assert accepted >= requests_a_minute / 60 * 3 * 1.5


def test_docs_list_the_concurrency_by_request_limit():
    text = (ROOT / "docs" / "reference" / "limits.md").read_text("utf-8")
    (table,) = re.findall(r"<!-- collect concurrency -->\n(.*?)<!-- end -->", text, re.DOTALL)
    rows = [
        [int(cell.replace(",", "")) for cell in re.findall(r"[\d,]+", line)]
        for line in table.splitlines()[2:]
    ]

    assert rows[0][0] == 1_000
    for requests_a_minute, executions, a_second in rows:
        assert collect_concurrency(requests_a_minute) == executions
        assert requests_per_second(executions) == a_second
