"""The docs quote the measured figures, and mark missed goals."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.__main__ import noise, read, write
from benchmarks.doc_figures import QUOTING_FILES, with_figures
from benchmarks.harness.result import Result
from benchmarks.suites.price.measured import load_measurements

KNOWN = load_measurements()
ROWS = {
    "size": {"name": "size", "value": 1_234, "unit": "bytes", "goal": 2_000, "met": True},
    "speed": {"name": "speed", "value": 50_000, "unit": "a minute", "goal": 9_000, "met": True},
    "time": {"name": "time", "value": 7.5, "unit": "ms", "goal": 5, "met": False},
    "plain": {"name": "plain", "value": 3, "unit": "times", "goal": None, "met": None},
}


@pytest.mark.parametrize("path", QUOTING_FILES, ids=lambda path: path.name)
def test_docs_quote_the_measured_values(path):
    rows = {row["name"]: row for row in read()}
    text = path.read_text("utf-8")

    assert with_figures(text, rows, load_measurements()) == text, (
        "make bench brings it up to date"
    )


def test_every_goal_is_in_the_cost_page():
    text = QUOTING_FILES[-1].read_text("utf-8")
    without_goal = ("largest summary",)

    names = [row["name"] for row in read() if row["goal"] is not None]
    assert [n for n in names if f"| {n} |" not in text and not n.startswith(without_goal)] == []


@pytest.mark.parametrize(("line", "expected"), [
    ("| size | 9 bytes | 7 |", "| size | 1,234 bytes | 2,000 |"),
    ("| speed | | |", "| speed | 50,000 a minute | at least 9,000 |"),
    ("| time | | |", "| time | 7.5 ms | 5, missed |"),
    ("| plain | | |", "| plain | 3 times |  |"),
    ("| other | 9 bytes | 7 |", "| other | 9 bytes | 7 |"),
    ("It has 1,111<!-- size --> bytes.", "It has 1,234<!-- size --> bytes."),
    ("It has 1<!-- size -->.", "It has 1,234<!-- size -->."),
])  # fmt: skip
def test_values_are_inserted_by_name(line: str, expected: str):
    assert with_figures(line, ROWS, KNOWN) == expected


def test_unknown_name_is_left_unchanged():
    with pytest.raises(KeyError):
        with_figures("It has 1<!-- weight --> bytes.", ROWS, KNOWN)


def test_calculated_table_replaces_the_old_one():
    text = "before\n<!-- table: months -->\nold\n<!-- end -->\nafter\n"

    new = with_figures(text, ROWS, KNOWN)

    assert "old" not in new
    assert new.startswith("before\n<!-- table: months -->\n| page views |")
    assert "| 1,000,000 |" in new
    assert with_figures(new, ROWS, KNOWN) == new


def test_results_are_sorted_and_other_topics_kept(tmp_path):
    path = tmp_path / "results.json"
    write([Result("b", 1, "x"), Result("a", 2, "x", 3)], keep=False, path=path)
    write([Result("c", 4, "x"), Result("b", 5, "x")], keep=True, path=path)

    assert [(row["name"], row["value"]) for row in read(path)] == [("a", 2), ("b", 5), ("c", 4)]
    assert json.loads(path.read_text())[0] == {
        "name": "a", "value": 2, "unit": "x", "goal": 3, "met": True,
    }  # fmt: skip

    write([Result("d", 1, "x")], keep=False, path=path)
    assert [row["name"] for row in read(path)] == ["d"]


def test_noise_is_reported():
    assert "1.50 to 3.00 times" in noise([2.0, 1.5, 3.0])
    assert "100%" in noise([2.0, 1.5, 3.0])


def test_both_readmes_quote_the_same_values():
    english, korean = (
        re.findall(r"([\d.,]*\d)<!-- (.+?) -->", path.read_text("utf-8"))
        for path in QUOTING_FILES[:2]
    )

    assert len(english) >= 10
    assert sorted(korean) == sorted(english)
