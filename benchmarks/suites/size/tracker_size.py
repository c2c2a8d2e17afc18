"""The size of the tracker, as browsers download it.

python -m benchmarks.suites.size.tracker_size
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness.result import Result
from devkit.project_paths import ROOT

STATIC = ROOT / "chalicelib" / "static"
BUILT = STATIC / "tracker.js"
MORE = STATIC / "tracker_more.js"  # the code that few pages need
MAX_BYTES = 2_200


def measure() -> Iterator[Result]:
    yield Result("tracker, gzipped", gzipped_bytes(), "bytes", MAX_BYTES)


def gzipped_bytes(file: Path = BUILT) -> int:
    """Return the gzipped size of a built file, at the highest compression level."""
    return len(gzip.compress(file.read_bytes(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    for result in measure():
        print(result)
