"""Metric math is evaluated as AWS documents it."""

from __future__ import annotations

import pytest

from tests.alarms.metric_math import Series, Unsupported, evaluate

TIMES = [0, 60, 120, 180, 240]


def series(*values: float | None) -> Series:
    return {at: v for at, v in zip(TIMES, values, strict=False) if v is not None}


@pytest.mark.parametrize(
    ("expression", "metrics", "expected"),
    [
        (
            "one < two",
            {"one": series(8, 5, 0, 0), "two": series(6, None, 9, None)},
            (0, 0, 1, 0),
        ),
        ("one >= 8", {"one": series(8, 5, 0, 0)}, (1, 0, 0, 0)),
        (
            "one > 4 AND two > 4",
            {"one": series(8, 5, 0, 0), "two": series(6, None, 9, None)},
            (1, 0, 0, 0),
        ),
        (
            "IF(one, two, three)",
            {
                "one": series(1, 1, 0, 0, None),
                "two": series(7, None, 0, 0, 7),
                "three": series(0, 0, 2, None, 2),
            },
            (7, 0, 2, None, None),
        ),
        (
            "IF(one, two, 4)",
            {"one": series(1, 1, 0, 0, None), "two": series(7, None, 0, 0, 7)},
            (7, 0, 4, 4, None),
        ),
        (
            "IF(one < 9, one)",
            {"one": series(8, 9, 3)},
            (8, None, 3),
        ),
        ("FILL(one, 10)", {"one": series(1, None, 3)}, (1, 10, 3, 10, 10)),
        ("FILL(one, REPEAT)", {"one": series(None, 7, None, 3)}, (None, 7, 7, 3, 3)),
        (
            "SUM(FILL(METRICS(), 0))",
            {"one": series(1, None, 3), "two": series(None, None, 4)},
            (1, 0, 7, 0, 0),
        ),
        ("one / two", {"one": series(1, 2), "two": series(0, 4)}, (None, 0.5)),
        ("one - 2 * two", {"one": series(9), "two": series(4)}, (1,)),
    ],
)
def test_formula(expression: str, metrics: dict[str, Series], expected: tuple[float, ...]):
    assert evaluate(expression, metrics, TIMES) == series(*expected)


def test_series_without_values_is_filled_or_not():
    assert evaluate("FILL(one, 0)", {"one": {}}, TIMES) == dict.fromkeys(TIMES, 0)
    assert evaluate("FILL(one, 0)", {"one": {}}, TIMES, fills_empty=False) == {}
    assert evaluate("FILL(one, REPEAT)", {"one": {}}, TIMES) == {}


@pytest.mark.parametrize(
    "expression", ["SUM(one)", "RUNNING_SUM(one)", "METRICS() > 1", "IF(one, 1, 0", "one ? 1"]
)
def test_unsupported_formulas_raise(expression: str):
    with pytest.raises(Unsupported):
        evaluate(expression, {"one": series(1)}, TIMES)
