from __future__ import annotations

from benchmarks.suites.size.tracker_features import DOCS, written


def test_weights_of_features_in_the_docs_are_current():
    text = DOCS.read_text("utf-8")

    assert written(text) == text
