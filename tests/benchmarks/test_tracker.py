from __future__ import annotations

from benchmarks.tracker import MOST_BYTES, gzipped_bytes
from benchmarks.tracker_features import DOCS, written


def test_tracker_stays_small():
    assert gzipped_bytes() <= MOST_BYTES


def test_weights_of_features_in_the_docs_are_current():
    text = DOCS.read_text("utf-8")

    assert written(text) == text
