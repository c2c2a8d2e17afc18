"""Chalice ignores unknown keys and stages; these tests do not."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from chalice.config import Config

import app
from chalicelib.settings import Settings
from devkit.stage_environment import stage_environment
from operate.aws.stage import read_stage
from operate.build.runtime import RUNTIME
from operate.deploy.package import MAX_PACKAGE_BYTES
from tests.packaging import packaged_app

ROOT = Path(__file__).parent.parent
CONFIG: dict[str, Any] = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))
STAGES = ["dev", "prod"]
# In seconds: the gateway gives up at 29, and a collect request ends within 11.
FUNCTIONS = {"api_handler": 28, "collect": 12, "scan": 10, "expire_sessions": 55}
# 1,769 MB is a whole processor. Collecting mostly waits, which costs less in less memory.
MEMORY_MB = {"api_handler": 1769, "collect": 512, "scan": 1769, "expire_sessions": 512}

# What Chalice 1.34 reads, of the keys that this project has a use for.
TOP = {
    "version", "app_name", "lambda_architecture", "autogen_policy", "xray",
    "minimum_compression_size", "stages",
}  # fmt: skip
STAGE = {"api_gateway_stage", "environment_variables", "lambda_functions"}
# Behind infra/edge.yaml the API is REGIONAL; the first deployment of a stage sets its region.
OPTIONAL = {"api_gateway_endpoint_type", "region"}
FUNCTION = {"lambda_timeout", "lambda_memory_size", "iam_policy_file", "xray"}


def chalice_config(stage: str, function: str = "api_handler") -> Config:
    """Return the configuration as Chalice reads it."""
    return Config(chalice_stage=stage, function_name=function, config_from_disk=CONFIG)


def test_configuration_has_no_unknown_key():
    assert set(CONFIG) - OPTIONAL == TOP
    assert list(CONFIG["stages"]) == STAGES
    for stage in CONFIG["stages"].values():
        assert set(stage) - OPTIONAL == STAGE
        for function in stage["lambda_functions"].values():
            assert set(function) <= FUNCTION


def test_every_variable_is_a_setting():
    for stage in CONFIG["stages"].values():
        fields = {name.upper() for name in Settings.__slots__}
        known = fields - {"SESSION_TIMEOUT_MS"} | {"SESSION_TIMEOUT_SECONDS"}
        assert set(stage["environment_variables"]) <= known
        assert all(isinstance(v, str) for v in stage["environment_variables"].values())


def test_every_function_of_the_app_is_configured():
    own = {function.name for function in app.app.pure_lambda_functions}
    handlers = {"api_handler", *own} | {source.name for source in app.app.event_sources}

    assert handlers == set(FUNCTIONS)
    for stage in CONFIG["stages"].values():
        assert set(stage["lambda_functions"]) == handlers


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_its_own_memory_timeout_and_policy(stage: str, function: str):
    config = chalice_config(stage, function)

    assert config.lambda_memory_size == MEMORY_MB[function]
    assert config.lambda_timeout == FUNCTIONS[function]
    assert config.lambda_architecture == "arm64"
    assert config.autogen_policy is False
    assert config.iam_policy_file == f"policy-{stage}-{function}.json"
    assert (ROOT / ".chalice" / config.iam_policy_file).exists()


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_tracing_is_off_by_default(stage: str, function: str):
    """Traces contain addresses."""
    assert chalice_config(stage, function).xray_enabled is False
    assert read_stage(stage).is_traced(function) is False


@pytest.mark.parametrize("level", ["all", "stage", "function"])
def test_tracing_is_turned_on_with_the_key_that_chalice_reads(level: str):
    config = copy.deepcopy(CONFIG)
    own = config["stages"]["prod"]
    switch = {"all": config, "stage": own, "function": own["lambda_functions"]["api_handler"]}
    switch[level]["xray"] = True
    stage = replace(read_stage("prod"), config=config)

    for function, expected in (("api_handler", True), ("expire_sessions", False)):
        as_read = Config(chalice_stage="prod", function_name=function, config_from_disk=config)
        assert as_read.xray_enabled is stage.is_traced(function) is expected


@pytest.mark.parametrize("stage", STAGES)
def test_stage_runs_on_arm_under_its_own_path(stage: str):
    config = chalice_config(stage)

    assert config.lambda_architecture == "arm64"
    assert config.api_gateway_stage == stage
    assert config.minimum_compression_size == 1024


@pytest.mark.parametrize("stage", STAGES)
def test_settings_of_a_stage_are_valid(stage: str):
    settings = Settings.from_environment(stage_environment(stage))

    assert settings.sites == (("*",) if stage == "dev" else ("example.com",))
    assert settings.read_token_hashes == frozenset()  # nobody reads before a token is made


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packaged_app(tmp_path_factory.mktemp("packaged"), "prod")


def test_packaged_template_passes_cfn_lint(packaged: Path):
    assert [str(match) for match in lint_file(packaged / "sam.json")] == []


def test_packaged_functions_have_the_configured_settings(packaged: Path):
    resources = json.loads((packaged / "sam.json").read_text("utf-8"))["Resources"]
    functions = {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }

    assert {name: f["Timeout"] for name, f in functions.items()} == {
        "APIHandler": 28,
        "Collect": 12,
        "Scan": 10,
        "ExpireSessions": 55,
    }
    assert {name: f["Tracing"] for name, f in functions.items()} == {
        "APIHandler": "PassThrough",
        "Collect": "PassThrough",
        "Scan": "PassThrough",
        "ExpireSessions": "PassThrough",
    }
    assert all(f["Architectures"] == ["arm64"] for f in functions.values())
    assert all(f["Runtime"] == RUNTIME for f in functions.values())
    assert {name: f["MemorySize"] for name, f in functions.items()} == {
        "APIHandler": 1769,
        "Collect": 512,
        "Scan": 1769,
        "ExpireSessions": 512,
    }
    # Only an edge-optimized API is told the viewer's country.
    assert resources["RestAPI"]["Properties"]["EndpointConfiguration"] == "EDGE"


def test_package_is_small(packaged: Path):
    dependencies = 1_185_000  # requirements.txt for the runtime, as `make package` measures it
    size = (packaged / "deployment.zip").stat().st_size

    assert size + dependencies < MAX_PACKAGE_BYTES
