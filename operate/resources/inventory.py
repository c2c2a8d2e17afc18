"""Everything that a stage has in the account, found by its names, and how each is deleted.

What Chalice has on record is not asked: a deployment that was broken off is not on record, and
is to be found as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from devkit.infrastructure.cfn_template import parse_template
from operate.access.visitor_key_parameter import forget_visitor_key, visitor_key
from operate.aws import gateway_settings
from operate.aws.account import Account, code_of
from operate.aws.deployment_store import open_record
from operate.aws.stage import Stage
from operate.build.chalice_app import App
from operate.resources.configure_gateway import sampling_rule_of
from operate.resources.table_changes import delete_table

_GONE = frozenset(
    {
        "ResourceNotFoundException", "NotFoundException", "NoSuchEntity", "ParameterNotFound",
        "InvalidRequestException", "NoSuchBucket", "404",
    }
)  # fmt: skip
_FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
EDGE_REGION = "us-east-1"  # where CloudFront looks for certificates: infra/edge.yaml


@dataclass(frozen=True, slots=True)
class Part:
    """`what` and its name, for the operator; `delete` may be called twice."""

    what: str
    name: str
    delete: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.what} {self.name}"


def app_parts(stage: Stage, account: Account) -> list[Part]:
    """The app: first what calls it."""
    return [
        *_rules(stage, account),
        *_api(stage, account),
        *_functions(stage, account),
        *_roles(stage, account),
        *_sampling(stage, account),
    ]


def stack_parts(stage: Stage, account: Account) -> list[Part]:
    """The stacks of the edge and of the export come first: the export's adds a policy to a role
    of the app. Then that of a stage deployed by a pipeline, and last the resources."""
    last = (stage.one_stack, stage.resources_stack)
    names = sorted(
        _stacks(stage, account, account.region),
        key=lambda name: (last.index(name) + 1 if name in last else 0, name),
    )
    parts = [Part("stack", name, partial(_delete_stack, account, name)) for name in names]
    return [*_edge_elsewhere(stage, account), *parts]


def _edge_elsewhere(stage: Stage, account: Account) -> Iterator[Part]:
    """The edge and the budget of a stage in another region. Who may not look there has none
    there."""
    if account.region == EDGE_REGION:
        return
    there = account.elsewhere(EDGE_REGION)
    try:
        names = list(_stacks(stage, there, account.region))
    except ClientError as error:
        if code_of(error) not in _FORBIDDEN:
            raise
        return
    for name in names:
        delete_it = partial(_delete_stack, there, name)
        yield Part("stack", f"{name} in {EDGE_REGION}", delete_it)


def _stacks(stage: Stage, account: Account, region: str) -> Iterator[str]:
    """Names of the stage's stacks in the account's region; `region` is the stage's own. A
    stack before an API belongs to the stage in that API's region."""
    client = account.client("cloudformation")
    for page in client.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            name = stack["StackName"]
            is_of_stage = name == stage.one_stack or name.startswith(stage.stacks)
            is_there = stack["StackStatus"] != "DELETE_COMPLETE"
            if is_of_stage and is_there and _region_of(stack, account.region) == region:
                yield stack["StackName"]


def _region_of(stack: dict[str, Any], region: str) -> str:
    """That of the API or the stage that its parameters name, else that in which it is."""
    parameters = {
        one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])
    }
    domain = parameters.get("ApiDomain", "").split(".")
    return str(domain[2] if len(domain) > 2 else parameters.get("StageRegion", region))


def log_parts(stage: Stage, account: Account) -> list[Part]:
    """Log groups that a function made after its stack's were gone."""
    client = account.client("logs")
    return [
        Part("log group", name, partial(client.delete_log_group, logGroupName=name))
        for name in stage.log_groups
        if any(
            found["logGroupName"] == name
            for found in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        )
    ]


def data_parts(stage: Stage, account: Account) -> list[Part]:
    client = account.client("dynamodb")
    parts = [
        Part("table", name, partial(delete_table, client, name))
        for name in stage.tables
        if _is_there(partial(client.describe_table, TableName=name))
    ]
    bucket = stage.environment.get("EXPORT_BUCKET")
    s3 = account.client("s3")
    if bucket and _is_there(partial(s3.head_bucket, Bucket=bucket)):
        parts.append(Part("bucket", bucket, partial(_delete_bucket, s3, bucket)))
    if visitor_key(stage, account) is not None:
        parts.append(
            Part("parameter", "visitor-key", partial(forget_visitor_key, stage, account))
        )
    return parts


def delete(parts: list[Part]) -> Iterator[Part]:
    """One after the other; what is gone already is fine."""
    for part in parts:
        try:
            part.delete()
        except ClientError as error:
            if code_of(error) not in _GONE:
                raise
        yield part


def _rules(stage: Stage, account: Account) -> Iterator[Part]:
    client = account.client("events")
    for name in stage.rules:
        if _is_there(partial(client.describe_rule, Name=name)):
            yield Part("rule", name, partial(_delete_rule, client, name))


def _api(stage: Stage, account: Account) -> Iterator[Part]:
    api_id = App(stage, account, open_record(stage, account)).api_id()
    if api_id:
        client = account.client("apigateway")
        yield Part("API", api_id, partial(client.delete_rest_api, restApiId=api_id))


def _functions(stage: Stage, account: Account) -> Iterator[Part]:
    client = account.client("lambda")
    for name in stage.functions:
        if _is_there(partial(client.get_function_configuration, FunctionName=name)):
            yield Part("function", name, partial(client.delete_function, FunctionName=name))


def _roles(stage: Stage, account: Account) -> Iterator[Part]:
    client = account.client("iam")
    for name in stage.roles:
        if _is_there(partial(client.get_role, RoleName=name)):
            yield Part("role", name, partial(_delete_role, client, name))


def _sampling(stage: Stage, account: Account) -> Iterator[Part]:
    if sampling_rule_of(stage, account):
        name = gateway_settings.sampling_rule(stage.name)["RuleName"]
        client = account.client("xray")
        yield Part("sampling rule", name, partial(client.delete_sampling_rule, RuleName=name))


def _is_there(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except ClientError as error:
        if code_of(error) in _GONE:
            return False
        raise
    return True


def _delete_rule(client: Any, name: str) -> None:
    targets = client.list_targets_by_rule(Rule=name)["Targets"]
    if targets:
        client.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
    client.delete_rule(Name=name)


def _delete_role(client: Any, name: str) -> None:
    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]:
        client.delete_role_policy(RoleName=name, PolicyName=policy)
    client.delete_role(RoleName=name)


def _delete_stack(account: Account, name: str) -> None:
    """Its buckets are emptied first, for CloudFormation deletes no other; but those that
    outlive their stack hold data."""
    client = account.client("cloudformation")
    kept = _kept_resources(client, name)
    for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
        for resource in page["StackResourceSummaries"]:
            is_bucket = resource["ResourceType"] == "AWS::S3::Bucket"
            if is_bucket and resource["LogicalResourceId"] not in kept:
                empty_bucket(account.client("s3"), resource["PhysicalResourceId"])
    client.delete_stack(StackName=name)
    client.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 3, "MaxAttempts": 400}
    )


def _kept_resources(client: Any, name: str) -> set[str]:
    body = client.get_template(StackName=name)["TemplateBody"]
    template = parse_template(body) if isinstance(body, str) else body
    return {
        logical_id
        for logical_id, resource in template["Resources"].items()
        if str(resource.get("DeletionPolicy", "")).startswith("Retain")
    }


def _delete_bucket(client: Any, name: str) -> None:
    empty_bucket(client, name)
    client.delete_bucket(Bucket=name)


def empty_bucket(client: Any, name: str) -> None:
    """With all versions of everything."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [
            {"Key": version["Key"], "VersionId": version["VersionId"]}
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        if found:
            client.delete_objects(Bucket=name, Delete={"Objects": found, "Quiet": True})
