from __future__ import annotations

import pytest

from benchmarks.harness.lambda_time import (
    API_MB,
    JOB_MB,
    billed_ms,
    cold_starts,
    gb_seconds,
    start_ms,
)
from benchmarks.suites.price.cost_model import (
    GATEWAY_HEADERS,
    LOG_EVENT_BYTES,
    RUNS_PER_MONTH,
    Consumption,
    cost_of,
    job_run,
    platform_bytes,
    request,
)
from benchmarks.suites.price.monitoring_price import alarms
from devkit.infrastructure.price_list import BYTES_PER_GB, MILLION, PRICES, gateway_usd


def test_each_part_is_priced_by_the_price_list():
    cost = cost_of(
        Consumption(
            requests=MILLION,
            invocations=MILLION,
            write_units=MILLION,
            read_units=MILLION,
            log_bytes=BYTES_PER_GB,
            bytes_out=BYTES_PER_GB,
            byte_months=BYTES_PER_GB,
        )
    )

    assert (cost.gateway, cost.function) == (3.50, 0.20)
    assert (cost.writes, cost.reads) == (0.625, 0.125)
    assert cost.logs == pytest.approx(0.50 + 0.03 * 7 / 30)
    assert (cost.data_out, cost.storage) == (0.09, 0.25 + 0.20)
    assert cost.total == pytest.approx(5.497)


@pytest.mark.parametrize(
    ("millions", "usd"),
    [
        (1, 3.50),
        (333, 333 * 3.50),
        (1_000, 333 * 3.50 + 667 * 2.80),
        (20_000, 333 * 3.50 + 667 * 2.80 + 19_000 * 2.38),
        (20_001, 333 * 3.50 + 667 * 2.80 + 19_000 * 2.38 + 1.51),
    ],
)
def test_gateway_requests_get_cheaper_by_tier(millions: int, usd: float):
    assert gateway_usd(millions * MILLION) == pytest.approx(usd)


def test_function_is_priced_by_its_memory_and_time():
    cost = cost_of(Consumption(gb_seconds=gb_seconds(2_000, memory_mb=512)))

    assert cost.total == pytest.approx(2 * 0.5 * PRICES["lambda_arm_gb_second"])
    assert gb_seconds(1_000, memory_mb=1_024) == 1


def test_functions_have_the_memory_of_the_configuration():
    assert (API_MB, JOB_MB) == (1_769, 512)


def test_more_memory_makes_work_shorter_up_to_a_processor():
    assert billed_ms(10, round_trips=0, memory_mb=512) == pytest.approx(51.8, rel=0.01)
    assert billed_ms(10, round_trips=0, memory_mb=1_769) == 15
    assert billed_ms(10, round_trips=0, memory_mb=3_538) == 15
    assert billed_ms(0, round_trips=3, memory_mb=512) == 12


def test_consumption_adds_up():
    one = Consumption(requests=1, write_units=3, log_bytes=400)

    assert one + one == one * 2
    assert cost_of(one + one).total == pytest.approx(2 * cost_of(one).total)


def test_request_includes_log_lines_and_headers():
    result = request(cpu_ms=1, round_trips=2, bytes_out=100, line_bytes=300)

    assert result.log_bytes == 300 + LOG_EVENT_BYTES + platform_bytes()
    assert result.bytes_out == 100 + len(GATEWAY_HEADERS)
    assert result.gb_seconds == pytest.approx((1.5 + 8) / 1000 * 1_769 / 1024)


def test_requests_of_a_quiet_site_are_cold_starts():
    """A function that is never idle is replaced twelve times a day."""
    assert cold_starts(30, busy=0) == pytest.approx(30, rel=0.1)
    assert cold_starts(10_000_000, busy=1) == pytest.approx(2 * 360)
    assert cold_starts(0, busy=0) == 0


def test_cold_start_includes_the_start_of_python():
    assert start_ms(200) == 100 + 300


def test_job_does_not_use_the_gateway():
    run = job_run(cpu_ms=1, round_trips=2)

    assert (run.requests, run.bytes_out, run.invocations) == (0, 0, 1)
    assert RUNS_PER_MONTH == 43_200


def test_alarm_with_a_formula_is_priced_per_metric():
    result = alarms()

    assert result["JobErrorsAlarm"] == 1
    assert result["ReadThrottlesAlarm"] > 1
    assert min(result.values()) == 1
    assert sum(result.values()) > len(result)
