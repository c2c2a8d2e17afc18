"""Runs of the product for tests, on free ports and with their own state."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devkit.project_paths import ROOT


@dataclass(frozen=True)
class Run:
    popen: subprocess.Popen[str]
    port: int
    state: Path
    said: str  # until it was up, or ended

    @property
    def token(self) -> str:
        (token,) = re.findall(r"#token=(\S+)", self.said)
        return str(token)

    def read(self, path: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())["data"]

    def pageviews(self) -> int:
        return int(self.read("/api/realtime?site=demo.example")["pageviews"])

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def end(self, number: signal.Signals) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(60)


StartRun = Callable[..., Run]


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[StartRun]:
    """Run the product; with `wait=False` only start it. All runs are stopped at the end."""
    begun: list[subprocess.Popen[str]] = []

    def start(
        *,
        port: int | None = None,
        wait: bool = True,
        demo: str = "0",
        below: Sequence[str] = (),
    ) -> Run:
        chosen = port or free_port()
        popen = subprocess.Popen(
            [
                *(*below, sys.executable, "-m", "local.run"),
                *("--port", str(chosen), "--demo", demo),
                *("--state", str(tmp_path), "--expire-seconds", "1"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "MAKELEVEL": "1"} if below else None,
        )
        begun.append(popen)
        assert popen.stdout
        output = ""
        while wait and "To stop" not in output:
            line = popen.stdout.readline()
            if not line:
                break
            output += line
        return Run(popen, chosen, tmp_path, output)

    yield start
    for popen in begun:
        if popen.poll() is None:
            popen.terminate()
            popen.wait(60)
        assert popen.stdout
        popen.stdout.close()


def free_port() -> int:
    """Return a free port whose successor is free too, for the demo site. Both are below 32768,
    so the system does not assign them to other tests."""
    while True:
        port = random.randrange(10_000, 32_000, 2)
        try:
            for candidate in (port, port + 1):
                socket.create_server(("127.0.0.1", candidate)).close()
        except OSError:
            continue
        return port
