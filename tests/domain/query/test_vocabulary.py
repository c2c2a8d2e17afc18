"""tests/vocabulary.json lists what the API and the dashboard agree on; the tests of both
read it. frontend/tests/vocabulary.test.ts is the dashboard's."""

from __future__ import annotations

import pytest

from chalicelib.domain.attributes.channel import RULES, UNASSIGNED
from chalicelib.domain.metrics.counters import Metrics
from chalicelib.domain.query.dimensions import DEFAULT_DIMENSIONS, DIMENSIONS
from chalicelib.domain.query.filters import OPERATORS, parse_filters
from chalicelib.domain.query.period import COMPARISONS, INTERVALS, PERIODS
from tests.vocabulary import VOCABULARY


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("metrics", Metrics._fields),
        ("dimensions", DIMENSIONS),
        ("default_dimensions", [dimension.name for dimension in DEFAULT_DIMENSIONS]),
        ("channels", dict.fromkeys([*(channel for channel, _ in RULES), UNASSIGNED])),
        ("periods", PERIODS),
        ("intervals", INTERVALS),
        ("comparisons", COMPARISONS),
        ("filter_operators", OPERATORS),
    ],
)
def test_api_and_dashboard_share_one_vocabulary(words, names):
    assert VOCABULARY[words] == list(names)


@pytest.mark.parametrize("case", VOCABULARY["filters"], ids=lambda case: case["id"])
def test_api_and_dashboard_parse_filters_alike(case):
    conditions = [
        {
            "dimension": condition.dimension.name,
            "operator": condition.operator,
            "values": list(condition.values),
        }
        for condition in parse_filters(case["text"]).conditions
    ]

    assert conditions == case["conditions"]
