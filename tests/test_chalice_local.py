"""`chalice local` uses the environment of `make run`; nothing else does."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from chalicelib import chalice_local


@pytest.fixture
def left_by_make_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "environment.json"
    path.write_text(json.dumps({"SITES": "from-make-run"}), encoding="utf-8")
    monkeypatch.setattr(chalice_local, "ENVIRONMENT", path)
    monkeypatch.setenv("SITES", "from-config")
    return path


def attach(monkeypatch: pytest.MonkeyPatch, *arguments: str, by_chalice: bool = True) -> str:
    """Return SITES as the app sees it in a process with these arguments."""
    monkeypatch.setattr(sys, "argv", ["chalice", *arguments])
    if by_chalice:
        monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    else:
        monkeypatch.delenv("AWS_CHALICE_CLI_MODE", raising=False)
    chalice_local.attach()
    return os.environ["SITES"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["local"], id="plain"),
        pytest.param(["local", "--port", "8010"], id="with a port"),
        pytest.param(["--debug", "local"], id="after a switch"),
        pytest.param(["--project-dir", "deploy", "local"], id="after an option with a value"),
    ],
)
def test_chalice_local_uses_the_saved_environment(left_by_make_run, monkeypatch, arguments):
    assert attach(monkeypatch, *arguments) == "from-make-run"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["deploy", "--stage", "local"], id="a stage of that name"),
        pytest.param(["package", "local"], id="a folder of that name"),
        pytest.param(["--project-dir", "local", "deploy"], id="project of that name"),
        pytest.param([], id="no command"),
    ],
)
def test_other_commands_do_not_use_the_saved_environment(
    left_by_make_run, monkeypatch, arguments
):
    assert attach(monkeypatch, *arguments) == "from-config"


def test_other_processes_do_not_use_the_saved_environment(left_by_make_run, monkeypatch):
    assert attach(monkeypatch, "local", by_chalice=False) == "from-config"


def test_without_make_run_nothing_changes(left_by_make_run, monkeypatch):
    left_by_make_run.unlink()

    assert attach(monkeypatch, "local") == "from-config"


def test_file_is_where_make_run_writes_it():
    from devkit.project_paths import LOCAL_STATE
    from devkit.stage_environment import environment_file

    assert environment_file(LOCAL_STATE) == chalice_local.ENVIRONMENT
