"""What each measure against the price saves alone: a million page views with engagement, with
everything as it is but without that one measure.

    python -m benchmarks.suites.price.price_levers

docs/decisions/price-levers.md explains them. The last row is of a month with a dashboard open
eight hours a day.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.harness.lambda_time import API_MB, billed_ms, gb_seconds
from benchmarks.harness.result import Result
from benchmarks.suites.price.cost_model import (
    LINE_BYTES,
    Consumption,
    collect_request,
    cost_of,
    platform_bytes,
)
from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.price.monthly_price import KINDS
from benchmarks.suites.price.open_dashboard import (
    OVERVIEW_SECONDS,
    REALTIME_SECONDS,
    SECONDS,
    active_rows,
    realtime_request,
)
from benchmarks.suites.work.collecting import (
    CONTINUING,
    ENGAGEMENT_ALONE,
    TRACKER,
    VIEW_AND_ENGAGEMENT,
)
from benchmarks.suites.work.write_units import PAGES
from devkit.infrastructure.price_list import MILLION

SESSIONS = MILLION / PAGES
REQUESTS = KINDS[True]  # of a session, by kind


def measure() -> Iterator[Result]:
    measurements = load_measurements()
    for lever, more in (
        ("a Function URL instead of API Gateway", _through_gateway()),
        ("512 MB instead of 1,769", _with_more_memory(measurements)),
        ("no log lines of Lambda's own", _with_platform_lines()),
        ("the tracker cached by browsers", _with_a_tracker_per_page(measurements)),
        ("engagement sent with the next page view", _with_engagement_alone(measurements)),
    ):
        yield Result(f"saved by {lever}", cost_of(more * SESSIONS).total, "USD")
    saved = _polling(measurements, REALTIME_SECONDS, OVERVIEW_SECONDS)
    yield Result("saved by live numbers every fifteen seconds", saved, "USD")


def _through_gateway() -> Consumption:
    """Return what a session would consume more through API Gateway, with the same function."""
    return Consumption(requests=sum(REQUESTS.values()))


def _with_more_memory(measurements: Measurements) -> Consumption:
    more = Consumption()
    for kind, number in REQUESTS.items():
        trips = measurements.calls[kind]
        ms = billed_ms(measurements.cpu_ms[kind], round_trips=trips, memory_mb=API_MB)
        used = gb_seconds(ms, memory_mb=API_MB) - _collect(kind, measurements).gb_seconds
        more += Consumption(gb_seconds=used) * number
    return more


def _with_platform_lines() -> Consumption:
    return Consumption(log_bytes=platform_bytes()) * sum(REQUESTS.values())


def _with_a_tracker_per_page(measurements: Measurements) -> Consumption:
    return _collect(TRACKER, measurements) * (PAGES - 1)


def _with_engagement_alone(measurements: Measurements) -> Consumption:
    """Return what a session would consume more if each page view and its engagement were sent
    alone, without the writes."""
    together = _collect(VIEW_AND_ENGAGEMENT, measurements)
    apart = _collect(CONTINUING, measurements) + _collect(ENGAGEMENT_ALONE, measurements)
    return (apart + together * -1) * REQUESTS[VIEW_AND_ENGAGEMENT]


def _collect(kind: str, measurements: Measurements) -> Consumption:
    return collect_request(
        cpu_ms=measurements.cpu_ms[kind],
        round_trips=measurements.calls[kind],
        bytes_out=measurements.answer_bytes[kind],
        line_bytes=LINE_BYTES,
    )


def _polling(measurements: Measurements, often: float, seldom: float) -> float:
    """Return the USD a month that polling realtime less often saves."""
    costs = [
        cost_of(
            realtime_request(
                active_rows(SESSIONS), measurements, line_bytes=LINE_BYTES, seconds=seconds
            )
            * (SECONDS / seconds)
        ).total
        for seconds in (often, seldom)
    ]
    return costs[0] - costs[1]


if __name__ == "__main__":
    for result in measure():
        print(result)
