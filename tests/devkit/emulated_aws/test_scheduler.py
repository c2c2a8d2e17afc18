from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.app import CloudWatchEvent

from devkit.emulated_aws.scheduler import Scheduler, scheduled_event


def run_until(count: int, do: Callable[[], object]) -> list[Any]:
    """Return the contexts of the first runs of a schedule."""
    seen: list[Any] = []
    enough = threading.Event()

    def handler(_: dict[str, Any], context: Any) -> None:
        seen.append(context)
        if len(seen) >= count:
            enough.set()
        do()

    schedule = Scheduler("expire_sessions", handler, 0.01)
    schedule.start()
    assert enough.wait(30)
    schedule.stop()
    return seen


def test_job_runs_repeatedly():
    assert len(run_until(3, lambda: None)) >= 3


def test_each_run_has_the_timeout_of_the_function():
    context, *_ = run_until(1, lambda: None)

    assert 0 < context.get_remaining_time_in_millis() <= 55_000


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_failed_run_does_not_stop_the_schedule():
    def fail() -> None:
        raise RuntimeError("of this run only")

    assert len(run_until(3, fail)) >= 3


def test_it_stops():
    before = threading.active_count()

    run_until(1, lambda: None)

    assert threading.active_count() == before


def test_event_has_the_format_of_chalice():
    event = CloudWatchEvent(
        scheduled_event("expire_sessions", datetime(2026, 9, 5, 10, tzinfo=UTC)), None
    )

    assert event.detail_type == "Scheduled Event"
    assert event.time == "2026-09-05T10:00:00Z"
