"""Cold starts of the functions, compared with the minimum of a similar function.

    python -m benchmarks.suites.work.cold_start

Fresh interpreters take turns: one imports the collect function and handles its first event,
which opens a session; one imports the API's function and handles the same event; the last
imports chalice and boto3, creates a client and puts one item. All use the emulator. CPU is
measured from the first line on, without the start of Python itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks.harness.lambda_events import api_collect_event, browser, collect_event
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.targets.emulated_stage import emulator, fresh_stage
from benchmarks.targets.in_process_app import SETTINGS
from devkit.emulated_aws.emulator import without_aws
from devkit.project_paths import ROOT

NAME = "cold start of collecting, times that of chalice, boto3 and a put"
CPU_NAME = "cold start of collecting, CPU"
API_NAME = "cold start of the API, times that of chalice, boto3 and a put"
API_CPU_NAME = "cold start of the API, CPU"
TURNS = 9
MAX_RATIO = 0.9

_COLLECT = """
import time
began = time.process_time()
from chalicelib.web.function_url import handle
import json, sys
answer = handle(json.loads(sys.argv[1]), None)
taken = time.process_time() - began
assert answer["statusCode"] == 200, answer
print(taken)
"""
_API = """
import time
began = time.process_time()
import app
import json, sys
answer = app.app(json.loads(sys.argv[2]), None)
taken = time.process_time() - began
assert answer["statusCode"] == 200, answer
print(taken)
"""
_LEAST = """
import time
began = time.process_time()
import chalice, boto3
import os
item = {"session_id": {"S": os.urandom(4).hex()}, "event_id": {"S": "of the benchmark"}}
boto3.client("dynamodb").put_item(TableName=os.environ["EVENTS_TABLE"], Item=item)
print(time.process_time() - began)
"""


def measure(turns: int = TURNS) -> Iterator[Result]:
    with emulator() as started:
        _, tables = fresh_stage(started)
        environment = {
            **without_aws(os.environ),
            **SETTINGS,
            **started.environment,
            **tables,
            "PYTHONPATH": str(ROOT),
        }
        before = slowness()
        turns_taken = [
            [_seconds(program, environment, n) for program in (_COLLECT, _API, _LEAST)]
            for n in range(turns + 1)
        ]
        speed = (before + slowness()) / 2
    del turns_taken[0]  # it writes byte code
    collect, api, least = zip(*turns_taken, strict=True)
    yield Result(NAME, _ratio(collect, least), "times", MAX_RATIO)
    yield Result(CPU_NAME, median(collect) * 1000 / speed, "ms")
    yield Result(API_NAME, _ratio(api, least), "times")
    yield Result(API_CPU_NAME, median(api) * 1000 / speed, "ms")


def _ratio(ours: Sequence[float], least: Sequence[float]) -> float:
    return median(mine / its for mine, its in zip(ours, least, strict=True))


def _seconds(program: str, environment: Mapping[str, str], number: int) -> float:
    bodies, sender = [_first_event(number)], browser(number)
    events = [collect_event(bodies, sender), api_collect_event(bodies, sender)]
    ended = subprocess.run(
        [sys.executable, "-c", program, *map(json.dumps, events)],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ended.stdout.splitlines()[-1])


def _first_event(number: int) -> dict[str, object]:
    return {
        "event_type": "page_view",
        "event_id": f"{number:08x}-0000-4000-8000-000000000000",
        "page_url": "https://demo.example/seeds/salad.html",
        "referrer": "https://www.google.com/",
        "title": "Cut-again salad · Larkspur",
        "language": "de-DE",
        "screen": "1920x1080",
        "timezone": "Europe/Berlin",
        "age": 250,
    }


if __name__ == "__main__":
    for result in measure():
        print(result)
