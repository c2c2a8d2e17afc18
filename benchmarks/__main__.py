"""`make bench`: measure every figure that the README and docs/explanation/cost.md quote.

    python -m benchmarks [TOPIC ...]       all topics, or these; other figures are kept

Takes some minutes on two idle processors. CPU times are at reference speed
(harness/reference_speed.py); the last line reports how much the machine's speed varied.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import doc_figures
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.suites.price import (
    monitoring_price,
    monthly_price,
    parallel_scan,
    price_levers,
    scale,
    worst_bill,
)
from benchmarks.suites.price.measured import load_measurements
from benchmarks.suites.size import answer_sizes, dashboard_weight, package_size, tracker_size
from benchmarks.suites.work import (
    closing,
    cold_start,
    collecting,
    event_to_screen,
    growth,
    realtime_cpu,
    stats_queries,
    write_units,
)

RESULTS = Path(__file__).parent / "results.json"


def _collecting() -> Iterator[Result]:
    yield from collecting.measure().results()
    yield from closing.measure()


TOPICS: dict[str, Callable[[], Iterable[Result]]] = {
    "tracker": tracker_size.measure,
    "dashboard": dashboard_weight.measure,
    "package": package_size.measure,
    "units": lambda: (result for result, _ in write_units.measure()),
    "collecting": _collecting,
    "watching": monitoring_price.measure,
    "cold_start": cold_start.measure,
    "realtime": realtime_cpu.measure,
    "screen": event_to_screen.measure,
    "stats": stats_queries.measure,
    "growth": growth.measure,
    "answers": answer_sizes.measure,
    "storage": monthly_price.storage,
    "bill": monthly_price.results,
    "scan": parallel_scan.measure,
    "levers": price_levers.measure,
    "scale": scale.measure,
    "worst_bill": worst_bill.measure,
}


def main(topics: list[str]) -> None:
    speeds = [slowness()]
    results: list[Result] = []
    for topic in topics or TOPICS:
        print(f"\n{topic}", flush=True)
        for result in TOPICS[topic]():
            print(f"  {result}", flush=True)
            results.append(result)
        write(results, keep=True)  # `bill` and `scale` calculate from earlier topics
        speeds.append(slowness())
    write(results, keep=bool(topics))
    for path in doc_figures.update_docs(
        {row["name"]: row for row in read()}, load_measurements()
    ):
        print(f"\n{path.name} has the new figures", end="")
    missed = [result.name for result in results if result.met is False]
    print(
        f"\n\n{len(results)} figures, {len(missed)} goals missed{': ' if missed else ''}",
        end="",
    )
    print("; ".join(missed))
    print(noise(speeds))


def write(results: Iterable[Result], *, keep: bool, path: Path = RESULTS) -> None:
    """Write the figures sorted by name, one a line, so that runs can be compared."""
    by_name = {one["name"]: one for one in read(path)} if keep else {}
    by_name |= {result.name: dict(result.as_json()) for result in results}
    lines = [json.dumps(by_name[name], ensure_ascii=False) for name in sorted(by_name)]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def read(path: Path = RESULTS) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    )
    return rows


def noise(speeds: list[float]) -> str:
    """Return a sentence on the noise; `speeds` are multiples of the reference's time."""
    least, most = min(speeds), max(speeds)
    return (
        f"This machine took {least:.2f} to {most:.2f} times the reference's time, a spread of "
        f"{most / least - 1:.0%}: CPU figures are not better than that."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
