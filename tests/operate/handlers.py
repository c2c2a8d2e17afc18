"""The actions that CloudFormation asks for in the deployer's name, for each type of resource.

The source is AWS's own: each type's schema in the CloudFormation registry lists, in its
`handlers`, the permissions that creating, reading, updating and deleting one takes. The pinned
cfn-lint brings these schemas. They list what any property could need, so what ours never need
is taken away here, by the property that would need it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
HANDLERS = ("create", "read", "update", "delete")

OTHER_SERVICES = (
    "ec2:", "elasticfilesystem:", "firehose:", "kinesis:", "kms:", "s3files:", "s3:REST.",
)  # fmt: skip
# By type: what only properties need that none of our templates has.
UNUSED = {
    "AWS::DynamoDB::Table": {
        # replicas, import from S3, streams to Kinesis, resource policies, tags, insights
        "dynamodb:AssociateTableReplica", "dynamodb:BatchWriteItem",
        "dynamodb:CreateTableReplica", "dynamodb:DeleteItem", "dynamodb:DeleteResourcePolicy",
        "dynamodb:DescribeImport", "dynamodb:DisableKinesisStreamingDestination",
        "dynamodb:EnableKinesisStreamingDestination", "dynamodb:GetItem",
        "dynamodb:ImportTable", "dynamodb:PutItem", "dynamodb:PutResourcePolicy",
        "dynamodb:Query", "dynamodb:Scan", "dynamodb:TagResource", "dynamodb:UntagResource",
        "dynamodb:UpdateContributorInsights", "dynamodb:UpdateItem",
        "dynamodb:UpdateKinesisStreamingDestination", "iam:CreateServiceLinkedRole",
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups",
        "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:PutRetentionPolicy",
        "s3:GetObject", "s3:GetObjectMetadata", "s3:ListBucket",
    },
    "AWS::Lambda::Function": {
        # code signing, layers, pinned runtimes, recursion, capacity, versions of a package
        "lambda:AssociateRuntimeAlias", "lambda:DeleteFunctionCodeSigningConfig",
        "lambda:GetCodeSigningConfig", "lambda:GetLayerVersion",
        "lambda:PassCapacityProvider", "lambda:PublishVersion",
        "lambda:PutFunctionCodeSigningConfig", "lambda:PutFunctionRecursionConfig",
        "lambda:PutFunctionScalingConfig", "lambda:PutRuntimeManagementConfig",
        "s3:GetObjectVersion",
    },
    "AWS::IAM::Role": {
        # managed policies, boundaries, descriptions, tags
        "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary", "iam:TagRole", "iam:UntagRole", "iam:UpdateRole",
        "iam:UpdateRoleDescription",
    },
    "AWS::Logs::LogGroup": {
        # data protection, indexes, encryption, resource policies, delivery, bearer tokens
        "logs:AssociateKmsKey", "logs:CreateLogDelivery", "logs:DeleteDataProtectionPolicy",
        "logs:DeleteIndexPolicy", "logs:DeleteResourcePolicy", "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey", "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy", "logs:PutIndexPolicy",
        "logs:PutLogGroupDeletionProtection", "logs:PutResourcePolicy",
    },
    # data protection, and the roles by which deliveries are logged
    "AWS::SNS::Topic": {"iam:GetRole", "iam:PassRole", "sns:PutDataProtectionPolicy"},
    "AWS::SNS::Subscription": {"iam:GetRole", "iam:PassRole"},
    # a definition in S3, a resource policy, a role to call with
    "AWS::ApiGateway::RestApi": {
        "apigateway:UpdateRestApiPolicy", "iam:PassRole", "s3:GetObject",
    },
    # a role to call the target with
    "AWS::Events::Rule": {"iam:PassRole"},
    # a view of somebody else's bill
    "AWS::Budgets::Budget": {"billing:GetBillingViewData"},
}  # fmt: skip


def needed_by(kind: str) -> set[str]:
    """Return the actions of services that are used at all."""
    return {
        action
        for action in listed_for(kind)
        if not action.startswith(OTHER_SERVICES) and action not in UNUSED.get(kind, ())
    }


def needed_by_all(kinds: Iterable[str]) -> set[str]:
    return set().union(*map(needed_by, kinds))


@cache
def listed_for(kind: str) -> frozenset[str]:
    """Return the listed actions, and those for tagging where CloudFormation tags on its own."""
    schema = _schemas()[kind]
    handlers = [schema["handlers"].get(name, {}) for name in HANDLERS]
    tagging = schema.get("tagging", {})
    if tagging.get("cloudFormationSystemTags"):
        handlers.append(tagging)
    return frozenset(action for one in handlers for action in one.get("permissions", ()))


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    read = (json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json"))
    return {schema["typeName"]: schema for schema in read if "handlers" in schema}
