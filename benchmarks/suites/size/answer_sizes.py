"""The size of responses, as the collect function returns them or API Gateway compresses them.

    python -m benchmarks.suites.size.answer_sizes

API Gateway compresses responses from `minimum_compression_size` of .chalice/config.json on, and
adds headers of its own (cost_model.py). The dashboard's responses are those of 300 active
sessions: a month of a million page views has about 250 at a time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.harness.lambda_events import api_event, browser, collect_event
from benchmarks.harness.result import Result
from benchmarks.suites.work.collecting import largest_request, page_view
from benchmarks.suites.work.realtime_cpu import open_rows, store_rows, store_snapshots
from benchmarks.suites.work.write_units import START
from benchmarks.targets.in_process_app import TOKEN, InProcessApp, content_of, in_process_app
from devkit.project_paths import ROOT
from testing.fake_dynamodb.fake_table import size_of
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from traffic_model.session_script import SITE

OPEN_SESSIONS = 300
MAX_OPEN_SESSIONS = 1_000_000
# The dimensions that the dashboard requests when it opens.
DIMENSIONS = (
    "page", "entry_page", "exit_page", "hostname", "referrer", "source", "channel",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "country",
    "language", "device", "browser", "os", "screen", "event", "hour_of_week",
)  # fmt: skip
STATS = (
    f"/api/stats?site={SITE}&period=7d&compare=previous_period"
    f"&dimensions={','.join(DIMENSIONS)}"
)


def measure() -> Iterator[Result]:
    tables = fake_dynamodb()
    with in_process_app(tables) as app:
        app.now = START
        event = app.send_to_url(collect_event(page_view(0, 0), browser(0)))
        yield Result("response to an event", size_of_answer(event), "bytes")
        flood = app.send_to_url(collect_event(largest_request(1), browser(1)))
        size = size_of_answer(flood, is_packed=False)
        yield Result("response to the largest request, uncompressed", size, "bytes")
        tracker = app.load_tracker(browser(0), at=START)
        yield Result("response with tracker.js", size_of_answer(tracker), "bytes")
        store_rows(app, tables, open_rows(), OPEN_SESSIONS)
        yield Result("response of realtime", _size(app, f"/api/realtime?site={SITE}"), "bytes")
        yield Result("response of stats", _size(app, STATS), "bytes")
        store_rows(app, tables, open_rows(), 10_000)
        store_snapshots(app, MAX_OPEN_SESSIONS)
        stored = tables.tables[app.settings.rollups_table].in_order()
        yield Result("largest snapshot of active sessions", max(map(size_of, stored)), "bytes")


def _size(app: InProcessApp, path: str) -> int:
    app.now = START + 10_000
    return size_of_answer(app.send(api_event(path, TOKEN)))


def size_of_answer(answer: Mapping[str, Any], *, is_packed: bool = True) -> int:
    """Return the bytes of the app's headers and the body, compressed unless `is_packed` is
    false."""
    headers: dict[str, Any] = {**answer["headers"]}
    lines = sum(len(f"{name}: {value}\r\n") for name, value in headers.items())
    body = content_of(answer) if "isBase64Encoded" in answer else answer["body"].encode()
    least = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    if is_packed and len(body) >= least["minimum_compression_size"]:
        body = gzip.compress(body, mtime=0)
    return lines + len(body)


if __name__ == "__main__":
    for result in measure():
        print(result)
