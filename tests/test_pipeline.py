"""The example pipeline names what exists, and contains no keys."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml
from cfnlint.api import lint_file

from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import RESOURCES, ROOT
from operate.build.runtime import RUNTIME
from operate.build.single_stack import SECRETS
from tests.makefile import recipes

WORKFLOW = ROOT / "infra" / "github-actions.yaml"
TESTS = ROOT / ".github" / "workflows" / "test.yaml"
ROLE = ROOT / "infra" / "github-role.yaml"
TEXT = WORKFLOW.read_text("utf-8")
# YAML reads the key `on` as true.
JOBS: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]
DEPLOY: list[dict[str, Any]] = JOBS["deploy"]["steps"]


def test_cfn_lint_reports_no_problem():
    assert [str(match) for match in lint_file(ROLE)] == []


def test_deployment_depends_on_the_tests():
    assert JOBS["deploy"]["needs"] == "test"
    assert (ROOT / JOBS["test"]["uses"]).samefile(TESTS)
    assert {"run": ".ci/run"} in yaml.safe_load(TESTS.read_text("utf-8"))["jobs"]["test"][
        "steps"
    ]
    assert (ROOT / ".ci" / "run").exists()


def test_workflow_assumes_a_role_and_has_no_keys():
    (credentials,) = [
        s
        for s in DEPLOY
        if s.get("uses", "").startswith("aws-actions/configure-aws-credentials")
    ]

    assert set(credentials["with"]) == {"role-to-assume", "aws-region"}
    assert JOBS["deploy"]["permissions"]["id-token"] == "write"
    assert "permissions" not in JOBS["test"]
    assert not re.search(r"access.key|AKIA", TEXT, re.IGNORECASE)


def test_commands_and_parameters_exist():
    commands = " ".join(step.get("run", "") for step in DEPLOY)
    given = set(re.findall(r'"(\w+)=\$', commands))

    assert set(re.findall(r"\bmake ([a-z-]+)", commands)) <= recipes().keys()
    assert given == {"AlarmEmail", *SECRETS.values()}
    assert "AlarmEmail" in read_template(RESOURCES)["Parameters"]


def test_visitor_key_is_created_before_the_functions():
    names = [step.get("name") or step.get("run", "") for step in DEPLOY]
    (made,) = [at for at, step in enumerate(DEPLOY) if "visitor-key" in step.get("run", "")]

    assert made < names.index("Deploy the stack")
    assert "VISITOR_KEY" not in str(DEPLOY[names.index("Deploy the stack")])


def test_pipeline_uses_the_region_of_the_stage(tmp_path: Path):
    """Runs the step's command as GitHub does."""
    (step,) = [one for one in DEPLOY if one.get("name") == "Read the region of the stage"]
    (credentials,) = [one for one in DEPLOY if "role-to-assume" in one.get("with", {})]
    (tmp_path / ".chalice").mkdir()
    config = {"stages": {"prod": {"region": "eu-central-1"}, "dev": {"region": "us-west-2"}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config), "utf-8")
    environment = {**os.environ, "STAGE": "prod", "GITHUB_ENV": str(tmp_path / "env")}

    subprocess.run(["bash", "-ec", step["run"]], cwd=tmp_path, env=environment, check=True)

    assert (tmp_path / "env").read_text("utf-8") == "AWS_REGION=eu-central-1\n"
    assert credentials["with"]["aws-region"] == "${{ env.AWS_REGION }}"
    assert DEPLOY.index(step) < DEPLOY.index(credentials)
    assert not re.search(r"[a-z]{2}-[a-z]+-\d", TEXT.partition("\nname:")[2])


def test_failed_deployment_prints_its_reasons():
    names = [step.get("name") for step in DEPLOY]
    at = names.index("Deploy the stack")

    assert names[at + 1] == "Show why CloudFormation failed"
    assert DEPLOY[at + 1]["if"] == "failure()"


def test_pipeline_uses_the_python_of_the_functions():
    versions = re.findall(r'python-version: "(.*?)"', TEXT)

    assert {f"python{version}" for version in versions} == {RUNTIME}


def test_secrets_are_passed_in_the_environment():
    """In the command, they would be in the log."""
    for step in DEPLOY:
        assert "secrets." not in step.get("run", "")


def test_only_the_repository_environment_can_assume_the_role():
    (statement,) = read_template(ROLE)["Resources"]["Deployer"]["Properties"][
        "AssumeRolePolicyDocument"
    ]["Statement"]

    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {
                "Fn::Sub": "repo:${Repository}:environment:${Environment}"
            },
        }
    }
