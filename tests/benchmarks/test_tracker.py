from __future__ import annotations

from benchmarks.tracker import MOST_BYTES, gzipped_bytes


def test_tracker_stays_small():
    assert gzipped_bytes() <= MOST_BYTES
