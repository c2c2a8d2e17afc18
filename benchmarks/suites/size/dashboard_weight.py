"""What the dashboard loads: until its first numbers, and for the whole overview.

    python -m benchmarks.suites.size.dashboard_weight

Bytes are those of the files, gzipped; the two answers of the API before the first numbers count
as requests only. tests/browser/test_dashboard_loading.py counts the requests in a browser: a
URL that names a site needs one less, and a page in Korean one more.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from benchmarks.harness.result import Result
from chalicelib.web.static_files import STATIC, asset
from devkit.frontend_build import first_files

ANSWERS = 2  # sites and stats
MAX_FIRST_BYTES, MAX_FIRST_REQUESTS, MAX_OVERVIEW_BYTES = 30_000, 5, 65_000
IMPORT = re.compile(r'(?:from|import)"\./([\w.-]+)"')


def measure() -> Iterator[Result]:
    size, requests, whole = first_bytes(), first_requests(), overview_bytes()
    yield Result("dashboard until first numbers, gzipped", size, "bytes", MAX_FIRST_BYTES)
    yield Result("dashboard until first numbers", requests, "requests", MAX_FIRST_REQUESTS)
    yield Result("dashboard overview, gzipped", whole, "bytes", MAX_OVERVIEW_BYTES)


def first_bytes() -> int:
    return sum(map(gzipped_bytes, ["dashboard.html", *first_files()]))


def first_requests() -> int:
    return 1 + len(first_files()) + ANSWERS


def overview_bytes() -> int:
    """Return the size of the whole overview: with the chart, the cards, and the style of what
    follows the first numbers."""
    later = [*STATIC.glob("views-*.css"), *STATIC.glob("panels-*.js")]
    names = {path.name for path in later}
    for path in STATIC.glob("panels-*.js"):
        names |= set(IMPORT.findall(path.read_text("utf-8")))
    return first_bytes() + sum(map(gzipped_bytes, names - set(first_files())))


def gzipped_bytes(name: str) -> int:
    file = asset(name)
    if file is None:
        raise FileNotFoundError(f"{name} is not built: make build")
    return len(gzip.compress(file.text.encode(), mtime=0))


if __name__ == "__main__":
    for result in measure():
        print(result)
