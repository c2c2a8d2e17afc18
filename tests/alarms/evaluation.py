"""When CloudWatch puts an alarm of infra/resources.yaml into which state.

Samples are kept by metric and minute. An alarm is evaluated each minute over its last periods.
AWS documents that the periods slide with the evaluation; `slides=False` cuts them at the clock
instead, to show that nothing hangs on it. `delay` is how many minutes CloudWatch is behind, and
`spare` how many periods it retrieves beyond those it needs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.alarms.metric_math import Series, evaluate

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
Metric = tuple[str, ...]  # namespace, name, and each dimension as Name=Value


@dataclass
class Samples:
    by_metric: dict[Metric, dict[int, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    _known: dict[tuple[Metric, str, int, int], float | None] = field(default_factory=dict)

    def add(self, minute: int, metric: Metric, *values: float) -> None:
        self.by_metric[metric][minute] += values
        self._known.clear()

    def statistic(self, name: str, metric: Metric, start: int, end: int) -> float | None:
        """Return the statistic of the samples from minute `start` until before `end`."""
        key = (metric, name, start, end)
        if key not in self._known:
            by_minute = self.by_metric.get(metric, {})
            some = [by_minute[minute] for minute in range(start, end) if minute in by_minute]
            values = [value for values in some for value in values]
            self._known[key] = _statistic(name, values)
        return self._known[key]


@dataclass(frozen=True)
class Clock:
    slides: bool = True
    fills_empty: bool = True
    delay: int = 2
    spare: int = 1


def states(
    alarm: Mapping[str, Any], samples: Samples, minutes: range, clock: Clock
) -> Iterator[tuple[int, str]]:
    """Return the state after each minute, starting with the alarm's creation."""
    state = INSUFFICIENT
    for minute in minutes:
        state = _next(alarm, _points(alarm, samples, minute, clock), state)
        yield minute, state


def metric_of(properties: Mapping[str, Any]) -> Metric:
    dimensions = sorted(f"{d['Name']}={d['Value']}" for d in properties["Dimensions"])
    return (properties["Namespace"], properties["MetricName"], *dimensions)


def _points(
    alarm: Mapping[str, Any], samples: Samples, minute: int, clock: Clock
) -> list[float | None]:
    """Return one point per evaluation period, oldest first."""
    number = alarm["EvaluationPeriods"]
    period = _period(alarm) // 60
    end = minute if clock.slides else minute // period * period
    times = [end - period * back for back in range(number + clock.spare, 0, -1)]
    seen = minute - clock.delay

    def series(metric: Metric, statistic: str) -> Series:
        found = {}
        for start in times:
            value = samples.statistic(statistic, metric, start, min(start + period, seen))
            if value is not None:
                found[start] = value
        return found

    if "MetricName" in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        result = series(metric_of(alarm), statistic)
    else:
        stats = {m["Id"]: m["MetricStat"] for m in alarm["Metrics"] if "MetricStat" in m}
        (formula,) = [m["Expression"] for m in alarm["Metrics"] if "Expression" in m]
        result = evaluate(
            formula,
            {id_: series(metric_of(s["Metric"]), s["Stat"]) for id_, s in stats.items()},
            times,
            fills_empty=clock.fills_empty,
        )
    return [result.get(at) for at in times[-number:]]


def _period(alarm: Mapping[str, Any]) -> int:
    """Return the alarm's period; AWS accepts one per alarm."""
    if "Period" in alarm:
        return int(alarm["Period"])
    (period,) = {m["MetricStat"]["Period"] for m in alarm["Metrics"] if "MetricStat" in m}
    return int(period)


def _statistic(statistic: str, values: list[float]) -> float | None:
    if not values:
        return None
    if statistic.startswith("p"):
        share = float(statistic[1:]) / 100
        if len(values) < 10 / (1 - share):
            return None  # too few for a percentile: EvaluateLowSampleCountPercentile is ignore
        return sorted(values)[math.ceil(share * len(values)) - 1]
    return sum(values) if statistic == "Sum" else max(values)


_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "LessThanThreshold": lambda value, limit: value < limit,
}


def _next(alarm: Mapping[str, Any], points: list[float | None], state: str) -> str:
    needed = alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"])
    breaches = _BREACHES[alarm["ComparisonOperator"]]
    known = [breaches(point, alarm["Threshold"]) for point in points if point is not None]
    missing = len(points) - len(known)
    breaching = sum(known)
    match alarm["TreatMissingData"]:
        case "breaching":
            breaching += missing
        case "ignore" if not known or (breaching == len(known) < needed):
            return state
        case "missing" if not known:
            return INSUFFICIENT
    return ALARM if breaching >= needed else OK
