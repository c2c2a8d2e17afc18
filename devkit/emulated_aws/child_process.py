"""A child process that ends with its parent, even if the parent is killed.

The child's standard input is a pipe that only the parent holds: when the parent closes it or
dies, the child reads end-of-file and shuts down. Its first line on standard output reports, in
JSON, that it is ready or why it failed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project_paths import ROOT

MAX_STOP_SECONDS = 120
MAX_LOG_LINES = 15


class ProcessFailed(Exception):
    """The process ended before it was ready; the message is its error or the end of its log."""


@dataclass(frozen=True, slots=True)
class Process:
    """`answer` is what it said when it was ready."""

    name: str
    report: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        """Shut the process down and wait for it; kill it after MAX_STOP_SECONDS."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(MAX_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Process:
    """Start `python -m module` and wait until it is ready, or raise ProcessFailed."""
    with log.open("a", encoding="utf-8") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,  # so Ctrl-C reaches the parent only, which stops this
        )
    assert popen.stdout
    line = popen.stdout.readline()
    process = Process(module, json.loads(line) if line else {}, popen)
    if "error" in process.report or not line:
        process.stop()
        raise ProcessFailed(process.report.get("error") or _log_tail(log, module))
    return process


def report_ready(**answer: Any) -> None:
    """Tell the parent that this child is ready. Other output goes to the log."""
    _answer(answer)


def report_failure(sentence: str) -> None:
    _answer({"error": sentence})


def _answer(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), file=sys.__stdout__, flush=True)


def on_parent_exit(do: Callable[[], object]) -> None:
    """Run `do` in a thread of this child when the parent closes the pipe."""

    def wait() -> None:
        sys.stdin.read()
        do()

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _log_tail(log: Path, module: str) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-MAX_LOG_LINES:]
    return "\n".join([f"{module} did not start. The end of {log}:", *lines])
