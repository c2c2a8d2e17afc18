"""The benchmark of a large day counts what it wrote, in packs of the stored size."""

from __future__ import annotations

import pickle
from pathlib import Path

from benchmarks.suites.work.large_day import BEGINS, write_day
from benchmarks.suites.work.stats_queries import DAY_MS
from chalicelib.domain.packs.pack import read_pack


def test_repeated_day_has_other_visitors(tmp_path: Path):
    path = tmp_path / "day"
    sessions, largest = write_day(path, drawn=40, times=3)

    packed = pickle.loads(path.read_bytes())
    results = [session for content in packed for session in read_pack(content).sessions()]
    assert len(results) == len({session.session_id for session in results}) == sessions
    assert all(BEGINS <= session.started_at < BEGINS + DAY_MS for session in results)
    assert largest == max(map(len, packed))
    thirds = [
        {session.visitor for session in read_pack(content).sessions()} for content in packed
    ]
    assert not thirds[0] & thirds[1]
