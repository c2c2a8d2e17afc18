"""The files for contributors and their tools in the root of the repository."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.makefile import recipes

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
ACTIONS = [*(GITHUB / "workflows").glob("*.yaml"), ROOT / "infra" / "github-actions.yaml"]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def test_make_help_lists_every_target():
    done = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert (
        set(re.findall(r"^  make ([a-z-]+)  ", done.stdout, re.MULTILINE)) == recipes().keys()
    )


def test_hook_runs_the_quick_tests():
    (repository,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    commands = [hook["entry"] for hook in repository["hooks"]]

    assert repository["repo"] == "local"
    assert commands == ["make check"]


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.name)
def test_every_action_has_one_version_everywhere(path: Path):
    versions = {
        action: version
        for other in ACTIONS
        for action, version in re.findall(r"uses: ([\w/-]+)@(\S+)", other.read_text("utf-8"))
    }

    for action, version in re.findall(r"uses: ([\w/-]+)@(\S+)", path.read_text("utf-8")):
        assert re.fullmatch(r"v\d+", version)
        assert version == versions[action]


def test_workflow_runs_the_oldest_python_and_the_lambda_runtime():
    from operate.build.runtime import RUNTIME

    (oldest,) = re.findall(
        r'requires-python = ">=(.*?)"', (ROOT / "pyproject.toml").read_text("utf-8")
    )
    jobs = load(GITHUB / "workflows" / "test.yaml")["jobs"]

    assert jobs["test"]["strategy"]["matrix"]["python"] == [
        oldest,
        RUNTIME.removeprefix("python"),
    ]


def test_dependencies_of_every_kind_are_updated():
    kinds = {
        update["package-ecosystem"] for update in load(GITHUB / "dependabot.yml")["updates"]
    }

    assert kinds == {"pip", "npm", "github-actions"}


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_issue_form_has_distinct_fields(name: str):
    form = load(GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml")
    fields = [part["id"] for part in form["body"] if part["type"] != "markdown"]

    assert {"name", "description", "body"} <= form.keys()
    assert len(fields) == len(set(fields)) > 0


def test_dev_container_builds_the_browser_files():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))

    assert container["postCreateCommand"] == "make build"
    assert container["forwardPorts"] == [8000]
