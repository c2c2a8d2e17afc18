"""One stack contains what otherwise takes two steps: resources.yaml, Chalice's app and the
gateway."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file

from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.throttles import method_settings
from devkit.project_paths import RESOURCES
from operate.aws import collect_settings, gateway_settings
from operate.build.single_stack import FUNCTIONS, SECRETS, TABLES, single_stack_template
from operate.deploy.package import write_single_stack
from tests.packaging import packaged_app


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = packaged_app(tmp_path_factory.mktemp("packaged"), "prod")
    write_single_stack("prod", folder)
    return folder


@pytest.fixture(scope="module")
def stack(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "stack.json").read_text("utf-8"))
    return read


@pytest.fixture
def api(stack: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = stack["Resources"]["RestAPI"]["Properties"]
    return properties


def function(stack: dict[str, Any], name: str) -> dict[str, Any]:
    result: dict[str, Any] = stack["Resources"][FUNCTIONS[name][0]]
    return result


def test_cfn_lint_reports_no_problem(folder: Path):
    assert [str(match) for match in lint_file(folder / "stack.json")] == []


def test_single_stack_contains_both_templates(stack: dict[str, Any], folder: Path):
    app = json.loads((folder / "sam.json").read_text("utf-8"))
    resources = read_template(RESOURCES)

    for section in ("Resources", "Outputs"):
        assert set(stack[section]) >= set(app[section]) | set(resources[section])
    for name, resource in resources["Resources"].items():
        assert stack["Resources"][name] == resource
    assert stack["Transform"] == "AWS::Serverless-2016-10-31"


def test_resource_in_both_templates_is_not_overwritten(folder: Path):
    app = json.loads((folder / "sam.json").read_text("utf-8"))
    resources = read_template(RESOURCES)
    resources["Resources"]["RestAPI"] = {}

    with pytest.raises(AssertionError, match="RestAPI"):
        single_stack_template(app, resources, "prod", {})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_depend_on_their_tables_and_log_groups(stack: dict[str, Any], name: str):
    log_group = stack["Resources"][FUNCTIONS[name][1]]["Properties"]["LogGroupName"]
    variables = function(stack, name)["Properties"]["Environment"]["Variables"]

    assert function(stack, name)["DependsOn"] == FUNCTIONS[name][1]
    assert {variable: variables[variable]["Ref"] for variable in TABLES} == TABLES
    assert set(TABLES.values()) <= set(stack["Resources"])
    in_prod = log_group["Fn::Sub"].replace("${Stage}", "prod")
    assert in_prod == "/aws/lambda/" + function(stack, name)["Properties"]["FunctionName"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_secrets_are_no_echo_parameters(stack: dict[str, Any], name: str):
    variables = function(stack, name)["Properties"]["Environment"]["Variables"]

    for variable, parameter in SECRETS.items():
        assert variables[variable] == {"Ref": parameter}
        assert stack["Parameters"][parameter]["NoEcho"] is True


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_receive_only_the_name_of_the_visitor_key(stack: dict[str, Any], name: str):
    properties = function(stack, name)["Properties"]
    variables = properties["Environment"]["Variables"]
    role = stack["Resources"][properties["Role"]["Fn::GetAtt"][0]]["Properties"]
    statements = [
        statement
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "ssm:GetParameter" in statement["Action"]
    ]

    assert variables["VISITOR_KEY_PARAMETER"] == "/liveinsight/prod/visitor-key"
    assert "VISITOR_KEY" not in variables
    assert "VisitorKey" not in stack["Parameters"]
    readable = [s["Resource"] for s in statements]
    expected = ["arn:aws:ssm:*:*:parameter/liveinsight/prod/visitor-key"]
    without_key = (gateway_settings.COLLECT, gateway_settings.SCAN)
    assert readable == ([] if name in without_key else expected)


def test_package_of_a_stage_has_the_settings_of_that_stage(stack: dict[str, Any]):
    parameter = stack["Parameters"]["Stage"]

    assert (parameter["Default"], parameter["AllowedPattern"]) == ("prod", "prod")


def test_api_is_throttled_and_has_one_stage(api: dict[str, Any]):
    assert api["MethodSettings"] == method_settings(1000)
    assert api["OpenApiVersion"] == "2.0"


def test_access_log_is_optional_and_identifies_no_visitor(
    stack: dict[str, Any], api: dict[str, Any]
):
    condition, logs, nothing = api["AccessLogSetting"]["Fn::If"]

    assert condition in stack["Conditions"]
    assert stack["Parameters"]["AccessLogs"]["Default"] == "off"
    assert logs["DestinationArn"] == {"Fn::GetAtt": ["GatewayLogs", "Arn"]}
    assert nothing == {"Ref": "AWS::NoValue"}
    assert set(json.loads(logs["Format"])) == {"request", "route", "status", "ms", "error"}
    for personal in ("identity", "sourceIp", "userAgent", "$context.path"):
        assert personal not in logs["Format"]


def test_gateway_errors_have_the_error_format(api: dict[str, Any]):
    answers = api["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]

    assert answers == gateway_settings.gateway_responses("*")


def test_gateway_uses_the_settings_of_the_stage(folder: Path):
    app = json.loads((folder / "sam.json").read_text("utf-8"))
    settings = {"RATE_LIMIT_PER_MINUTE": "6000", "CORS_ORIGIN": "https://example.com"}
    made = single_stack_template(app, read_template(RESOURCES), "prod", settings)
    properties = made["Resources"]["RestAPI"]["Properties"]

    assert properties["MethodSettings"] == method_settings(6000)
    answers = properties["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]
    assert answers == gateway_settings.gateway_responses("https://example.com")


def test_function_url_is_public_where_the_region_has_function_urls(stack: dict[str, Any]):
    url = stack["Resources"]["CollectUrl"]
    permissions = [
        resource
        for resource in stack["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Permission"
        and resource["Properties"]["FunctionName"] == {"Ref": "Collect"}
    ]

    assert url["Properties"] == {
        "TargetFunctionArn": {"Ref": "Collect"},
        **collect_settings.url_settings("*"),
    }
    assert {p["Properties"]["Action"]: p["Properties"]["Principal"] for p in permissions} == {
        "lambda:InvokeFunction": "*",
        "lambda:InvokeFunctionUrl": "*",
    }
    for resource in (url, *permissions, stack["Outputs"]["CollectUrl"]):
        assert resource["Condition"] == "HasFunctionUrl"
    assert "eu-central-2" in json.dumps(stack["Conditions"]["HasFunctionUrl"])


def test_collect_function_starts_without_chalice(stack: dict[str, Any]):
    properties = function(stack, gateway_settings.COLLECT)["Properties"]

    assert properties["Handler"] == collect_settings.HANDLER
    assert properties["LoggingConfig"] == collect_settings.LOGGING
    assert importlib.util.find_spec(collect_settings.HANDLER.rpartition(".")[0])


def test_concurrency_of_collecting_is_a_parameter(stack: dict[str, Any]):
    reserved = function(stack, gateway_settings.COLLECT)["Properties"][
        "ReservedConcurrentExecutions"
    ]

    assert stack["Parameters"]["CollectConcurrency"]["Default"] == ""
    assert reserved == {
        "Fn::If": [
            "HasCollectConcurrency",
            {"Ref": "CollectConcurrency"},
            {"Ref": "AWS::NoValue"},
        ]
    }


def test_job_is_not_retried(stack: dict[str, Any]):
    job = function(stack, gateway_settings.JOB)["Properties"]

    assert job["EventInvokeConfig"] == gateway_settings.JOB_INVOCATION


def test_tracing_is_off_by_default(stack: dict[str, Any], api: dict[str, Any]):
    assert api["TracingEnabled"] is False
    assert "xray" not in json.dumps(stack).lower()


def test_tracing_samples_one_request_in_a_hundred(folder: Path):
    app = json.loads((folder / "sam.json").read_text("utf-8"))
    app["Resources"]["APIHandler"]["Properties"]["Tracing"] = "Active"
    made = single_stack_template(app, read_template(RESOURCES), "prod", {})["Resources"]

    assert made["RestAPI"]["Properties"]["TracingEnabled"] is True
    sampling = made["Sampling"]["Properties"]["SamplingRule"]
    assert sampling == gateway_settings.sampling_rule("prod")


def test_preflight_is_answered_on_every_path(api: dict[str, Any]):
    for path, methods in api["DefinitionBody"]["paths"].items():
        answer = methods["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
        headers = {
            name.split(".")[-1]: value.strip("'")
            for name, value in answer["responseParameters"].items()
        }
        assert answer["statusCode"] == "200", path
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Authorization" in headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in headers
