from __future__ import annotations

import pytest

from benchmarks.harness.result import Result


@pytest.mark.parametrize(("value", "at_least", "met"), [
    pytest.param(3.5, False, True, id="just the goal"),
    pytest.param(3.51, False, False, id="more than it should be"),
    pytest.param(3.5, True, True, id="just the least"),
    pytest.param(3.49, True, False, id="less than the least"),
])  # fmt: skip
def test_value_equal_to_the_goal_meets_it(value: float, at_least: bool, met: bool):
    assert Result("x", value, "units", 3.5, at_least=at_least).met is met


def test_value_without_a_goal_is_neither_met_nor_missed():
    assert Result("x", 1, "units").met is None


@pytest.mark.parametrize(("value", "told"), [
    (3.4216, 3.42), (0.012345, 0.0123), (27_345.4, 27_345), (1_187_311, 1_187_311), (2, 2),
])  # fmt: skip
def test_values_have_three_significant_digits(value: float, told: float):
    assert Result("x", value, "units").as_json() == {
        "name": "x", "value": told, "unit": "units", "goal": None, "met": None,
    }  # fmt: skip


def test_missed_goal_is_marked():
    assert "MISSED" in str(Result("x", 4, "units", 3))
    assert "MISSED" not in str(Result("x", 2, "units", 3))
