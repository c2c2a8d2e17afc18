"""The dashboard until its first numbers: files, and their bytes after gzip.

    python -m benchmarks.suites.size.dashboard_weight

API responses are left out; tests/browser counts the same files in a browser.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator

from benchmarks.harness.result import Result
from chalicelib.web.static_files import asset

FILES = (
    "dashboard.html", "dashboard.css", "dashboard.js", "dashboard_panels.css",
    "dashboard_panels.js", "uPlot.min.css", "uPlot.esm.js",
)  # fmt: skip
MAX_BYTES, MAX_REQUESTS = 60_000, 8


def measure() -> Iterator[Result]:
    size = sum(map(gzipped_bytes, FILES))
    yield Result("dashboard, gzipped", size, "bytes", MAX_BYTES)
    yield Result("dashboard, requested files", len(FILES), "requests", MAX_REQUESTS)


def gzipped_bytes(name: str) -> int:
    found = asset(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not built: make build")
    return len(gzip.compress(found.text.encode(), mtime=0))


if __name__ == "__main__":
    for result in measure():
        print(result)
