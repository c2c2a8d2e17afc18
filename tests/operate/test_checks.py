"""What is looked at before a deployment, and what an operator is told."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.paths import ROOT
from operate import (
    checks,
    command,
    demo,
    deploy,
    destroy,
    logs,
    prepare,
    rollback,
    status,
    token,
    upgrade,
    verify,
)
from operate.account import Account
from operate.permissions import missing_actions
from operate.refusal import Refused
from operate.stage import Stage, read_stage, settings_of
from tests.world import TABLES, settings

POLICY = {
    "Statement": [
        {
            "Action": ["lambda:CreateFunction", "lambda:DeleteFunction"],
            "Resource": "arn:aws:lambda:*:*:function:liveinsight-*",
        },
        {
            "Action": "iam:PassRole",
            "Resource": "arn:aws:iam::*:role/liveinsight-*",
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
    ]
}


@dataclass
class Iam:
    """Stands for IAM: denies some actions, and notes what it was asked."""

    denied: tuple[str, ...] = ()
    refuses: str = ""
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def get_paginator(self, _: str) -> Iam:
        return self

    def get_role(self, **request: str) -> Any:
        if self.refuses == "get_role":
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetRole")
        return {"Role": {"Arn": f"arn:aws:iam::1:role/teams/{request['RoleName']}"}}

    def paginate(self, **request: Any) -> Any:
        self.asked.append(request)
        if self.refuses == "simulate":
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "SimulatePrincipalPolicy")
        results = [
            {
                "EvalActionName": action,
                "EvalDecision": "implicitDeny" if action in self.denied else "allowed",
            }
            for action in request["ActionNames"]
        ]
        return [{"EvaluationResults": results}]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(POLICY), "utf-8")
    return path


def account(iam: Iam, caller: str = "arn:aws:iam::123456789012:user/ann") -> Account:
    return Account(boto3.Session(), "eu-central-1", "123456789012", caller, {"iam": iam})


def test_actions_that_are_denied_are_listed(policy: Path):
    iam = Iam(denied=("lambda:DeleteFunction", "iam:PassRole"))

    assert missing_actions(account(iam), policy) == ["iam:PassRole", "lambda:DeleteFunction"]


def test_they_are_asked_for_as_they_will_be_used(policy: Path):
    iam = Iam()

    assert missing_actions(account(iam), policy) == []

    functions, passing = iam.asked
    (arn,) = functions["ResourceArns"]
    assert arn == "arn:aws:lambda:eu-central-1:123456789012:function:liveinsight-*"
    assert passing["ResourceArns"] == ["arn:aws:iam::123456789012:role/liveinsight-*"]
    (context,) = passing["ContextEntries"]
    assert context["ContextKeyName"] == "iam:PassedToService"
    assert context["ContextKeyValues"] == ["lambda.amazonaws.com"]


@pytest.mark.parametrize(
    ("refuses", "principal"),
    [
        ("", "arn:aws:iam::1:role/teams/Deployer"),
        ("get_role", "arn:aws:iam::123456789012:role/Deployer"),
    ],
)
def test_role_behind_a_session_is_asked_about(policy: Path, refuses: str, principal: str):
    iam = Iam(refuses=refuses)
    caller = "arn:aws:sts::123456789012:assumed-role/Deployer/ann"

    missing_actions(account(iam, caller), policy)

    assert iam.asked[0]["PolicySourceArn"] == principal


def test_who_may_not_ask_is_not_held_up(policy: Path):
    assert missing_actions(account(Iam(refuses="simulate")), policy) is None


def test_owner_of_the_account_may_do_everything(policy: Path):
    iam = Iam()

    assert missing_actions(account(iam, "arn:aws:iam::123456789012:root"), policy) == []
    assert iam.asked == []


def test_runtime_is_that_of_this_python():
    assert checks.runtime() == f"python{sys.version_info[0]}.{sys.version_info[1]}"


def test_runtime_that_lambda_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checks, "lambda_runtimes", lambda: frozenset({"python3.10"}))

    with pytest.raises(Refused, match=r"Lambda has no python3.*PYTHON="):
        checks.runtime()


def test_placeholder_for_a_site_is_refused():
    with pytest.raises(Refused, match=r"SITES of stage prod is still example\.com"):
        checks.check_settings(read_stage("prod"), settings(SITES="example.com"))


def test_short_sessions_are_for_tests():
    with pytest.raises(Refused, match="SESSION_TIMEOUT_SECONDS"):
        checks.check_settings(read_stage("prod"), settings(SESSION_TIMEOUT_SECONDS="60"))


def test_what_may_surprise_is_said():
    stage = read_stage("dev")
    with_key = replace(stage, environment={**stage.environment, "VISITOR_KEY": "k"})

    assert checks.warnings(stage, settings(SITES="shop.example")) == []
    assert "SITES is *" in checks.warnings(stage, settings(SITES="*"))[0]
    assert "VISITOR_KEY" in checks.warnings(with_key, settings(SITES="shop.example"))[0]


def test_wrong_setting_is_refused_with_its_name():
    stage = Stage("prod", {}, {**TABLES, "SITES": "https://shop.example"})

    with pytest.raises(Refused, match=r"Stage prod in .*SITES takes host names"):
        settings_of(stage)


def test_unknown_stage_is_refused_with_those_that_there_are():
    with pytest.raises(Refused, match=r"no stage 'staging'.*dev and prod"):
        read_stage("staging")


def test_missing_build_is_named(tmp_path: Path):
    with pytest.raises(Refused, match="make build"):
        checks.check_built(tmp_path)


def test_refusal_is_a_sentence_and_no_traceback(monkeypatch: pytest.MonkeyPatch):
    def main(_: object) -> None:
        raise Refused("There is no such stage.")

    monkeypatch.setattr(sys, "argv", ["deploy"])
    with pytest.raises(SystemExit) as ended:
        command.run(main)

    assert ended.value.code == "There is no such stage."


def test_what_aws_refuses_is_said_with_its_name(monkeypatch: pytest.MonkeyPatch):
    def main(_: object) -> None:
        error = {"Error": {"Code": "AccessDenied", "Message": "not you"}}
        raise ClientError(error, "CreateFunction")

    monkeypatch.setattr(sys, "argv", ["deploy"])
    with pytest.raises(SystemExit) as ended:
        command.run(main)

    assert ended.value.code == "AWS refused CreateFunction: not you"


COMMANDS = [deploy, verify, status, logs, token, rollback, upgrade, prepare, demo, destroy]


@pytest.mark.parametrize("module", COMMANDS, ids=lambda module: module.__name__)
def test_command_explains_itself(module: Any, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])

    assert ended.value.code == 0
    assert f"python -m {module.__name__}" in capsys.readouterr().out


def test_makefile_hands_over_options_that_the_commands_know():
    text = (ROOT / "Makefile").read_text("utf-8")

    for module in COMMANDS:
        (line,) = [one for one in text.splitlines() if f" -m {module.__name__} " in one]
        known = Path(str(module.__file__)).read_text("utf-8") + '"--stage"'
        for option in re.findall(r"(--[a-z]+)", line):
            assert f'"{option}"' in known, (module.__name__, option)
