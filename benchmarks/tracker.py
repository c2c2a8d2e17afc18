"""How much of a visitor's line the tracker takes: `python -m benchmarks.tracker`."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from benchmarks.result import Result

BUILT = Path(__file__).parent.parent / "chalicelib" / "static" / "vendor" / "tracker.min.js"
MOST_BYTES = 2_200


def measure() -> Iterator[Result]:
    yield Result("tracker, gzipped", gzipped_bytes(), "bytes", MOST_BYTES)


def gzipped_bytes() -> int:
    """Of the minified tracker, as a server that compresses well would send it."""
    return len(gzip.compress(BUILT.read_bytes(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    for result in measure():
        print(result)
