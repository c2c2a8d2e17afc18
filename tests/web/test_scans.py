"""The function that scans, and stats that lack some of its days."""

from __future__ import annotations

import time
from base64 import b64decode

import pytest

from chalicelib.domain.metrics.counters import compute_metrics
from chalicelib.domain.metrics.summary_codec import decode_summary
from chalicelib.services.jobs.compact import compact
from chalicelib.services.scanning import day_scan
from tests.world import page_view

DAY_MS = 86_400_000


@pytest.fixture
def yesterday(api) -> int:
    """Return the start of yesterday, on which a session was closed and compacted."""
    today = int(time.time() * 1000) // DAY_MS * DAY_MS
    start = today - DAY_MS
    api.world.send(page_view("/a"), page_view("/b"), at=start + 1000)
    api.world.close(at=start + 2 * 3_600_000)
    compact(api.world.context(today + DAY_MS // 2))
    return start


def test_function_returns_the_summary_of_each_day(api, yesterday: int):
    import app

    day = time.strftime("%Y-%m-%d", time.gmtime(yesterday / 1000))
    payload = {
        "site": "example.com",
        "timezone": "UTC",
        "dimensions": ["page"],
        "filters": [["page", "==", ["/b"]]],
        "days": [[day, yesterday, yesterday + DAY_MS]],
    }

    answer = app.scan_days(payload, None)

    summary = decode_summary(b64decode(answer["days"][day]))
    assert compute_metrics(summary.total).sessions == 1
    assert set(summary.rows["page"]) == {"/a", "/b"}


def test_stats_name_the_days_that_they_lack(
    api, yesterday: int, monkeypatch: pytest.MonkeyPatch
):
    query = "/api/stats?site=example.com&period=7d&filters=page==/b"
    monkeypatch.setattr(day_scan, "has_time_left", lambda: False)
    _, lacking = api.read(query)
    monkeypatch.undo()
    _, complete = api.read(query)

    day = time.strftime("%Y-%m-%d", time.gmtime(yesterday / 1000))
    assert lacking["data"]["meta"]["missing_days"] == [day]
    assert lacking["data"]["totals"]["sessions"] == 0
    assert "missing_days" not in complete["data"]["meta"]
    assert complete["data"]["totals"]["sessions"] == 1
