"""What the load test runs against: an emulator, and two processes of the app, as Lambda runs
several instances. Each has a job of its own, so their runs overlap."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.targets.in_process_app import SETTINGS, TOKEN
from devkit.emulated_aws import child_process
from devkit.emulated_aws.child_process import Process
from devkit.emulated_aws.emulated_stack import aws_client, deploy_stack
from devkit.emulated_aws.emulator import Emulator, start_emulator, without_aws
from devkit.project_paths import RESOURCES
from devkit.stage_environment import stage_environment
from traffic_model.session_script import SITE

SESSION_TIMEOUT_SECONDS = 10  # so that all sessions close soon after the last event
EXPIRE_SECONDS = 2.0
APPS = 2
POLL_SECONDS = 1.0
_PROCESSING_TIME = re.compile(r'"ProcessingTime":(\d+)')


@dataclass(slots=True)
class LoadTarget:
    """`state` is the folder of the emulator's data."""

    apps: Sequence[Process]
    emulator: Emulator
    state: Path
    tables: Mapping[str, str]
    logs: Sequence[Path]
    restarts: int = 0

    @property
    def url(self) -> str:
        return str(self.apps[0].report["url"])

    @property
    def collect_urls(self) -> list[str]:
        return [str(app.report["collect_url"]) for app in self.apps]

    def restart_emulator(self) -> None:
        """Stop the emulator while requests arrive, and start it on its data again."""
        self.emulator.stop()
        self.emulator = start_emulator(self.state, port=self.emulator.port)
        self.restarts += 1

    def stored_events(self) -> int:
        """Return the number of events in the Events table."""
        client = aws_client("dynamodb", self.emulator.environment)
        pages = client.get_paginator("scan").paginate(
            TableName=self.tables["EVENTS_TABLE"], ProjectionExpression="event_type"
        )
        return sum("event_type" in item for page in pages for item in page["Items"])

    def counted_events(self, patience_seconds: float) -> int:
        """Return the page views and events of /api/stats, once every session is closed."""
        deadline = time.monotonic() + patience_seconds
        while True:
            stats = self._figures()
            if stats["meta"]["open_sessions"] == 0 or time.monotonic() > deadline:
                return int(stats["totals"]["pageviews"] + stats["totals"]["events"])
            time.sleep(POLL_SECONDS)

    def handler_ms(self) -> list[int]:
        """Return the times that the app logged for collecting."""
        text = "".join(log.read_text(encoding="utf-8") for log in self.logs)
        return [int(ms) for ms in _PROCESSING_TIME.findall(text)]  # lines can be mixed

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time of each process, on systems with /proc."""
        pids = {f"app {number}": app.process.pid for number, app in enumerate(self.apps, 1)}
        pids |= {"senders": os.getpid()}
        files = {name: Path(f"/proc/{pid}/stat") for name, pid in pids.items()}
        return {name: _cpu_seconds(file) for name, file in files.items() if file.exists()}

    def _figures(self) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/stats?site={SITE}&period=7d",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["data"]


@contextmanager
def running_target() -> Iterator[LoadTarget]:
    with TemporaryDirectory() as folder, ExitStack() as started:
        state = Path(folder) / "aws"
        emulator = start_emulator(state)
        outputs = deploy_stack(RESOURCES, "load", emulator.environment)
        tables = {
            "EVENTS_TABLE": outputs["EventsTable"],
            "SESSIONS_TABLE": outputs["SessionsTable"],
            "ACTIVE_SESSIONS_TABLE": outputs["ActiveSessionsTable"],
            "ROLLUPS_TABLE": outputs["RollupsTable"],
        }
        environment = {
            **without_aws(os.environ),
            **stage_environment("dev"),
            **SETTINGS,
            **emulator.environment,
            **tables,
            "SESSION_TIMEOUT_SECONDS": str(SESSION_TIMEOUT_SECONDS),
        }
        logs = [Path(folder) / f"app{number}.log" for number in range(APPS)]
        target = LoadTarget([], emulator, state, tables, logs)
        started.callback(lambda: target.emulator.stop())
        target.apps = [_start_app(environment, log, started) for log in logs]
        yield target


def _start_app(environment: Mapping[str, str], log: Path, started: ExitStack) -> Process:
    arguments = ["0", "0", str(EXPIRE_SECONDS)]
    app = child_process.start("local.app_process", arguments, environment, log)
    started.callback(app.stop)
    return app


def _cpu_seconds(stat: Path) -> float:
    """Return user and system time: fields 14 and 15, after a name that may have spaces."""
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
