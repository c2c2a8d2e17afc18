"""All resources of a stage in the account, found by their names, and how each is deleted.

Chalice's record is not used, because it lacks the resources of an interrupted deployment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from devkit.infrastructure.cfn_template import parse_template
from devkit.infrastructure.cloudformation import StackFailed, parameters_of, wait_for_stack
from operate.access.visitor_key_parameter import delete_visitor_key, read_visitor_key
from operate.aws import gateway_settings
from operate.aws.account import Account, error_code
from operate.aws.deployment_store import open_store
from operate.aws.stage import Stage
from operate.build.chalice_app import ChaliceApp
from operate.errors import CommandError
from operate.resources.configure_gateway import sampling_rule_of
from operate.resources.resource_stack import MAX_STACK_SECONDS, STACK_POLL_SECONDS
from operate.resources.table_changes import delete_table

_GONE = frozenset(
    {
        "ResourceNotFoundException", "NotFoundException", "NoSuchEntity", "ParameterNotFound",
        "InvalidRequestException", "NoSuchBucket", "404",
    }
)  # fmt: skip
_FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
EDGE_REGION = "us-east-1"  # CloudFront needs its certificate there: infra/edge.yaml


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource to print and to delete. `delete` may be called twice."""

    kind: str
    name: str
    delete: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def app_resources(stage: Stage, account: Account) -> list[Resource]:
    """Return the app's resources, those that call it first."""
    return [
        *_rules(stage, account),
        *_api(stage, account),
        *_functions(stage, account),
        *_roles(stage, account),
        *_sampling(stage, account),
    ]


def stack_resources(stage: Stage, account: Account) -> list[Resource]:
    """Return the stage's stacks in the order in which they can be deleted.

    The edge's and the export's come first, because the export's adds a policy to a role of the
    app. Then the single stack of a pipeline, and the resources last.
    """
    last = (stage.single_stack, stage.resources_stack)
    names = sorted(
        _stacks(stage, account, account.region),
        key=lambda name: (last.index(name) + 1 if name in last else 0, name),
    )
    stacks = [Resource("stack", name, partial(_delete_stack, account, name)) for name in names]
    return [*_stacks_in_edge_region(stage, account), *stacks]


def _stacks_in_edge_region(stage: Stage, account: Account) -> Iterator[Resource]:
    """Yield the edge and the budget of a stage in another region. Without permission to list
    them, there are none."""
    if account.region == EDGE_REGION:
        return
    edge_account = account.in_region(EDGE_REGION)
    try:
        names = list(_stacks(stage, edge_account, account.region))
    except ClientError as error:
        if error_code(error) not in _FORBIDDEN:
            raise
        return
    for name in names:
        delete_it = partial(_delete_stack, edge_account, name)
        yield Resource("stack", f"{name} in {EDGE_REGION}", delete_it)


def _stacks(stage: Stage, account: Account, region: str) -> Iterator[str]:
    """Yield the names of the stage's stacks in the account's region. `region` is the stage's
    own: an edge stack belongs to the stage in its API's region."""
    client = account.client("cloudformation")
    for page in client.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            name = stack["StackName"]
            is_of_stage = name == stage.single_stack or name.startswith(stage.stack_prefix)
            is_there = stack["StackStatus"] != "DELETE_COMPLETE"
            if is_of_stage and is_there and _region_of(stack, account.region) == region:
                yield stack["StackName"]


def _region_of(stack: dict[str, Any], region: str) -> str:
    """Return the region of the API or the stage in its parameters, else the stack's own."""
    parameters = parameters_of(stack)
    domain = parameters.get("ApiDomain", "").split(".")
    return str(domain[2] if len(domain) > 2 else parameters.get("StageRegion", region))


def log_resources(stage: Stage, account: Account) -> list[Resource]:
    """Return log groups that a function created after their stack was deleted."""
    client = account.client("logs")
    return [
        Resource("log group", name, partial(client.delete_log_group, logGroupName=name))
        for name in stage.log_groups
        if any(
            group["logGroupName"] == name
            for group in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        )
    ]


def data_resources(stage: Stage, account: Account) -> list[Resource]:
    client = account.client("dynamodb")
    resources = [
        Resource("table", name, partial(delete_table, client, name))
        for name in stage.tables
        if _exists(partial(client.describe_table, TableName=name))
    ]
    bucket = stage.environment.get("EXPORT_BUCKET")
    s3 = account.client("s3")
    if bucket and _exists(partial(s3.head_bucket, Bucket=bucket)):
        resources.append(Resource("bucket", bucket, partial(_delete_bucket, s3, bucket)))
    if read_visitor_key(stage, account) is not None:
        resources.append(
            Resource("parameter", "visitor-key", partial(delete_visitor_key, stage, account))
        )
    return resources


def delete_all(resources: list[Resource]) -> Iterator[Resource]:
    """Delete one after another, and yield each. Resources that no longer exist are skipped."""
    for resource in resources:
        try:
            resource.delete()
        except ClientError as error:
            if error_code(error) not in _GONE:
                raise
        yield resource


def _rules(stage: Stage, account: Account) -> Iterator[Resource]:
    client = account.client("events")
    for name in stage.rules:
        if _exists(partial(client.describe_rule, Name=name)):
            yield Resource("rule", name, partial(_delete_rule, client, name))


def _api(stage: Stage, account: Account) -> Iterator[Resource]:
    api_id = ChaliceApp(stage, account, open_store(stage, account)).api_id()
    if api_id:
        client = account.client("apigateway")
        yield Resource("API", api_id, partial(client.delete_rest_api, restApiId=api_id))


def _functions(stage: Stage, account: Account) -> Iterator[Resource]:
    client = account.client("lambda")
    for name in stage.functions:
        if _exists(partial(client.get_function_configuration, FunctionName=name)):
            yield Resource("function", name, partial(client.delete_function, FunctionName=name))


def _roles(stage: Stage, account: Account) -> Iterator[Resource]:
    client = account.client("iam")
    for name in stage.roles:
        if _exists(partial(client.get_role, RoleName=name)):
            yield Resource("role", name, partial(_delete_role, client, name))


def _sampling(stage: Stage, account: Account) -> Iterator[Resource]:
    if sampling_rule_of(stage, account):
        name = gateway_settings.sampling_rule(stage.name)["RuleName"]
        client = account.client("xray")
        yield Resource(
            "sampling rule", name, partial(client.delete_sampling_rule, RuleName=name)
        )


def _exists(describe: Callable[[], object]) -> bool:
    try:
        describe()
    except ClientError as error:
        if error_code(error) in _GONE:
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
    """Empty the stack's buckets first, because CloudFormation only deletes empty ones. Buckets
    that outlive their stack contain data and are kept."""
    client = account.client("cloudformation")
    kept = _kept_resources(client, name)
    for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
        for resource in page["StackResourceSummaries"]:
            is_bucket = resource["ResourceType"] == "AWS::S3::Bucket"
            if is_bucket and resource["LogicalResourceId"] not in kept:
                empty_bucket(account.client("s3"), resource["PhysicalResourceId"])
    client.delete_stack(StackName=name)
    try:
        wait_for_stack(
            client,
            name,
            "delete",
            poll_seconds=STACK_POLL_SECONDS,
            max_seconds=MAX_STACK_SECONDS,
        )
    except StackFailed as error:
        raise CommandError(str(error)) from None


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
    """Delete all versions of all objects."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
        versions = [
            {"Key": version["Key"], "VersionId": version["VersionId"]}
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]
        if versions:
            client.delete_objects(Bucket=name, Delete={"Objects": versions, "Quiet": True})
