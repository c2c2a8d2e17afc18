"""The time that Lambda bills for work, from its CPU at reference speed and its calls.

    billed = CPU x FACTOR + round trips x ROUND_TRIP_MS

A function has one processor per 1,769 MB (AWS, "Configure Lambda function memory"), so one of
512 MB has 0.29. Assumed, not measured:

    SLOWER_THAN_REFERENCE  Lambda's arm processor needs 1.5 times the reference's time
    ROUND_TRIP_MS          a call to DynamoDB takes 4 ms from the same region on an open
                           connection (AWS promises "single-digit milliseconds")
    RUNTIME_START_MS       Python itself takes 100 ms to start. Starts are billed (since August
                           2025) and have a full processor whatever the memory
    WARM_MINUTES           an idle instance is stopped after 10 minutes
    LIFE_MINUTES           a busy one is replaced after two hours. AWS documents neither
"""

from __future__ import annotations

import json
import math

from devkit.project_paths import ROOT

FULL_PROCESSOR_MB = 1_769
ARM_SLOWNESS = 1.5
ROUND_TRIP_MS = 4.0
RUNTIME_START_MS = 100.0
WARM_MINUTES, LIFE_MINUTES = 10.0, 120.0
MONTH_MINUTES = 60 * 24 * 30


def _memory_mb(function: str) -> int:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    return int(config["stages"]["prod"]["lambda_functions"][function]["lambda_memory_size"])


API_MB = _memory_mb("api_handler")
COLLECT_MB = _memory_mb("collect")
JOB_MB = _memory_mb("expire_sessions")


def billed_ms(cpu_ms: float, *, round_trips: float, memory_mb: int) -> float:
    """Return the billed ms. `cpu_ms` is at reference speed; `round_trips` are sequential. More
    than one processor does not help."""
    share = min(memory_mb / FULL_PROCESSOR_MB, 1.0)
    return cpu_ms / share * ARM_SLOWNESS + round_trips * ROUND_TRIP_MS


def start_ms(cpu_ms: float) -> float:
    """Return the billed ms of a cold start; `cpu_ms` is at reference speed."""
    return RUNTIME_START_MS + cpu_ms * ARM_SLOWNESS


def cold_starts(sessions: float, *, busy: float) -> float:
    """Return the cold starts of a month with sessions at random times: requests without a warm
    instance, and replaced instances. `busy` is the mean number of busy instances."""
    in_a_minute = sessions / MONTH_MINUTES
    finding_none = sessions * math.exp(-in_a_minute * WARM_MINUTES)
    present = 1 - math.exp(-in_a_minute * WARM_MINUTES)
    return finding_none + (present + busy) * MONTH_MINUTES / LIFE_MINUTES


def gb_seconds(milliseconds: float, *, memory_mb: int) -> float:
    return milliseconds / 1000 * memory_mb / 1024
