"""The memory to count a day of 1,000,000 sessions with exact visitors.

    python -m benchmarks.suites.work.large_day

A day of the traffic model is planned once, repeated with other ids and visitors, and packed as
it is stored. A separate process reads the packs from a file and counts all default dimensions.
"""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness.peak_memory import peak_mb
from benchmarks.harness.reference_speed import cpu_ms
from benchmarks.harness.result import Result
from benchmarks.suites.work.stats_queries import DAY_MS, repeat_session
from chalicelib.domain.packs.pack import read_pack
from chalicelib.domain.packs.pack_writer import write_packs
from chalicelib.domain.query.period import resolve_period
from chalicelib.domain.query.query import Query
from chalicelib.presentation.stats_response import answer
from traffic_model.model import plan_traffic
from traffic_model.modelled_sessions import closed_sessions

BEGINS = int(datetime(2026, 10, 30, tzinfo=UTC).timestamp() * 1000)
DRAWN_SESSIONS, REPEATED = 50_000, 20
MAX_MB = 512


def measure(drawn: int = DRAWN_SESSIONS, times: int = REPEATED) -> Iterator[Result]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "day"
        sessions, largest = write_day(path, drawn, times)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            mb, ms, counted = pool.apply(_count, (path,))
    assert counted == sessions, f"{counted:,} sessions were counted of {sessions:,}"
    yield Result(f"a day of {sessions:,} sessions, peak memory", mb, "MB", MAX_MB)
    yield Result(f"a day of {sessions:,} sessions, CPU", ms, "ms")
    yield Result(f"a day of {sessions:,} sessions, largest segment", largest, "bytes", 300_000)


def write_day(path: Path, drawn: int, times: int) -> tuple[int, int]:
    """Write the packs; return the number of sessions and the size of the largest pack."""
    plan = plan_traffic(drawn, until=BEGINS + DAY_MS - 1, days=1)
    one_day = [one for one in closed_sessions(plan) if one.started_at >= BEGINS]
    packed: list[bytes] = []
    for number in range(times):
        packed += write_packs(repeat_session(one, number, later_ms=0) for one in one_day)
    path.write_bytes(pickle.dumps(packed))
    return len(one_day) * times, max(map(len, packed))


def _count(path: Path) -> tuple[float, float, int]:
    """Return the peak memory in MB, CPU in ms, and the number of counted sessions."""
    packed: list[bytes] = pickle.loads(path.read_bytes())
    period = resolve_period("custom", now=BEGINS + DAY_MS, from_="2026-10-30", to="2026-10-30")
    ms, stats = cpu_ms(lambda: answer(map(read_pack, packed), Query(period)), times=1)
    return peak_mb(), ms, stats["totals"]["sessions"]


if __name__ == "__main__":
    for result in measure():
        print(result)
