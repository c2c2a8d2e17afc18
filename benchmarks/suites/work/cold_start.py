"""A cold start of the API function, compared with the minimum of a similar function.

    python -m benchmarks.suites.work.cold_start

Fresh interpreters take turns: one imports the app and handles its first event, which opens a
session; the other imports chalice and boto3, creates a client and puts one item. Both use the
emulator. CPU is measured from the first line on, without the start of Python itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from statistics import median

from benchmarks.harness.lambda_events import browser, collect_event
from benchmarks.harness.reference_speed import slowness
from benchmarks.harness.result import Result
from benchmarks.targets.emulated_stage import emulator, fresh_stage
from benchmarks.targets.in_process_app import SETTINGS
from devkit.emulated_aws.emulator import without_aws
from devkit.project_paths import ROOT

NAME = "cold start, times that of chalice, boto3 and a put"
CPU_NAME = "cold start, CPU"
TURNS = 9
MAX_RATIO = 1.15

_OURS = """
import time
began = time.process_time()
import app
import json, sys
answer = app.app(json.loads(sys.argv[1]), None)
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
        pairs = [
            (_seconds(_OURS, environment, n), _seconds(_LEAST, environment, n))
            for n in range(turns + 1)
        ]
        speed = (before + slowness()) / 2
    # The first pair writes byte code.
    ratio = median(mine / its for mine, its in pairs[1:])
    yield Result(NAME, ratio, "times", MAX_RATIO)
    yield Result(CPU_NAME, median(mine for mine, _ in pairs[1:]) * 1000 / speed, "ms")


def _seconds(program: str, environment: Mapping[str, str], number: int) -> float:
    event = collect_event([_first_event(number)], browser(number))
    ended = subprocess.run(
        [sys.executable, "-c", program, json.dumps(event)],
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
