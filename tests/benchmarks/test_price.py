from __future__ import annotations

import pytest

from benchmarks.lambda_time import billed_ms, gb_seconds
from benchmarks.price import (
    LOG_EVENT_BYTES,
    MILLION,
    PRICES,
    RUNS_A_MONTH,
    Effort,
    cost_of,
    platform_bytes,
    request,
    run_of_job,
)
from benchmarks.watching import alarms, metrics


def test_each_part_is_priced_by_the_list():
    cost = cost_of(
        Effort(
            requests=MILLION,
            invocations=MILLION,
            billed_ms=0,
            write_units=MILLION,
            read_units=MILLION,
            log_bytes=1e9,
            traces=MILLION,
        )
    )

    assert (cost.gateway, cost.function) == (3.50, 0.20)
    assert (cost.writes, cost.reads) == (0.625, 0.125)
    assert (cost.logs, cost.tracing) == (0.50, 5.00)
    assert cost.total == pytest.approx(9.95)


def test_function_is_priced_by_its_memory_and_time():
    cost = cost_of(Effort(billed_ms=2_000))

    assert cost.total == pytest.approx(2 * 0.5 * PRICES["lambda_arm_gb_second"])
    assert gb_seconds(1_000, memory_mb=1_024) == 1


def test_more_memory_makes_work_shorter_up_to_a_processor():
    assert billed_ms(10, round_trips=0, memory_mb=512) == pytest.approx(51.8, rel=0.01)
    assert billed_ms(10, round_trips=0, memory_mb=1_769) == 15
    assert billed_ms(10, round_trips=0, memory_mb=3_538) == 15
    assert billed_ms(0, round_trips=3) == 12


def test_efforts_add_up():
    one = Effort(requests=1, write_units=3, log_bytes=400)

    assert one + one == one * 2
    assert cost_of(one + one).total == pytest.approx(2 * cost_of(one).total)


def test_request_logs_its_line_and_what_lambda_says():
    assert request(cpu_ms=1, round_trips=2, line_bytes=300).log_bytes == (
        300 + LOG_EVENT_BYTES + platform_bytes()
    )


def test_run_of_the_job_passes_no_gateway_and_is_not_traced():
    run = run_of_job(cpu_ms=1, round_trips=2)

    assert (run.requests, run.traces, run.invocations) == (0, 0, 1)
    assert RUNS_A_MONTH == 43_200


def test_alarm_with_a_formula_is_paid_by_its_metrics():
    found = alarms()

    assert found["JobErrorsAlarm"] == 1
    assert found["ReadThrottlesAlarm"] > 1
    assert min(found.values()) == 1
    assert metrics() > len(found)
