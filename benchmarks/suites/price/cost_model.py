"""The cost of a month: measured units, calls, time and bytes, times the price list.

    infra/prices.json   AWS's list prices
    lambda_time.py      billed time from CPU and round trips
    open_dashboard.py   the requests of an open dashboard

The model has everything that a site with the default configuration pays for, except alarms and
metrics (monitoring_price.py). It leaves out free tiers and optional services: X-Ray,
CloudFront, exports."""

from __future__ import annotations

from dataclasses import dataclass, fields

from benchmarks.harness.lambda_time import (
    API_MB,
    COLLECT_MB,
    JOB_MB,
    MONTH_MINUTES,
    billed_ms,
    gb_seconds,
)
from devkit.infrastructure.price_list import BYTES_PER_GB, MILLION, PRICES, gateway_usd

LINE_BYTES = 338  # of a request; benchmarks/budget.json
LOG_EVENT_BYTES = 26  # CloudWatch adds them to each line
LOG_DAYS = 7  # infra/resources.yaml
# Lambda's START, END and REPORT lines of a request, with ids of real length.
PLATFORM_LINES = [
    "START RequestId: 00000000-0000-4000-8000-000000000000 Version: $LATEST",
    "END RequestId: 00000000-0000-4000-8000-000000000000",
    (
        "REPORT RequestId: 00000000-0000-4000-8000-000000000000\tDuration: 12.34 ms\t"
        "Billed Duration: 13 ms\tMemory Size: 1769 MB\tMax Memory Used: 101 MB\t"
    ),
]
RUNS_PER_MONTH = MONTH_MINUTES
# The headers that API Gateway adds to a response, with values of usual length.
GATEWAY_HEADERS = """\
HTTP/1.1 200 OK
Content-Length: 1234
Connection: keep-alive
Date: Sat, 05 Sep 2026 10:00:00 GMT
X-Amz-Apigw-Id: AAAAAAAAAAAAAAA=
X-Amzn-Requestid: 00000000-0000-4000-8000-000000000000
X-Amzn-Trace-Id: Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0
X-Cache: Miss from cloudfront
Via: 1.1 00000000000000000000000000000000.cloudfront.net (CloudFront)
X-Amz-Cf-Pop: FRA00-P0
X-Amz-Cf-Id: 00000000000000000000000000000000000000000000000000000000==

"""


# The headers that a Function URL adds.
URL_HEADERS = """\
HTTP/1.1 200 OK
Content-Length: 1234
Connection: keep-alive
Date: Sat, 05 Sep 2026 10:00:00 GMT
x-amzn-RequestId: 00000000-0000-4000-8000-000000000000
X-Amzn-Trace-Id: Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0
Access-Control-Allow-Origin: *
Access-Control-Expose-Headers: Retry-After,x-liveinsight-dropped,x-liveinsight-cursor

"""


@dataclass(frozen=True, slots=True)
class Consumption:
    """Everything that AWS charges for."""

    requests: float = 0  # to API Gateway
    invocations: float = 0  # of Lambda
    gb_seconds: float = 0
    write_units: float = 0
    read_units: float = 0
    log_bytes: float = 0
    bytes_out: float = 0
    byte_months: float = 0  # stored, and backed up

    def __add__(self, other: Consumption) -> Consumption:
        return Consumption(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(self))
        )

    def __mul__(self, times: float) -> Consumption:
        return Consumption(*(getattr(self, f.name) * times for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a month by service, in USD."""

    gateway: float
    function: float
    writes: float
    reads: float
    logs: float
    data_out: float
    storage: float

    @property
    def total(self) -> float:
        return sum(float(getattr(self, field.name)) for field in fields(self))


def cost_of(effort: Consumption) -> Cost:
    """Return the cost of one month; more requests to API Gateway are cheaper each."""
    log_price = PRICES["logs_per_gb"] + PRICES["logs_storage_gb_month"] * LOG_DAYS / 30
    stored_price = PRICES["dynamodb_storage_gb_month"] + PRICES["dynamodb_backup_gb_month"]
    return Cost(
        gateway=gateway_usd(effort.requests),
        function=_per_million(effort.invocations, "lambda_requests_per_million")
        + effort.gb_seconds * PRICES["lambda_arm_gb_second"],
        writes=_per_million(effort.write_units, "dynamodb_write_units_per_million"),
        reads=_per_million(effort.read_units, "dynamodb_read_units_per_million"),
        logs=effort.log_bytes / BYTES_PER_GB * log_price,
        data_out=effort.bytes_out / BYTES_PER_GB * PRICES["data_out_per_gb"],
        storage=effort.byte_months / BYTES_PER_GB * stored_price,
    )


def request(
    *,
    cpu_ms: float,
    round_trips: float,
    bytes_out: float,
    line_bytes: float,
    read_units: float = 0,
) -> Consumption:
    """Return the consumption of an API request without its writes. `cpu_ms` is at reference
    speed, `bytes_out` without the gateway's headers."""
    milliseconds = billed_ms(cpu_ms, round_trips=round_trips, memory_mb=API_MB)
    return Consumption(
        requests=1,
        invocations=1,
        gb_seconds=gb_seconds(milliseconds, memory_mb=API_MB),
        read_units=read_units,
        log_bytes=line_bytes + LOG_EVENT_BYTES + platform_bytes(),
        bytes_out=bytes_out + len(GATEWAY_HEADERS),
    )


def collect_request(
    *, cpu_ms: float, round_trips: float, bytes_out: float, line_bytes: float
) -> Consumption:
    """Return the consumption of a request to the Function URL, without reads and writes.
    `cpu_ms` is at reference speed, `bytes_out` without the URL's headers. Lambda logs no lines
    of its own (operate/aws/collect_settings.py)."""
    milliseconds = billed_ms(cpu_ms, round_trips=round_trips, memory_mb=COLLECT_MB)
    return Consumption(
        invocations=1,
        gb_seconds=gb_seconds(milliseconds, memory_mb=COLLECT_MB),
        log_bytes=line_bytes + LOG_EVENT_BYTES,
        bytes_out=bytes_out + len(URL_HEADERS),
    )


def job_run(
    *, cpu_ms: float, round_trips: float, write_units: float = 0, read_units: float = 0
) -> Consumption:
    """Return the consumption of a run that had nothing to do and logs nothing."""
    return Consumption(
        invocations=1,
        write_units=write_units,
        read_units=read_units,
        log_bytes=platform_bytes(),
    ) + job_time(cpu_ms, round_trips=round_trips)


def job_time(cpu_ms: float, *, round_trips: float = 0) -> Consumption:
    milliseconds = billed_ms(cpu_ms, round_trips=round_trips, memory_mb=JOB_MB)
    return Consumption(gb_seconds=gb_seconds(milliseconds, memory_mb=JOB_MB))


def platform_bytes() -> int:
    return sum(len(line) + 1 + LOG_EVENT_BYTES for line in PLATFORM_LINES)


def _per_million(number: float, price: str) -> float:
    return number / MILLION * PRICES[price]
