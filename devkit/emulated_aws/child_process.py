"""A process that ends when its parent does, however that comes to pass.

Its standard input is a pipe that only the parent holds: when the parent closes it, or is gone,
the child reads the end of it and stops in its own good order. Its first line on standard output
says, in JSON, that it is ready, or what is wrong.
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

LONGEST_STOP_SECONDS = 120
LINES_SHOWN = 15


class ProcessFailed(Exception):
    """The process did not get ready; the message says why, as far as it said so itself."""


@dataclass(frozen=True, slots=True)
class Process:
    """`answer` is what it said when it was ready."""

    name: str
    answer: dict[str, Any]
    popen: subprocess.Popen[str]

    @property
    def has_ended(self) -> bool:
        return self.popen.poll() is not None

    def stop(self) -> None:
        """Have it end and wait until it has."""
        if self.popen.stdin and not self.popen.stdin.closed:
            self.popen.stdin.close()
        try:
            self.popen.wait(LONGEST_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()


def start(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Process:
    """Run `python -m module` until it is ready; raise ProcessFailed if it ends before."""
    with log.open("a", encoding="utf-8") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,  # Ctrl-C is for the parent, which ends this in order
        )
    assert popen.stdout
    line = popen.stdout.readline()
    process = Process(module, json.loads(line) if line else {}, popen)
    if "error" in process.answer or not line:
        process.stop()
        raise ProcessFailed(process.answer.get("error") or _end_of(log, module))
    return process


def say_ready(**answer: Any) -> None:
    """In the child: tell the parent. Whatever else is printed goes to the log."""
    _answer(answer)


def say_failed(sentence: str) -> None:
    _answer({"error": sentence})


def _answer(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), file=sys.__stdout__, flush=True)


def when_parent_ends(do: Callable[[], object]) -> None:
    """In the child: call it, from another thread, when the parent has closed the pipe."""

    def wait() -> None:
        sys.stdin.read()
        do()

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _end_of(log: Path, module: str) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_SHOWN:]
    return "\n".join([f"{module} did not start. {log} ends so:", *lines])
