"""infra/deployer-policy.json: what the commands ask of AWS, and nothing besides.

What Chalice and our commands ask is compared with what they have been seen to ask, in
test_deploy.py. What CloudFormation asks in the deployer's name is what AWS lists for the types
of infra/resources.yaml, see handlers.py: no emulator checks it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from devkit.infrastructure.cfn_template import read_template
from operate.deploy.permissions import DEPLOYER_POLICY
from tests.operate.actions import NEEDS_NO_GRANT, granted, of_calls, statements
from tests.operate.handlers import UNUSED, listed_for, needed_by, needed_by_all

CHALICE = {
    "events:PutRule", "events:PutTargets",
    "iam:CreateRole", "iam:GetRole", "iam:PassRole", "iam:PutRolePolicy",
    "lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunctionConcurrency",
    "lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:GetPolicy",
    "lambda:ListTags", "lambda:PutFunctionConcurrency", "lambda:TagResource",
    "lambda:UntagResource",
    "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
}  # fmt: skip
COMMANDS = {
    "cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack", "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
    "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListMetrics",
    "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem",
    "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query",
    "dynamodb:RestoreTableToPointInTime", "dynamodb:Scan", "dynamodb:UpdateItem",
    "events:DeleteRule", "events:DescribeRule", "events:ListTargetsByRule",
    "events:RemoveTargets",
    "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListRolePolicies",
    "iam:SimulatePrincipalPolicy",
    "lambda:CreateFunctionUrlConfig", "lambda:DeleteFunction", "lambda:GetAccountSettings",
    "lambda:GetFunctionConcurrency", "lambda:GetFunctionEventInvokeConfig",
    "lambda:GetFunctionUrlConfig", "lambda:PublishVersion",
    "lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission",
    "lambda:UpdateFunctionUrlConfig",
    "logs:DescribeLogGroups", "logs:FilterLogEvents", "logs:GetQueryResults",
    "logs:StartQuery",
    "ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter",
    "xray:CreateSamplingRule", "xray:DeleteSamplingRule", "xray:GetSamplingRules",
    "xray:UpdateSamplingRule",
}  # fmt: skip
API = {f"apigateway:{verb}" for verb in ("DELETE", "GET", "PATCH", "POST", "PUT")}
RESOURCES = read_template(DEPLOYER_POLICY.with_name("resources.yaml"))["Resources"]
BUDGET = read_template(DEPLOYER_POLICY.with_name("budget.yaml"))["Resources"]
TYPES = {resource["Type"] for resource in (*RESOURCES.values(), *BUDGET.values())}


def test_deployer_policy_grants_exactly_the_needed_actions():
    assert granted() == CHALICE | COMMANDS | API | needed_by_all(TYPES)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_resource_type_can_be_created_updated_and_deleted(kind: str):
    assert needed_by(kind) <= granted()


@pytest.mark.parametrize("kind", sorted(UNUSED))
def test_omitted_actions_are_those_that_a_handler_lists(kind: str):
    """Otherwise there would be no reason to omit them."""
    assert UNUSED[kind] <= listed_for(kind)


@pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement["Sid"])
def test_each_grant_is_limited_to_names_of_liveinsight(statement: dict[str, Any]):
    assert not any("*" in action for action in statement["Action"])
    if statement["Sid"] in ("WhatHasNoNameToLimitItTo", "Api"):
        return  # these have numbers for names, or are asked about all there are
    resources = statement["Resource"]
    for resource in [resources] if isinstance(resources, str) else resources:
        if statement["Sid"] == "OwnRole":  # read, never changed
            assert resource.endswith(":role/aws-reserved/*")
            assert statement["Action"] == "iam:GetRole"
        else:
            assert "liveinsight" in resource.lower()


def test_roles_can_only_be_passed_to_lambda():
    (passing,) = [s for s in statements() if s["Action"] == "iam:PassRole"]

    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}
    }


def test_deployer_policy_fits_the_size_limit_of_iam():
    text = json.dumps(json.loads(DEPLOYER_POLICY.read_text("utf-8")), separators=(",", ":"))

    assert len(text) <= 6_144  # characters of a managed policy, blanks not counted


def test_calls_are_mapped_to_actions():
    calls = {("apigateway", "ImportRestApi"), ("lambda", "GetFunction"), *NEEDS_NO_GRANT}

    assert of_calls(calls) == {"apigateway:POST", "lambda:GetFunction"}
