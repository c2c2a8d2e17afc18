"""The alarms of infra/resources.yaml on the metrics of healthy and broken deployments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.alarms.deployment import API, COLLECT, JOB, Deployment, after, during
from tests.alarms.evaluation import ALARM, INSUFFICIENT, OK, Clock, Samples, states
from tests.resources_template import of_type, resolved

HOUR = 60
DAY = 24 * HOUR
SMALL, BUSY = 1_000, 3_000_000  # requests a month
ALARMS: dict[str, dict[str, Any]] = {
    logical_id: resolved(properties, "prod")
    for logical_id, properties in of_type("AWS::CloudWatch::Alarm").items()
}
# AWS documents sliding periods; nothing may hang on that, nor on what FILL does with a metric
# that has no value at all, which it does not document.
CLOCKS = [
    pytest.param(Clock(), id="slides"),
    pytest.param(Clock(slides=False), id="by the clock"),
    pytest.param(Clock(fills_empty=False), id="empty series stay empty"),
    pytest.param(Clock(delay=0, spare=0), id="at once"),
    pytest.param(Clock(delay=4, spare=3), id="late"),
]


def first(name: str, samples: Samples, minutes: range, clock: Clock, state: str = ALARM) -> int:
    """Return the first minute in which the alarm has the state."""
    for minute, has in states(ALARMS[name], samples, minutes, clock):
        if has == state:
            return minute
    raise AssertionError(f"{name} was never in {state}")


def in_alarm(samples: Samples, minutes: range, clock: Clock) -> set[str]:
    """Return the alarms that are in ALARM at any time."""
    return {
        name
        for name, properties in ALARMS.items()
        if any(has == ALARM for _, has in states(properties, samples, minutes, clock))
    }


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_healthy_small_site_raises_no_alarm(seed: int, clock: Clock):
    day = range(DAY)
    samples = Deployment(SMALL, refused=0.05, collects=True, seed=seed).play(day)

    assert in_alarm(samples, day, clock) == set()


@pytest.mark.parametrize("clock", CLOCKS)
def test_healthy_busy_site_raises_no_alarm(clock: Clock):
    hours = range(6 * HOUR)
    samples = Deployment(BUSY, failing=0.0005, refused=0.02, collects=True).play(hours)

    assert in_alarm(samples, hours, clock) == set()


def test_healthy_site_without_visitors_raises_no_alarm():
    days = range(2 * DAY)

    assert in_alarm(Deployment(0).play(days), days, Clock()) == set()


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("requests", [0, SMALL])
@pytest.mark.parametrize("cause", ["crashes", "denied", "throttled"])
def test_outage_of_a_small_site_alarms_within_two_hours(
    cause: str, requests: int, clock: Clock
):
    """At any time of day. If the job is throttled too, its own alarm reports that."""
    noticed = "ThrottlesAlarm" if cause == "throttled" else "ApiDownAlarm"
    for begins in range(DAY, DAY + HOUR, 9):
        end = begins + 3 * HOUR
        failing: dict[str, Any] = {cause: after(begins)}
        samples = Deployment(requests, **failing).play(range(begins - HOUR, end))

        after_minutes = first(noticed, samples, range(begins - HOUR, end), clock) - begins
        assert 0 <= after_minutes <= (65 if clock.slides else 100) < 2 * HOUR


@pytest.mark.parametrize("clock", CLOCKS)
def test_outage_stays_in_alarm_and_ends_within_three_hours(clock: Clock):
    outage = range(10 * HOUR, 20 * HOUR)
    samples = Deployment(SMALL, crashes=during(outage)).play(range(DAY))
    went = dict(states(ALARMS["ApiDownAlarm"], samples, range(DAY), clock))

    assert {went[minute] for minute in range(12 * HOUR, 20 * HOUR)} == {ALARM}
    assert {went[minute] for minute in range(23 * HOUR, DAY)} == {OK}


@pytest.mark.parametrize("clock", CLOCKS)
def test_outage_of_a_busy_site_alarms_within_15_minutes(clock: Clock):
    minutes = range(DAY, DAY + 4 * HOUR)
    begins = DAY + 130
    samples = Deployment(BUSY, crashes=after(begins)).play(minutes)

    assert first("ApiErrorsAlarm", samples, minutes, clock) - begins < 15
    assert first("Api5xxAlarm", samples, minutes, clock) - begins < 20


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(("requests", "lost", "noticed", "within"), [
    pytest.param(BUSY, 0.3, "CollectFailingAlarm", 20, id="busy"),
    pytest.param(SMALL, 1.0, "ApiDownAlarm", 4 * HOUR, id="small"),
])  # fmt: skip
def test_failing_function_url_alarms_while_the_api_works(
    requests: float, lost: float, noticed: str, within: int, clock: Clock
):
    minutes = range(12 * HOUR)
    samples = Deployment(requests, collects=True, lost=lost).play(minutes)

    assert first(noticed, samples, minutes, clock) < within
    states_of_api = states(ALARMS["Api5xxAlarm"], samples, minutes, clock)
    assert ALARM not in {state for _, state in states_of_api}


@pytest.mark.parametrize("clock", CLOCKS)
def test_missing_rights_of_the_job_raise_an_alarm(clock: Clock):
    minutes = range(DAY, DAY + 4 * HOUR)
    begins = DAY + 75
    samples = Deployment(0, denied=after(begins)).play(minutes)

    assert first("JobErrorsAlarm", samples, minutes, clock) - begins < 15


def test_single_error_or_failed_attempt_raises_no_alarm():
    hours = range(6 * HOUR)
    samples = Deployment(0).play(hours)
    gateway = ("AWS/ApiGateway", "{}", "ApiName=liveinsight", "Stage=prod")
    for minute, fails in ((70, 1), (75, 0), (80, 0)):  # a third of the requests of an hour
        samples.add(minute, ("AWS/ApiGateway", "Count", *gateway[2:]), 1)
        samples.add(minute, ("AWS/ApiGateway", "5XXError", *gateway[2:]), fails)

    assert in_alarm(samples, hours, Clock()) == set()


def test_most_requests_of_an_hour_failing_is_an_outage_from_three_on():
    def with_failures(number: int) -> Samples:
        samples = Deployment(0).play(range(4 * HOUR))
        for minute in range(70, 70 + 12 * number, 12):
            for name in ("Count", "5XXError"):
                metric = ("AWS/ApiGateway", name, "ApiName=liveinsight", "Stage=prod")
                samples.add(minute, metric, 1)
        return samples

    hours = range(4 * HOUR)
    assert in_alarm(with_failures(2), hours, Clock()) == set()
    assert in_alarm(with_failures(3), hours, Clock()) == {"ApiDownAlarm"}


@pytest.mark.parametrize("clock", CLOCKS)
def test_no_alarm_of_a_stage_without_an_app_is_in_alarm(clock: Clock):
    """The resources are created before the functions."""
    assert in_alarm(Samples(), range(6 * HOUR), clock) == set()


@pytest.mark.parametrize("clock", CLOCKS)
def test_first_run_of_the_job_raises_no_alarm(clock: Clock):
    minutes = range(6 * HOUR)
    samples = Deployment(SMALL, stopped=lambda minute: minute < 2 * HOUR).play(minutes)
    went = dict(states(ALARMS["JobNotRunningAlarm"], samples, minutes, clock))

    assert {went[minute] for minute in range(2 * HOUR)} == {INSUFFICIENT}
    assert went[2 * HOUR + 15] == OK
    assert in_alarm(samples, minutes, clock) == set()


@pytest.mark.parametrize("clock", CLOCKS)
def test_stopped_job_is_in_alarm_until_it_runs_again(clock: Clock):
    stopped = range(5 * HOUR, 20 * HOUR)
    samples = Deployment(SMALL, stopped=during(stopped)).play(range(DAY))
    went = dict(states(ALARMS["JobNotRunningAlarm"], samples, range(DAY), clock))

    assert {went[minute] for minute in range(HOUR, 5 * HOUR + 10)} == {OK}
    assert {went[minute] for minute in range(5 * HOUR + 30, 20 * HOUR)} == {ALARM}
    assert {went[minute] for minute in range(20 * HOUR + 40, DAY)} == {OK}


@pytest.mark.parametrize("clock", CLOCKS)
def test_single_skipped_run_raises_no_alarm(clock: Clock):
    minutes = range(5 * HOUR)
    samples = Deployment(0, stopped=lambda minute: minute % 97 == 0).play(minutes)

    assert in_alarm(samples, minutes, clock) == set()


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("function", [API, COLLECT, JOB])
def test_throttled_invocation_raises_an_alarm(function: str, clock: Clock):
    minutes = range(4 * HOUR)
    samples = Deployment(SMALL).play(minutes)
    samples.add(2 * HOUR, ("AWS/Lambda", "Throttles", f"FunctionName={function}"), 1)
    went = dict(states(ALARMS["ThrottlesAlarm"], samples, minutes, clock))

    assert first("ThrottlesAlarm", samples, minutes, clock) - 2 * HOUR < 10
    assert went[3 * HOUR] == OK


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("kind", ["Read", "Write"])
def test_throttled_table_is_in_alarm_and_ends(kind: str, clock: Clock):
    """One table is throttled once; the others have no data."""
    name = f"{kind}ThrottlesAlarm"
    table = ALARMS[name]["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
    samples = Samples()
    samples.add(HOUR, ("AWS/DynamoDB", f"{kind}ThrottleEvents", f"TableName={table}"), 10)
    went = dict(states(ALARMS[name], samples, range(3 * HOUR), clock))

    assert ALARM in {went[minute] for minute in range(HOUR, HOUR + 12)}
    assert {went[minute] for minute in range(HOUR + 15, 3 * HOUR)} == {OK}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(
    ("name", "metric", "value", "minutes", "ends_within"),
    [
        ("RowsFailedAlarm", "RowsFailed", 3, [HOUR], 15),
        ("JobBehindAlarm", "JobLagSeconds", 900, list(range(HOUR, HOUR + 30)), 45),
        ("TrafficAlarm", "TrafficChange", 1, [HOUR + 50], 180),
    ],
)
def test_alarm_on_a_sparse_metric_starts_and_ends(
    name: str, metric: str, value: int, minutes: list[int], ends_within: int, clock: Clock
):
    """The app reports these metrics only when there is something to report."""
    samples = Samples()
    for minute in minutes:
        samples.add(minute, ("LiveInsight", metric, "Stage=prod"), value)
    went = dict(states(ALARMS[name], samples, range(8 * HOUR), clock))

    assert ALARM in went.values()
    assert {went[at] for at in range(minutes[-1] + ends_within, 8 * HOUR)} == {OK}
    assert ALARM not in {went[at] for at in range(HOUR)}


def test_formula_without_fill_misses_the_outage():
    """Without FILL, the job's alarm has no value to compare."""
    alarm = ALARMS["JobNotRunningAlarm"]
    formula, runs = alarm["Metrics"]
    unfilled = alarm | {"Metrics": [formula | {"Expression": "IF(runs > 0, runs)"}, runs]}
    samples = Deployment(0, stopped=after(2 * HOUR)).play(range(5 * HOUR))

    assert ALARM not in dict(states(unfilled, samples, range(5 * HOUR), Clock())).values()
