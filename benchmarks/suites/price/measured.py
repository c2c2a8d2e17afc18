"""The figures of results.json from which prices are calculated.

CPU is in ms at reference speed, sizes are in bytes, units are those of DynamoDB.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.suites.work.collecting import (
    CONTINUING,
    ENGAGEMENT_ALONE,
    LARGEST,
    NEW,
    TRACKER,
    VIEW_AND_ENGAGEMENT,
)
from benchmarks.suites.work.realtime_cpu import SIZES
from benchmarks.suites.work.stats_queries import DRAWN_SESSIONS, REPETITIONS
from devkit.project_paths import ROOT

RESULTS = ROOT / "benchmarks" / "results.json"
FILTERED_SESSIONS = DRAWN_SESSIONS * REPETITIONS  # with a million page views
KINDS = (NEW, CONTINUING, VIEW_AND_ENGAGEMENT, ENGAGEMENT_ALONE, TRACKER, LARGEST)


@dataclass(frozen=True, slots=True)
class Measurements:
    """`units_...` are write units per page view: in full batches, in batches of one session,
    and with engagement in full batches. `cpu_ms`, `calls` and `answer_bytes` are by kind of
    request (benchmarks/suites/work/collecting.py)."""

    units_full: float
    units_one: float
    units_engaged: float
    cpu_ms: Mapping[str, float]
    calls: Mapping[str, float]
    answer_bytes: Mapping[str, float]
    closing_ms: float
    start_ms: float  # of the API's function
    collect_start_ms: float
    event_bytes: float
    outline_bytes: float
    packed_bytes: float  # of a closed session
    summary_bytes: float  # of the largest day
    snapshot_bytes: float  # of a part of the active sessions, at its largest
    realtime_ms: Mapping[int, float]  # by the number of active sessions
    realtime_bytes: float
    stats_ms: float  # of summaries only
    filtered_ms: float  # of stats that counts FILTERED_SESSIONS
    stats_bytes: float

    @property
    def session_ms(self) -> float:
        """CPU of stats per counted session."""
        return self.filtered_ms / FILTERED_SESSIONS


def load_measurements(path: Path = RESULTS) -> Measurements:
    return measurements_from(
        {row["name"]: row["value"] for row in json.loads(path.read_text(encoding="utf-8"))}
    )


def measurements_from(values: Mapping[str, float]) -> Measurements:
    """Return the measurements from figures by name."""
    answer = values["response to an event"]
    return Measurements(
        units_full=values["write units per event, cookieless"],
        units_one=values["write units per event, one session per run"],
        units_engaged=values["write units per page view, with engagement"],
        cpu_ms={kind: values[f"collecting, CPU of {kind}"] for kind in KINDS},
        calls={kind: values[f"calls to DynamoDB, {kind}"] for kind in KINDS},
        answer_bytes=dict.fromkeys(KINDS, answer)
        | {
            TRACKER: values["response with tracker.js"],
            LARGEST: values["response to the largest request, uncompressed"],
        },
        closing_ms=values["closing, CPU per session"],
        start_ms=values["cold start of the API, CPU"],
        collect_start_ms=values["cold start of collecting, CPU"],
        event_bytes=values["storage of an event"],
        outline_bytes=values["storage of a session item"],
        packed_bytes=values["storage of closed sessions"],
        summary_bytes=values["largest summary of a day"],
        snapshot_bytes=values["largest snapshot of active sessions"],
        realtime_ms={
            rows: values[f"realtime with {rows:,} active sessions, CPU"] for rows in SIZES
        },
        realtime_bytes=values["response of realtime"],
        stats_ms=values["stats without a filter, CPU"],
        filtered_ms=values["stats with a filter for all, CPU"],
        stats_bytes=values["response of stats"],
    )
