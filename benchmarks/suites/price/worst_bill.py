"""The cost of a day in which strangers flood every API method and the Function URL at once,
with the defaults.

    python -m benchmarks.suites.price.worst_bill

    devkit/infrastructure/throttles.py   the maximum of requests per method
    devkit/infrastructure/concurrency.py the reserved concurrency of the Function URL
    infra/resources.yaml                 the maximum cost of the tables, MaxUsdPerDay
    infra/prices.json                    the prices

Strangers have no token, so API routes answer 401. Files are uncompressed, which a client may
request. Throttled requests are not billed. At the Function URL, the bound is what the reserved
executions can do in a day, however slow DynamoDB is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.harness.lambda_time import API_MB, COLLECT_MB, JOB_MB, gb_seconds
from benchmarks.harness.result import Result
from benchmarks.suites.price.cost_model import (
    GATEWAY_HEADERS,
    LINE_BYTES,
    Consumption,
    collect_request,
    cost_of,
    request,
)
from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.work.collecting import CONTINUING, LARGEST
from chalicelib.settings import Settings
from chalicelib.web.dependencies import COLLECT_SECONDS
from devkit.infrastructure.api_methods import METHODS
from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.concurrency import collect_concurrency, requests_per_second
from devkit.infrastructure.price_list import BYTES_PER_GB, MILLION, PRICES
from devkit.infrastructure.throttles import ALL_METHODS, Method, method_throttles
from devkit.infrastructure.throughput import max_units, usd_per_day
from devkit.project_paths import RESOURCES

FLOODED_DAY = "a day in which every method is flooded"
DAY_MINUTES, DAY_SECONDS = 24 * 60, 24 * 60 * 60
JOB_SECONDS = 55  # per minute: the timeout in .chalice/config.json
RATE_LIMIT = int(Settings.__dataclass_fields__["rate_limit_per_minute"].default)  # type: ignore[arg-type]
PARAMETERS = read_template(RESOURCES)["Parameters"]
MAX_USD = int(PARAMETERS["MaxUsdPerDay"]["Default"])

COLLECTING = (("POST", "/events"), ("POST", "/api/events"))
RESERVED = collect_concurrency(RATE_LIMIT)
# Upper bounds of the files' sizes; a test compares them.
FILE_BYTES: Mapping[Method, int] = {
    ("GET", "/"): 20_000,
    ("GET", "/tracker.js"): 5_000,
    ("GET", "/static/{name}"): 70_000,
}
ACCOUNT_REQUESTS_PER_SECOND = 10_000  # per account and region, unless AWS raises it
REJECTED_BYTES = 250  # of the gateway's own response, besides GATEWAY_HEADERS
WRITTEN_BYTES = 1_024  # that a write unit stores at most


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of the bill: USD per day of an AWS service."""

    service: str
    what: str
    usd: float


def bill_lines(measurements: Measurements) -> list[BillLine]:
    a_day = requests_per_day()
    collected = sum(a_day[method] for method in COLLECTING)
    invoked = {method: n for method, n in a_day.items() if method[0] != "OPTIONS"}
    others = sum(invoked.values()) - collected
    largest = cost_of(_one(LARGEST, measurements) * collected)
    other = cost_of(_one(CONTINUING, measurements) * others)
    job = cost_of(
        Consumption(
            invocations=DAY_MINUTES,
            gb_seconds=gb_seconds(JOB_SECONDS * 1000, memory_mb=JOB_MB) * DAY_MINUTES,
        )
    )
    total = sum(a_day.values())
    url = cost_of(flooded_executions(RESERVED, measurements))
    return [
        BillLine(
            "API Gateway",
            f"{total / DAY_MINUTES:,.0f} requests a minute, with {len(METHODS)} methods",
            total / MILLION * PRICES["gateway_requests_per_million"],
        ),
        BillLine(
            "Lambda",
            f"{collected / DAY_MINUTES:,.0f} collect requests a minute, each with 50 "
            "events and 64 KB",
            largest.function,
        ),
        BillLine(
            "Lambda", f"{others / DAY_MINUTES:,.0f} other requests a minute", other.function
        ),
        BillLine(
            "Lambda", f"the job, running {JOB_SECONDS} seconds of each minute", job.function
        ),
        BillLine(
            "Lambda",
            f"the Function URL, {requests_per_second(RESERVED) * 60:,} requests a minute: its "
            f"{RESERVED} reserved executions never rest",
            url.function,
        ),
        BillLine(
            "DynamoDB",
            f"`MaxUsdPerDay`, {MAX_USD} USD: every table at its maximum throughput",
            usd_per_day(max_units(MAX_USD)),
        ),
        BillLine(
            "CloudWatch", "one log line per request", largest.logs + other.logs + url.logs
        ),
        BillLine(
            "data transfer out",
            "uncompressed responses",
            _data_out_usd(a_day, measurements) + url.data_out,
        ),
    ]


def measure() -> Iterator[Result]:
    yield Result(FLOODED_DAY, total(load_measurements()), "USD")


def total(measurements: Measurements) -> float:
    return sum(part.usd for part in bill_lines(measurements))


def requests_per_day() -> dict[Method, float]:
    """Return the maximum of requests per method."""
    limits = method_throttles(RATE_LIMIT)
    return {
        method: limits.get(method, limits[ALL_METHODS]).rate * DAY_SECONDS for method in METHODS
    }


def flooded_executions(number: int, measurements: Measurements) -> Consumption:
    """Return a day in which executions of the collect function never rest, answer as many
    requests as Lambda accepts, and send the largest response to each."""
    largest = max(FILE_BYTES["GET", "/tracker.js"], measurements.answer_bytes[LARGEST])
    requests = requests_per_second(number) * DAY_SECONDS
    one = collect_request(cpu_ms=0, round_trips=0, bytes_out=largest, line_bytes=LINE_BYTES)
    return Consumption(
        invocations=requests,
        gb_seconds=gb_seconds(DAY_SECONDS * 1000, memory_mb=COLLECT_MB) * number,
        log_bytes=one.log_bytes * requests,
        bytes_out=one.bytes_out * requests,
    )


def storage_gb() -> float:
    """Return the maximum that a day of writing leaves in the tables."""
    units = max_units(MAX_USD)
    written = sum(n for part, n in units.items() if part.endswith("Write"))
    return written * DAY_SECONDS * WRITTEN_BYTES / BYTES_PER_GB


def storage_usd_per_month() -> float:
    """Return the monthly price of that storage, with backups."""
    price = PRICES["dynamodb_storage_gb_month"] + PRICES["dynamodb_backup_gb_month"]
    return storage_gb() * price


def waiting_usd() -> float:
    """Return the cost of Lambda if every collect request waits for DynamoDB until its
    timeout."""
    collected = sum(requests_per_day()[method] for method in COLLECTING)
    seconds = gb_seconds(COLLECT_SECONDS * 1000, memory_mb=API_MB) * collected
    return seconds * PRICES["lambda_arm_gb_second"]


def invocation_usd() -> float:
    """Return the cost of one concurrent execution that runs all day."""
    seconds = gb_seconds(DAY_SECONDS * 1000, memory_mb=API_MB)
    return seconds * PRICES["lambda_arm_gb_second"]


def rejected_usd() -> float:
    """Return the transfer cost of the gateway's own responses at the account's request
    quota."""
    sent = ACCOUNT_REQUESTS_PER_SECOND * DAY_SECONDS * (len(GATEWAY_HEADERS) + REJECTED_BYTES)
    return sent / BYTES_PER_GB * PRICES["data_out_per_gb"]


def table(measurements: Measurements) -> list[str]:
    """Return the bill of a flood, as a table for docs/explanation/security.md."""
    lines = ["| service | a flood of | USD a day |", "| --- | --- | ---: |"]
    lines += [
        f"| {part.service} | {part.what} | {part.usd:.2f} |"
        for part in bill_lines(measurements)
    ]
    return [*lines, f"| **total** | | **{total(measurements):.2f}** |"]


def unlimited(measurements: Measurements) -> list[str]:
    """Return what our limits do not bound and its cost, as a table for
    docs/explanation/security.md."""
    execution = cost_of(flooded_executions(1, measurements)).total
    return [
        "| what | figure |",
        "| --- | --- |",
        (
            "| storage: writes stop at the limit, but stored items stay until they expire "
            f"| up to {storage_gb():.1f} GB for each day of a flood, "
            f"{storage_usd_per_month():.2f} USD a month |"
        ),
        (
            "| Lambda, if DynamoDB is so slow that each collect request waits "
            f"{COLLECT_SECONDS:.0f} seconds | {waiting_usd():.0f} USD a day; with "
            f"`reserved_concurrency`, at most {invocation_usd():.2f} USD for each reserved "
            "execution |"
        ),
        (
            "| the Function URL, if the account's quota is too small to reserve executions "
            f"| at most {execution:.2f} USD a day for each execution of the quota |"
        ),
        (
            "| data transfer out for throttled requests and unknown paths, at the account's "
            f"quota of {ACCOUNT_REQUESTS_PER_SECOND:,} requests a second "
            f"| {rejected_usd():.0f} USD a day, if AWS bills it |"
        ),
    ]


def _one(kind: str, measurements: Measurements) -> Consumption:
    """Return a request without API Gateway and transfer, which are counted by method."""
    return request(
        cpu_ms=measurements.cpu_ms[kind],
        round_trips=measurements.calls[kind],
        bytes_out=0,
        line_bytes=LINE_BYTES,
    )


def _data_out_usd(a_day: Mapping[Method, float], measurements: Measurements) -> float:
    sizes = dict.fromkeys(METHODS, measurements.answer_bytes[CONTINUING])
    sizes |= dict.fromkeys(COLLECTING, measurements.answer_bytes[LARGEST]) | dict(FILE_BYTES)
    sent = sum(n * (sizes[method] + len(GATEWAY_HEADERS)) for method, n in a_day.items())
    return sent / BYTES_PER_GB * PRICES["data_out_per_gb"]


def _lines() -> Iterator[str]:
    measurements = load_measurements()
    yield from table(measurements)
    yield from unlimited(measurements)


if __name__ == "__main__":
    print("\n".join(_lines()))
