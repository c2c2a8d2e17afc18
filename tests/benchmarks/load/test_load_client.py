"""The client of the load test repeats what got no answer, as the tracker does."""

from __future__ import annotations

import pytest

from benchmarks.load import load_client
from benchmarks.load.load_client import LoadClient, SentRequest


@pytest.mark.parametrize(
    ("statuses", "attempts", "status"),
    [
        pytest.param([200], 1, 200, id="answered at once"),
        pytest.param([0, 503, 200], 3, 200, id="the database restarts"),
        pytest.param([400, 200], 1, 400, id="rejected"),
        pytest.param([503] * 9, 4, 503, id="never answered"),
    ],
)
def test_requests_are_repeated_until_they_are_answered(
    statuses: list[int], attempts: int, status: int, monkeypatch: pytest.MonkeyPatch
):
    left = iter(statuses)
    monkeypatch.setattr(load_client, "RETRY_SECONDS", 0)
    monkeypatch.setattr(load_client, "MAX_ATTEMPTS", 4)
    monkeypatch.setattr(
        LoadClient, "_attempt", lambda *_: SentRequest("GET /", next(left), 0.001, [])
    )

    sent = LoadClient("http://api", ["http://collect"]).get("/")

    assert (sent.status, sent.attempts) == (status, attempts)
