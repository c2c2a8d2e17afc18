"""`reserved_concurrency` of config.json: both ways of deploying set it, and one that the quota
of the account does not allow is rejected before anything changes."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import RESOURCES
from devkit.stage_environment import stage_environment
from operate.aws.stage import Stage, read_stage
from operate.build.single_stack import FUNCTIONS, single_stack_template
from operate.deploy import preflight
from operate.deploy.package import package
from operate.errors import CommandError
from tests.operate.actions import granted, of_calls
from tests.operate.chalices import RecordedChalice
from tests.operate.recorded import Recorded
from tests.operate.stages import Aws
from tests.packaging import app_without_packages

RESERVED = {"api_handler": 20, "expire_sessions": 1}


def reserve(config: dict[str, Any], stage: str, reserved: dict[str, int]) -> dict[str, Any]:
    """Return a copy of config.json with these values."""
    changed = copy.deepcopy(config)
    for function, own in changed["stages"][stage]["lambda_functions"].items():
        own.pop("reserved_concurrency", None)
        if function in reserved:
            own["reserved_concurrency"] = reserved[function]
    return changed


def reserving(**reserved: int) -> Stage:
    stage = read_stage("prod")
    return replace(stage, config=reserve(dict(stage.config), "prod", reserved))


def account(concurrent_executions: int) -> Recorded:
    limit = {"ConcurrentExecutions": concurrent_executions}
    return Recorded({"lambda:GetAccountSettings": {"AccountLimit": limit}})


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_nothing_is_reserved_by_default_so_a_new_account_can_deploy(stage: str):
    new_account = account(10)

    assert read_stage(stage).reserved_concurrency == {}
    preflight.check_concurrency(read_stage(stage), new_account.account())
    assert new_account.calls == []


def test_reservation_above_the_quota_is_rejected():
    with pytest.raises(
        CommandError, match=r"reserves 21 concurrent invocations .* account has 10"
    ):
        preflight.check_concurrency(reserving(**RESERVED), account(10).account())
    with pytest.raises(CommandError, match="AWS keeps 100 unreserved"):
        preflight.check_concurrency(reserving(**RESERVED), account(120).account())


def test_reservation_within_the_quota_is_accepted():
    preflight.check_concurrency(reserving(**RESERVED), account(121).account())


def test_unreadable_quota_does_not_stop_the_deployment():
    denied = Recorded({"lambda:GetAccountSettings": "AccessDeniedException"})

    preflight.check_concurrency(reserving(**RESERVED), denied.account())


@pytest.mark.slow
def test_make_deploy_sets_and_removes_the_reservation(aws: Aws, python: Path, tmp_path: Path):
    name = aws.new_stage().name
    chalice = RecordedChalice(tmp_path / "calls", python)
    path = aws.source / ".chalice" / "config.json"

    def deployed(**reserved: int) -> dict[str, int | None]:
        config = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(reserve(config, name, reserved)), "utf-8")
        aws.deployment(aws.stage(name), chalice=chalice).run()
        client = aws.account().client("lambda")
        return {
            function: client.get_function_concurrency(FunctionName=function).get(
                "ReservedConcurrentExecutions"
            )
            for function in aws.stage(name).functions
        }

    api, collecting, scanning, job = aws.stage(name).functions
    unreserved = {scanning: None}
    assert deployed(**RESERVED) == {api: 20, collecting: 10, job: 1} | unreserved
    assert ("lambda", "PutFunctionConcurrency") in chalice.calls
    assert of_calls(chalice.calls) <= granted()
    assert deployed(api_handler=5, collect=3) == (
        {api: 5, collecting: 3, job: None} | unreserved
    )
    assert deployed() == {api: None, collecting: 10, job: None} | unreserved


def test_single_stack_contains_the_reservation(tmp_path: Path):
    project = app_without_packages(tmp_path / "project")
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(reserve(config, "prod", RESERVED)), "utf-8")
    package(project, "prod", tmp_path / "out")
    app = json.loads((tmp_path / "out" / "sam.json").read_text("utf-8"))

    stack = single_stack_template(
        app, read_template(RESOURCES), "prod", stage_environment("prod")
    )

    reserved = {
        function: stack["Resources"][logical_id]["Properties"]["ReservedConcurrentExecutions"]
        for function, (logical_id, _) in FUNCTIONS.items()
        if function != "scan"
    }
    chosen = reserved.pop("collect")["Fn::If"]
    assert reserved == RESERVED
    assert chosen[1:] == [{"Ref": "CollectConcurrency"}, {"Ref": "AWS::NoValue"}]
