"""The pipeline's role may deploy the single stack, and nothing else. The resource types are
those of the stack after the SAM transform. handlers.py lists what each needs; no account has
confirmed it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import ROOT
from operate.deploy.package import write_single_stack
from tests.operate.handlers import needed_by, needed_by_all
from tests.packaging import packaged_app

POLICY = read_template(ROOT / "infra" / "github-role.yaml")["Resources"]["OneStack"]
STATEMENTS: list[dict[str, Any]] = POLICY["Properties"]["PolicyDocument"]["Statement"]

# `aws cloudformation package` and `deploy`, and what CloudFormation reads in the caller's name.
COMMANDS = {
    "cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet", "s3:GetObject", "s3:PutObject",
    "ssm:GetParameter", "ssm:PutParameter",  # make visitor-key
}  # fmt: skip

HERE = "eu-central-1:123456789012"
# Names as the stack has them in stage prod; what has none gets one from CloudFormation, which
# begins with the stack's.
ARNS = {
    "AWS::ApiGateway::Deployment": [
        "arn:aws:apigateway:eu-central-1::/restapis/a1/deployments"
    ],
    "AWS::ApiGateway::RestApi": [
        "arn:aws:apigateway:eu-central-1::/restapis",
        "arn:aws:apigateway:eu-central-1::/restapis/a1",
    ],
    "AWS::ApiGateway::Stage": [
        "arn:aws:apigateway:eu-central-1::/restapis/a1/stages/prod",
        "arn:aws:apigateway:eu-central-1::/tags/arn%3Aaws%3Aapigateway",
    ],
    "AWS::CloudWatch::Alarm": [f"arn:aws:cloudwatch:{HERE}:alarm:LiveInsight-Api-5xx"],
    "AWS::CloudWatch::Dashboard": ["arn:aws:cloudwatch::123456789012:dashboard/LiveInsight"],
    "AWS::DynamoDB::Table": [f"arn:aws:dynamodb:{HERE}:table/LiveInsight-Events"],
    "AWS::Events::Rule": [f"arn:aws:events:{HERE}:rule/liveinsight-prod-ExpireSessions-1"],
    "AWS::IAM::Role": ["arn:aws:iam::123456789012:role/liveinsight-prod-ApiHandlerRole-1"],
    "AWS::Lambda::EventInvokeConfig": [
        f"arn:aws:lambda:{HERE}:function:liveinsight-prod-expire_sessions"
    ],
    "AWS::Lambda::Function": [
        f"arn:aws:lambda:{HERE}:function:liveinsight-prod",
        "arn:aws:iam::123456789012:role/liveinsight-prod-ApiHandlerRole-1",
        "arn:aws:s3:::packages/0123456789abcdef",
    ],
    "AWS::Lambda::Permission": [f"arn:aws:lambda:{HERE}:function:liveinsight-prod"],
    "AWS::Lambda::Url": [f"arn:aws:lambda:{HERE}:function:liveinsight-prod-collect"],
    "AWS::Logs::LogGroup": [
        f"arn:aws:logs:{HERE}:log-group:/aws/lambda/liveinsight-prod",
        f"arn:aws:logs:{HERE}:log-group:/aws/apigateway/liveinsight-prod",
    ],
    "AWS::SNS::Subscription": [f"arn:aws:sns:{HERE}:LiveInsight-Alarms"],
    "AWS::SNS::Topic": [f"arn:aws:sns:{HERE}:LiveInsight-Alarms"],
    "AWS::XRay::SamplingRule": [f"arn:aws:xray:{HERE}:sampling-rule/liveinsight-prod"],
}


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the types of the resources that CloudFormation creates from stack.json, with
    tracing on."""
    folder = packaged_app(tmp_path_factory.mktemp("packaged"), "prod")
    sam = json.loads((folder / "sam.json").read_text("utf-8"))
    sam["Resources"]["APIHandler"]["Properties"]["Tracing"] = "Active"
    (folder / "sam.json").write_text(json.dumps(sam), "utf-8")
    write_single_stack("prod", folder)
    return set(_transformed(folder))


def _transformed(folder: Path) -> Iterator[str]:
    stack = json.loads((folder / "stack.json").read_text("utf-8"))
    for resource in stack["Resources"].values():
        if "CodeUri" in resource["Properties"]:
            resource["Properties"]["CodeUri"] = "s3://packages/0123456789abcdef"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        made = Translator({}, Parser()).translate(stack, {})
    yield from (resource["Type"] for resource in made["Resources"].values())


def actions(statement: dict[str, Any]) -> set[str]:
    named = statement["Action"]
    return {named} if isinstance(named, str) else set(named)


def resources(statement: dict[str, Any]) -> list[str]:
    """Return the resources of a statement, with a package bucket named `packages`."""
    named = statement["Resource"]
    return [
        (one["Fn::Sub"] if isinstance(one, dict) else one).replace(
            "${PackageBucket}", "packages"
        )
        for one in (named if isinstance(named, list) else [named])
    ]


def allows(action: str, arn: str) -> bool:
    return any(
        action in actions(statement)
        and any(fnmatchcase(arn, pattern) for pattern in resources(statement))
        for statement in STATEMENTS
    )


def test_pipeline_policy_grants_exactly_what_the_stack_needs(types: set[str]):
    granted = set().union(*map(actions, STATEMENTS))

    assert granted == needed_by_all(types) | COMMANDS


def test_every_resource_type_has_a_name_in_this_test(types: set[str]):
    assert types == set(ARNS)


@pytest.mark.parametrize("kind", ARNS)
def test_resource_can_be_created_read_updated_and_deleted_by_name(kind: str):
    for action in needed_by(kind):
        assert any(allows(action, arn) for arn in ARNS[kind]), action


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("s3:PutObject", "arn:aws:s3:::packages/0123456789abcdef"),
        ("s3:GetObject", "arn:aws:s3:::packages/0123456789abcdef.template"),
        (
            "cloudformation:CreateChangeSet",
            f"arn:aws:cloudformation:{HERE}:stack/liveinsight-prod/*",
        ),
        (
            "cloudformation:CreateChangeSet",
            "arn:aws:cloudformation:eu-central-1:aws:transform/Serverless-2016-10-31",
        ),
        (
            "cloudformation:ExecuteChangeSet",
            f"arn:aws:cloudformation:{HERE}:stack/liveinsight-prod/1",
        ),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/liveinsight-prod-ApiHandlerRole-1"),
        ("ssm:PutParameter", f"arn:aws:ssm:{HERE}:parameter/liveinsight/prod/visitor-key"),
    ],
)
def test_every_call_of_the_workflow_is_granted(action: str, arn: str):
    assert allows(action, arn)


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("s3:PutObject", "arn:aws:s3:::elsewhere/0123456789abcdef"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{HERE}:function:shop"),
        ("dynamodb:DeleteTable", f"arn:aws:dynamodb:{HERE}:table/Orders"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{HERE}:table/LiveInsight-Events"),
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/Admin"),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/Admin"),
        ("cloudformation:ExecuteChangeSet", f"arn:aws:cloudformation:{HERE}:stack/shop/1"),
        ("ssm:GetParameter", f"arn:aws:ssm:{HERE}:parameter/shop/password"),
    ],
)
def test_resources_of_other_applications_are_not_granted(action: str, arn: str):
    assert not allows(action, arn)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement["Sid"])
def test_each_statement_lists_actions_and_resources(statement: dict[str, Any]):
    """Actions that IAM cannot limit to a resource are alone in the one statement without
    resources."""
    assert not any("*" in action for action in actions(statement))
    if statement["Sid"] == "WhatHasNoNameToLimitItTo":
        assert actions(statement) == {
            "cloudwatch:DescribeAlarms", "logs:DescribeIndexPolicies",
            "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
            "sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes",
            "sns:Unsubscribe", "xray:GetSamplingRules",
        }  # fmt: skip
    else:
        assert "*" not in resources(statement)


def test_roles_can_only_be_passed_to_lambda():
    (passing,) = [one for one in STATEMENTS if "iam:PassRole" in actions(one)]

    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}
    }


def test_pipeline_policy_fits_a_managed_policy():
    """AWS counts characters without whitespace; a bucket name has at most 63."""
    document = json.dumps(POLICY["Properties"]["PolicyDocument"], separators=(",", ":"))

    assert len(document) + 63 <= 6_144
