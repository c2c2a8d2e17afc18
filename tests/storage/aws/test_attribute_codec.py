from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.storage.aws.attribute_codec import from_attributes, to_attributes

values = (
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.integers(-(10**30), 10**30)
    | st.booleans()
    | st.binary()
    | st.frozensets(st.text(min_size=1), min_size=1)
)


@given(st.dictionaries(st.text(min_size=1), values))
def test_items_survive_a_round_trip(item):
    assert from_attributes(to_attributes(item)) == item


def test_missing_values_are_not_stored():
    assert to_attributes({"a": None, "b": frozenset(), "c": 0, "d": ""}) == {
        "c": {"N": "0"},
        "d": {"S": ""},
    }


def test_unsupported_value_is_rejected():
    with pytest.raises(TypeError, match="float"):
        to_attributes({"a": 1.5})
