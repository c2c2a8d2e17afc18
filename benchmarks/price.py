"""What a month costs: units, calls, time and bytes that were measured, times the price list.

    infra/prices.json   AWS's list prices
    lambda_time.py      how billed time follows from CPU and round trips

Not in it: free tiers, data going out (an answer to a page view has some 150 bytes), cold starts
(one in thousands), and what is only paid where it is turned on: alarms, the CloudWatch
dashboard, CloudFront.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

from benchmarks.lambda_time import billed_ms, gb_seconds
from local.paths import PRICES as PRICE_LIST

MILLION = 1_000_000
GB = 1e9
LOG_EVENT_BYTES = 26  # that CloudWatch adds to each line
# Lambda's START, END and REPORT of a request, with the ids that they have.
PLATFORM_LINES = [
    "START RequestId: 00000000-0000-4000-8000-000000000000 Version: $LATEST",
    "END RequestId: 00000000-0000-4000-8000-000000000000",
    (
        "REPORT RequestId: 00000000-0000-4000-8000-000000000000\tDuration: 12.34 ms\t"
        "Billed Duration: 13 ms\tMemory Size: 512 MB\tMax Memory Used: 101 MB\t"
    ),
]
SAMPLED_SHARE = 0.01  # operate/gateway.py
RUNS_A_MONTH = 60 * 24 * 30

PRICES: Mapping[str, float] = {
    name: price
    for name, price in json.loads(PRICE_LIST.read_text(encoding="utf-8")).items()
    if name != "source"
}


@dataclass(frozen=True, slots=True)
class Effort:
    """What something takes that AWS charges for."""

    requests: float = 0  # to API Gateway
    invocations: float = 0  # of Lambda
    billed_ms: float = 0
    write_units: float = 0
    read_units: float = 0
    log_bytes: float = 0
    traces: float = 0

    def __add__(self, other: Effort) -> Effort:
        return Effort(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def __mul__(self, times: float) -> Effort:
        return Effort(*(getattr(self, f.name) * times for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Cost:
    """In USD."""

    gateway: float
    function: float
    writes: float
    reads: float
    logs: float
    tracing: float

    @property
    def total(self) -> float:
        return sum(float(getattr(self, field.name)) for field in fields(self))


def cost_of(effort: Effort) -> Cost:
    return Cost(
        gateway=_per_million(effort.requests, "gateway_requests_per_million"),
        function=_per_million(effort.invocations, "lambda_requests_per_million")
        + gb_seconds(effort.billed_ms) * PRICES["lambda_arm_gb_second"],
        writes=_per_million(effort.write_units, "dynamodb_write_units_per_million"),
        reads=_per_million(effort.read_units, "dynamodb_read_units_per_million"),
        logs=effort.log_bytes / GB * PRICES["logs_per_gb"],
        tracing=_per_million(effort.traces, "xray_traces_per_million"),
    )


def request(*, cpu_ms: float, round_trips: float, line_bytes: float) -> Effort:
    """A request of the API, its tables left out. `cpu_ms` at reference speed."""
    return Effort(
        requests=1,
        invocations=1,
        billed_ms=billed_ms(cpu_ms, round_trips=round_trips),
        log_bytes=line_bytes + LOG_EVENT_BYTES + platform_bytes(),
        traces=SAMPLED_SHARE,
    )


def run_of_job(
    *, cpu_ms: float, round_trips: float, write_units: float = 0, read_units: float = 0
) -> Effort:
    """One that says nothing of itself: it had nothing to do."""
    return Effort(
        invocations=1,
        billed_ms=billed_ms(cpu_ms, round_trips=round_trips),
        write_units=write_units,
        read_units=read_units,
        log_bytes=platform_bytes(),
    )


def platform_bytes() -> int:
    return sum(len(line) + 1 + LOG_EVENT_BYTES for line in PLATFORM_LINES)


def _per_million(number: float, price: str) -> float:
    return number / MILLION * PRICES[price]
