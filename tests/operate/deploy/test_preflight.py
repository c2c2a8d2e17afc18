"""What is checked before a deployment, and what it prints."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from devkit.infrastructure.cfn_template import read_template
from devkit.local_secrets import token_hash
from devkit.project_paths import ROOT
from operate.aws.stage import Stage, read_stage, settings_of
from operate.build.build_copy import config_with
from operate.deploy import preflight
from operate.errors import CommandError
from tests.operate.command_line import run_command
from tests.world import TABLES, settings


def test_placeholder_site_is_rejected():
    with pytest.raises(CommandError, match=r"SITES of stage prod is still example\.com"):
        preflight.check_settings(read_stage("prod"), settings(SITES="example.com"))


def test_short_session_timeout_is_rejected_outside_tests():
    with pytest.raises(CommandError, match="SESSION_TIMEOUT_SECONDS"):
        preflight.check_settings(read_stage("prod"), settings(SESSION_TIMEOUT_SECONDS="60"))


def test_proxies_without_a_secret_are_rejected():
    """Their headers would be ignored, so all visitors would count as one."""
    prod = read_stage("prod")
    trusting = {"SITES": "shop.example", "TRUSTED_PROXIES": "2"}

    with pytest.raises(CommandError, match=r"TRUSTED_PROXIES .* is 2, .*make edge-secret"):
        preflight.check_settings(prod, settings(**trusting))
    preflight.check_settings(prod, settings(**trusting, EDGE_SECRET_HASHES="a" * 64))


def test_regional_api_without_an_edge_prints_a_note():
    prod = read_stage("prod")
    regional = replace(prod, config={**prod.config, "api_gateway_endpoint_type": "REGIONAL"})
    behind = settings(TRUSTED_PROXIES="2", EDGE_SECRET_HASHES="a" * 64)

    assert "regional" in preflight.advisories(regional, settings(SITES="shop.example"))[0]
    assert preflight.advisories(regional, replace(behind, sites=("shop.example",))) == []


def test_edge_secret_is_printed_with_its_hash(capsys: pytest.CaptureFixture[str]):
    run_command("edge-secret")
    run_command("edge-secret")
    output = capsys.readouterr().out
    shown = re.findall(r"shown this once: (\S+)", output)
    pattern = read_template(ROOT / "infra" / "edge.yaml")["Parameters"]["EdgeSecret"]

    assert len(set(shown)) == 2
    for one in shown:
        assert len(one) == 43  # of 6 bits each
        assert token_hash(one) in output
        assert re.fullmatch(pattern["AllowedPattern"], one)


def test_surprising_settings_print_a_note():
    stage = read_stage("dev")
    with_key = replace(stage, environment={**stage.environment, "VISITOR_KEY": "k"})

    assert preflight.advisories(stage, settings(SITES="shop.example")) == []
    assert "SITES is *" in preflight.advisories(stage, settings(SITES="*"))[0]
    assert "VISITOR_KEY" in preflight.advisories(with_key, settings(SITES="shop.example"))[0]


def test_visitor_key_of_config_json_reaches_no_function():
    config = {
        "environment_variables": {"VISITOR_KEY": "k"},
        "stages": {"prod": {"environment_variables": {**TABLES, "VISITOR_KEY": "k"}}},
    }
    stage = Stage("prod", config, {**TABLES, "VISITOR_KEY": "k"})

    assert '"k"' not in json.dumps(config_with(stage, {}))
    variables = config_with(stage, {})["stages"]["prod"]["environment_variables"]
    assert variables == {**TABLES, "VISITOR_KEY_PARAMETER": "/liveinsight/prod/visitor-key"}


def test_policy_without_the_visitor_key_of_the_stage_is_rejected():
    """Such as the policy files of a stage that was copied, or that an earlier version
    created."""
    dev = read_stage("dev")

    preflight.check_policies(dev)
    preflight.check_policies(read_stage("prod"))
    again = Stage("again", {"stages": {"again": dev.config["stages"]["dev"]}}, dev.environment)
    with pytest.raises(
        CommandError, match=r"policy-dev-\S+json.*/liveinsight/again/visitor-key"
    ):
        preflight.check_policies(again)


def test_job_policy_without_the_right_to_check_the_api_is_rejected(tmp_path: Path):
    """Such as that of a stage that was added with an earlier version."""
    shutil.copytree(ROOT / ".chalice", tmp_path / ".chalice")
    path = tmp_path / ".chalice" / "policy-prod-expire_sessions.json"
    document = json.loads(path.read_text("utf-8"))
    document["Statement"] = [s for s in document["Statement"] if s["Sid"] != "HealthCheck"]
    preflight.check_policies(read_stage("prod"), tmp_path)
    path.write_text(json.dumps(document), "utf-8")

    with pytest.raises(
        CommandError, match="lambda:InvokeFunction on function:liveinsight-prod"
    ):
        preflight.check_policies(read_stage("prod"), tmp_path)


@pytest.mark.parametrize("function", ["collect", "scan"])
def test_stage_of_an_earlier_version_must_configure_each_function(function: str):
    dev = read_stage("dev")
    functions = dict(dev.config["stages"]["dev"]["lambda_functions"])
    del functions[function]
    config = {"stages": {"dev": {**dev.config["stages"]["dev"], "lambda_functions": functions}}}

    with pytest.raises(
        CommandError, match=rf"does not configure the function {function}.*Copy"
    ):
        preflight.check_policies(replace(dev, config=config))


def test_invalid_setting_is_rejected_by_name():
    stage = Stage("prod", {}, {**TABLES, "SITES": "https://shop.example"})

    with pytest.raises(
        CommandError, match=r"Stage prod in .*SITES must be comma-separated hostnames"
    ):
        settings_of(stage)


def test_unknown_stage_is_rejected_with_a_list_of_stages():
    with pytest.raises(CommandError, match=r"no stage 'staging'.*dev and prod"):
        read_stage("staging")


def test_missing_build_is_reported(tmp_path: Path):
    with pytest.raises(CommandError, match="make build"):
        preflight.check_built(tmp_path)
