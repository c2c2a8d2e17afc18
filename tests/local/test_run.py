"""`make run` from its start to every kind of end, on free ports and with its own state."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from devkit.project_paths import ROOT
from tests.devkit.emulated_aws.test_emulator import is_running, reads_proc, wait_until
from tests.local.conftest import Run, StartRun, free_port

pytestmark = [pytest.mark.slow, reads_proc]


def said_curl(run: Run) -> dict[str, Any]:
    """Run the printed command and return its output."""
    (command,) = re.findall(r"curl .*", run.said)
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_output_has_five_lines(start_run: StartRun):
    run = start_run()
    lines = [line for line in run.said.splitlines() if line]

    assert [line.split("  ")[0] for line in lines] == [
        "Dashboard",
        "Demo page",
        "Your pages",
        "An event",
        "To stop",
    ]
    assert f"http://127.0.0.1:{run.port}/#token={run.token}" in lines[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port + 1}/") as page:
        assert f"http://127.0.0.1:{run.port + 2}/tracker.js" in page.read().decode()
    assert said_curl(run)["message"] == "Event processed successfully"
    assert run.pageviews() == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_restart_keeps_the_data(start_run: StartRun, number: signal.Signals):
    first = start_run()
    said_curl(first)
    children = first.children()
    assert len(children) == 2  # the emulator and the app

    assert first.end(number) == 0
    assert not any(map(is_running, children))
    assert not (first.state / "environment.json").exists()

    second = start_run()
    assert second.token == first.token
    assert second.pageviews() == 1
    assert "killed" not in second.said


def test_restart_after_a_kill_reports_the_age_of_the_data(start_run: StartRun):
    first = start_run()
    said_curl(first)
    first.end(signal.SIGKILL)

    second = start_run(port=first.port)

    assert "The last run was killed. This one continues with the data saved" in second.said
    assert second.pageviews() == 1


def test_saved_data_survives_killing_all_processes(start_run: StartRun):
    first = start_run()
    said_curl(first)
    path = first.state / "aws" / "dynamodb.json"
    wait_until(lambda: path.exists() and "demo.example" in path.read_text("utf-8"))
    for child in first.children():
        os.kill(child, signal.SIGKILL)
    first.end(signal.SIGKILL)

    second = start_run()

    assert "The last run was killed." in second.said
    assert second.pageviews() == 1


def test_run_stops_when_make_is_killed(start_run: StartRun):
    first = start_run(below=["sh", "-c", '"$0" "$@"; true'])
    said_curl(first)
    first.end(signal.SIGKILL)

    second = start_run(port=first.port)

    assert "The last run was killed." in second.said
    assert second.pageviews() == 1


@pytest.mark.parametrize(
    "which", [0, 1, 2], ids=["of the app", "of the demo site", "of the collect function"]
)
def test_run_reports_a_busy_port(start_run: StartRun, which: int):
    port = free_port()
    with socket.create_server(("127.0.0.1", port + which)):
        run = start_run(port=port)

    assert run.popen.wait(60) == 1
    assert run.said.startswith(
        f"Port {port + which} is in use by another program. Choose another"
    )
    assert run.said.count("\n") == 1


def test_second_run_in_the_same_folder_is_rejected(start_run: StartRun):
    start_run()

    second = start_run()

    assert second.popen.wait(60) == 1
    assert second.said == "LiveInsight is already running in this folder.\n"


def test_interrupted_demo_is_filled_again(start_run: StartRun):
    first = start_run(wait=False, demo="1")
    data = first.state / "aws" / "dynamodb.json"
    wait_until(lambda: data.exists() and "demo.example" in data.read_text("utf-8"))
    assert first.end(signal.SIGTERM) == 0
    assert (first.state / "demo-half-filled").exists()

    second = start_run()

    assert second.read("/api/sites")["sites"] == []
    assert not (second.state / "demo-half-filled").exists()


def test_failed_child_process_stops_the_run(start_run: StartRun):
    run = start_run()
    os.kill(run.children()[0], signal.SIGKILL)

    assert run.popen.wait(60) == 1
    assert run.popen.stdout
    assert "exited unexpectedly; see .local/*.log." in run.popen.stdout.read()


def test_chalice_local_works_during_a_run(start_run: StartRun, tmp_path: Path):
    """As in a second terminal, but with the state of this test."""
    run = start_run()
    said_curl(run)
    project = tmp_path / "project"
    project.mkdir()
    for name in ("app.py", "chalicelib", ".chalice", "requirements.txt"):
        (project / name).symlink_to(ROOT / name)
    environment = json.loads((run.state / "environment.json").read_text("utf-8"))
    assert environment["EVENTS_TABLE"] == "LiveInsight-Events-dev"

    port = free_port()
    chalice = subprocess.Popen(
        [
            *(sys.executable, "-c", CHALICE_LOCAL, str(run.state / "environment.json")),
            *("local", "--no-autoreload", "--port", str(port)),
        ],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_until(lambda: is_listening(port))
        assert Run(chalice, port, run.state, run.said).pageviews() == 1
    finally:
        chalice.kill()
        chalice.wait()


CHALICE_LOCAL = """
import sys
from pathlib import Path
from chalicelib import chalice_local
chalice_local.ENVIRONMENT = Path(sys.argv.pop(1))
from chalice.cli import main
main()
"""


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
