"""Simulates the metrics of a deployment in CloudWatch, minute by minute, as AWS and the app
report them. The health check is the job's own; its metric is read from the line that it
logs."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field

from chalicelib.services import health_check
from chalicelib.storage.aws.api_function import NoAnswer
from chalicelib.web import request_log
from tests.alarms.evaluation import Samples
from tests.world import settings

MINUTES_A_MONTH = 30 * 24 * 60
API, JOB = "liveinsight-prod", "liveinsight-prod-expire_sessions"
COLLECT = "liveinsight-prod-collect"
_SETTINGS = settings(EVENTS_TABLE="LiveInsight-Events")  # those of prod
Happens = Callable[[int], bool]


def never(_: int) -> bool:
    return False


def during(minutes: range) -> Happens:
    return lambda minute: minute in minutes


def after(begins: int) -> Happens:
    return lambda minute: minute >= begins


@dataclass
class Deployment:
    """Faults by minute: `crashes`, the API function cannot start; `denied`, the tables cannot
    be read; `stopped`, the job is not invoked; `throttled`, Lambda rejects every invocation.
    `failing` is the share of other requests that fail, and `refused` that of 4xx. A deployment
    that `collects` has as many requests to its Function URL, of which `lost` fail."""

    requests_a_month: float
    crashes: Happens = never
    denied: Happens = never
    stopped: Happens = never
    throttled: Happens = never
    failing: float = 0.0
    refused: float = 0.0
    collects: bool = False
    lost: float = 0.0
    seed: int = 1
    samples: Samples = field(default_factory=Samples)

    def play(self, minutes: range) -> Samples:
        chance = random.Random(self.seed)
        mean = self.requests_a_month / MINUTES_A_MONTH
        for minute in minutes:
            for _ in range(_arrivals(chance, mean)):
                self._request(minute, chance)
                if self.collects:
                    self._collect(minute, chance)
            if not self.stopped(minute):
                self._job(minute)
        return self.samples

    def _request(self, minute: int, chance: random.Random) -> None:
        fails = self._api(minute) != 200 or chance.random() < self.failing
        refused = not fails and chance.random() < self.refused
        for name, value in (("Count", 1), ("5XXError", fails), ("4XXError", refused)):
            metric = ("AWS/ApiGateway", name, "ApiName=liveinsight", "Stage=prod")
            self.samples.add(minute, metric, float(value))

    def _collect(self, minute: int, chance: random.Random) -> None:
        fails = chance.random() < self.lost
        refused = not fails and chance.random() < self.refused
        self._function(minute, COLLECT, "UrlRequestCount", 1)
        self._function(minute, COLLECT, "Url5xxCount", float(fails))
        self._function(minute, COLLECT, "Url4xxCount", float(refused))
        self._function(minute, COLLECT, "Errors", 0)
        self._function(minute, COLLECT, "Duration", 40)

    def _api(self, minute: int) -> int:
        """Return the status of the API function, and record its metrics."""
        if self.throttled(minute):
            self._function(minute, API, "Throttles", 1)
            return 500  # API Gateway's
        self._function(minute, API, "Invocations", 1)
        self._function(minute, API, "Errors", float(self.crashes(minute)))
        self._function(minute, API, "Duration", 40)
        if self.crashes(minute):
            return 502
        if self.denied(minute):
            self._own(minute, "Errors", 1)
            return 503
        return 200

    def _job(self, minute: int) -> None:
        if self.throttled(minute):
            self._function(minute, JOB, "Throttles", 1)
            return
        self._function(minute, JOB, "Invocations", 1)
        self._function(minute, JOB, "Errors", float(self.denied(minute)))
        self._function(minute, JOB, "Duration", 60)
        output = io.StringIO()
        with redirect_stdout(output):
            failure = health_check.failure(
                _Api(self, minute),  # type: ignore[arg-type]
                minute * 60_000,
                remaining_ms=lambda: 55_000,
                pause=lambda _: None,
            )
            request_log.log_health_check(failure, _SETTINGS, now=minute * 60_000)
        for line in output.getvalue().splitlines():
            self._embedded(minute, json.loads(line))

    def _embedded(self, minute: int, line: dict[str, object]) -> None:
        """Extract the metrics from a log line, as CloudWatch does."""
        for name in _names(line):
            self._own(minute, name, float(str(line[name])))

    def _own(self, minute: int, name: str, value: float) -> None:
        self.samples.add(minute, ("LiveInsight", name, "Stage=prod"), value)

    def _function(self, minute: int, function: str, name: str, value: float) -> None:
        self.samples.add(minute, ("AWS/Lambda", name, f"FunctionName={function}"), value)


@dataclass
class _Api:
    """The API function as the job invokes it."""

    deployment: Deployment
    minute: int

    def get(self, path: str) -> int:
        assert path == "/health"
        status = self.deployment._api(self.minute)
        if status in (500, 502):
            raise NoAnswer("TooManyRequestsException" if status == 500 else "Unhandled")
        return status


def _names(line: dict[str, object]) -> Iterator[str]:
    described = line["_aws"]
    assert isinstance(described, dict)
    for group in described["CloudWatchMetrics"]:
        assert (group["Namespace"], group["Dimensions"]) == ("LiveInsight", [["Stage"]])
        yield from (metric["Name"] for metric in group["Metrics"])


def _arrivals(chance: random.Random, mean: float) -> int:
    """Return the requests of a minute, from a Poisson distribution."""
    number, left = 0, chance.expovariate(1)
    while left < mean:
        number += 1
        left += chance.expovariate(1)
    return number
