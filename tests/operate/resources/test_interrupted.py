"""A deployment that dies after any of its changes resumes when it is run again. Concurrent ones
are rejected, and destroying leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from devkit.emulated_aws.emulator import REGION
from devkit.local_secrets import token_hash
from operate.access.tokens import load_tokens
from operate.aws.account import Account, open_account
from operate.aws.stage import Stage
from operate.errors import CommandError
from operate.resources.configure_collect import function_url, missing_permissions
from operate.resources.destroy import DATA_WORDS, destroy_stage
from operate.resources.inventory import (
    app_resources,
    data_resources,
    log_resources,
    stack_resources,
)
from operate.versions.releases import Releases
from tests.operate.chalices import quick_chalice
from tests.operate.changing_tables import changing_tables
from tests.operate.stages import Aws

pytestmark = pytest.mark.slow

READS = ("Get", "BatchGet", "List", "Describe", "Query", "Scan", "Simulate")
PLANS = ("CreateChangeSet", "DeleteChangeSet")  # these change nothing by themselves
MOST_RUNS = 60


class PowerCut(BaseException):
    """An exception that no command catches."""


class Plug:
    """Raises PowerCut after this many calls that change something. The lock is still released:
    its expiry is tested elsewhere."""

    def __init__(self) -> None:
        self.changes_left = 0  # not plugged in

    def note(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["sent"] = str(params.get("body", ""))

    def cut(
        self, model: Any, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: Any
    ) -> None:
        is_lock = "#lock" in str(context.get("sent", ""))
        if "Error" in parsed or is_lock or model.name.startswith(READS + PLANS):
            return
        self.changes_left -= 1
        if self.changes_left == 0:
            raise PowerCut(model.name)


def plugged_in() -> tuple[Account, Plug]:
    session, plug = boto3.Session(), Plug()
    session.events.register("before-call", plug.note)
    session.events.register("after-call", plug.cut)
    return open_account(REGION, session), plug


def all_parts(stage: Stage, account: Account) -> list[str]:
    results = [
        *app_resources(stage, account),
        *stack_resources(stage, account),
        *log_resources(stage, account),
        *data_resources(stage, account),
    ]
    return [str(part) for part in results]


def test_deployment_interrupted_after_any_change_can_be_completed(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    stage, died_at, refused = aws.new_stage(), [], []
    account, plug = plugged_in()
    for changes in range(1, MOST_RUNS):
        deployment = aws.deployment(stage, chalice=quick_chalice)
        deployment.account, plug.changes_left = account, changes
        try:
            deployment.run()
        except PowerCut as cut:
            died_at.append(str(cut))
        except CommandError as busy:
            refused.append(str(busy))
        else:
            break

    assert len(died_at) >= 10
    assert {"ExecuteChangeSet", "PutItem", "PutGatewayResponse", "UpdateStage"} <= {*died_at}
    # CloudFormation may still be busy with what the last run began.
    assert [reason for reason in refused if "at work" not in reason] == []
    (api,) = aws.gateway.of_stage(stage.name)
    assert (
        api.stages[stage.name]["methodSettings"]["~1events/POST"]["throttlingBurstLimit"] == 40
    )
    record = aws.record(stage)
    assert len(app_resources(stage, aws.account())) == 10
    assert function_url(stage, aws.account())
    assert missing_permissions(stage, aws.account()) == []
    (release,) = Releases(stage, aws.account(), record).all()[-1:]
    assert set(release.functions) == set(stage.functions)
    (token,) = re.findall(r"shown this once: (\S+)", capsys.readouterr().out)
    assert [kept.hash for kept in load_tokens(record)] == [token_hash(token)]
    aws.gateway.calls.clear()
    aws.deployment(stage, chalice=quick_chalice).run()
    assert aws.gateway.changes() == []


def test_concurrent_deployment_is_rejected(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    releases = Releases(stage, aws.account(), aws.record(stage)).all()

    with (
        aws.record(stage).lock("deploy", "Ann"),
        pytest.raises(CommandError, match=r"changed by Ann \(deploy\).* 15 minutes"),
    ):
        aws.deployment(stage, chalice=quick_chalice).run()

    assert Releases(stage, aws.account(), aws.record(stage)).all() == releases


def test_destroy_deletes_everything(aws: Aws, capsys: pytest.CaptureFixture[str]):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    account = aws.account()
    assert len(all_parts(stage, account)) > 10
    answers = iter([stage.name, DATA_WORDS])

    destroy_stage(stage, account, lambda _: next(answers))

    assert all_parts(stage, account) == []
    assert aws.gateway.of_stage(stage.name) == []
    assert "Nothing is left" in capsys.readouterr().out


def test_destroy_waits_for_protected_tables(aws: Aws):
    """The tables of prod are protected."""
    stage, client = aws.new_stage(), aws.account().client("dynamodb")
    aws.deployment(stage, chalice=quick_chalice).run()
    for name in stage.tables:
        client.update_table(TableName=name, DeletionProtectionEnabled=True)
    answers = iter([stage.name, DATA_WORDS])

    with changing_tables(client) as tables:
        left = destroy_stage(stage, aws.account(), lambda _: next(answers))

    assert left == []
    assert tables.rejected == []
    assert tables.calls.count("DeleteTable") == len(stage.tables)


def test_destroy_deletes_an_interrupted_deployment(aws: Aws):
    stage = aws.new_stage()

    def dies(project: Any, account: Account) -> None:
        quick_chalice(project, account)
        project.chalice_state_file.unlink()
        raise PowerCut

    with pytest.raises(PowerCut):
        aws.deployment(stage, chalice=dies).run()
    answers = iter([stage.name, DATA_WORDS])
    destroy_stage(stage, aws.account(), lambda _: next(answers))

    assert all_parts(stage, aws.account()) == []


def test_destroy_keeps_data_without_confirmation_and_a_deployment_reuses_it(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    account, record = aws.account(), aws.record(stage)
    key = account.client("ssm").get_parameter(Name=f"/liveinsight/{stage.name}/visitor-key")
    client = account.client("dynamodb")
    client.put_item(
        TableName=stage.rollups_table,
        Item={"site": {"S": "shop.example"}, "sort_key": {"S": "summary#2026-09-05"}},
    )
    tokens = load_tokens(record)
    answers = iter([stage.name, "yes"])

    left = destroy_stage(stage, account, lambda _: next(answers))

    assert [part.kind for part in left] == ["table"] * 4 + ["parameter"]
    aws.deployment(stage, chalice=quick_chalice).run()
    assert (
        account.client("ssm").get_parameter(Name=f"/liveinsight/{stage.name}/visitor-key")[
            "Parameter"
        ]["Value"]
        == key["Parameter"]["Value"]
    )
    assert load_tokens(record) == tokens
    kept = {"site": {"S": "shop.example"}, "sort_key": {"S": "summary#2026-09-05"}}
    assert "Item" in client.get_item(TableName=stage.rollups_table, Key=kept)
    assert [part.name for part in stack_resources(stage, account)] == [stage.resources_stack]


def test_destroy_of_the_app_only_does_not_ask_about_data(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    requests: list[str] = []

    def answer(question: str) -> str:
        requests.append(question)
        return stage.name

    left = destroy_stage(stage, aws.account(), answer, only_app=True)

    assert len(requests) == 1
    assert {part.kind for part in left} == {"table", "parameter"}


def test_destroy_deletes_nothing_until_the_name_is_typed(aws: Aws):
    stage = aws.new_stage()
    aws.deployment(stage, chalice=quick_chalice).run()
    before = all_parts(stage, aws.account())

    with pytest.raises(CommandError, match="Nothing was deleted"):
        destroy_stage(stage, aws.account(), lambda _: "yes")

    assert all_parts(stage, aws.account()) == before


def bucket_stack(aws: Aws, stage: Stage, kind: str, policy: str) -> str:
    """Create a stack of the stage with one bucket, in which a file was changed and deleted."""
    account, bucket = aws.account(), f"liveinsight-{stage.name}-{kind}"
    template = (
        f"Resources:\n  Files:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: {policy}\n"
        f"    Properties: {{BucketName: {bucket}}}\n"
    )
    client, s3 = account.client("cloudformation"), account.client("s3")
    client.create_stack(StackName=bucket, TemplateBody=template)
    client.get_waiter("stack_create_complete").wait(StackName=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for text in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="tracker.js", Body=text)
    s3.delete_object(Bucket=bucket, Key="tracker.js")
    return bucket


def pipeline_stack(aws: Aws, stage: Stage) -> str:
    """Create a stack as a pipeline does: one stack of everything, here a rule, a topic and a
    table."""
    rule, table = stage.rules[0], stage.tables[0]
    template = f"""
Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties: {{Name: {rule}, ScheduleExpression: rate(1 minute)}}
  Topic:
    Type: AWS::SNS::Topic
  EventsTable:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: {table}
      BillingMode: PAY_PER_REQUEST
      DeletionProtectionEnabled: true
      KeySchema: [{{AttributeName: session_id, KeyType: HASH}}]
      AttributeDefinitions: [{{AttributeName: session_id, AttributeType: S}}]
"""
    client = aws.account().client("cloudformation")
    client.create_stack(StackName=f"liveinsight-{stage.name}", TemplateBody=template)
    client.get_waiter("stack_create_complete").wait(StackName=f"liveinsight-{stage.name}")
    return f"liveinsight-{stage.name}"


def test_stage_of_a_pipeline_is_destroyed_by_its_stack(
    aws: Aws, capsys: pytest.CaptureFixture[str]
):
    """Deleting its functions separately would leave a stack that no pipeline can update."""
    stage = aws.new_stage()
    name = pipeline_stack(aws, stage)
    export = bucket_stack(aws, stage, "export", "Delete")
    answers = iter([stage.name, DATA_WORDS])

    assert destroy_stage(stage, aws.account(), lambda _: next(answers)) == []

    deleted = re.findall("Deleted: (.*)", capsys.readouterr().out)
    assert deleted == [f"stack {export}", f"stack {name}", f"table {stage.tables[0]}"]


def test_stage_of_a_pipeline_keeps_its_data_without_confirmation(aws: Aws):
    stage = aws.new_stage()
    pipeline_stack(aws, stage)

    left = destroy_stage(stage, aws.account(), lambda _: stage.name, only_app=True)

    assert [str(part) for part in left] == [f"table {stage.tables[0]}"]


def versions(aws: Aws, bucket: str) -> int:
    result = aws.account().client("s3").list_object_versions(Bucket=bucket)
    return len(result.get("Versions", [])) + len(result.get("DeleteMarkers", []))


def test_edge_bucket_is_emptied_with_all_versions(aws: Aws):
    stage = aws.new_stage()
    bucket = bucket_stack(aws, stage, "edge", "Delete")

    destroy_stage(stage, aws.account(), lambda _: stage.name, only_app=True)

    assert all_parts(stage, aws.account()) == []
    with pytest.raises(ClientError):
        aws.account().client("s3").head_bucket(Bucket=bucket)


def test_export_bucket_is_kept_as_data(aws: Aws):
    name = aws.new_stage().name
    bucket = f"liveinsight-{name}-export"
    stage = replace(
        aws.stage(name), environment={**aws.stage(name).environment, "EXPORT_BUCKET": bucket}
    )
    bucket_stack(aws, stage, "export", "Retain")

    left = destroy_stage(stage, aws.account(), lambda _: stage.name, only_app=True)
    assert [str(part) for part in left] == [f"bucket {bucket}"]
    assert versions(aws, bucket) == 3

    answers = iter([stage.name, DATA_WORDS])
    assert destroy_stage(stage, aws.account(), lambda _: next(answers)) == []


def edge_stack(aws: Aws, stage: Stage, api_region: str) -> str:
    """Create a stack with the edge's name in us-east-1, for an API in a region."""
    name = f"{stage.stack_prefix}edge"
    template = (
        "Parameters:\n  ApiDomain: {Type: String}\n"
        "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"
    )
    client = aws.account().in_region("us-east-1").client("cloudformation")
    domain = f"abc123.execute-api.{api_region}.amazonaws.com"
    client.create_stack(
        StackName=name,
        TemplateBody=template,
        Parameters=[{"ParameterKey": "ApiDomain", "ParameterValue": domain}],
    )
    client.get_waiter("stack_create_complete").wait(StackName=name)
    return name


@pytest.mark.parametrize(("api_region", "other"), [
    ("us-east-1", "eu-central-1"),
    ("eu-central-1", "us-east-1"),
])  # fmt: skip
def test_edge_stack_is_deleted_with_the_stage_in_the_region_of_its_api(
    aws: Aws, api_region: str, other: str
):
    stage = aws.new_stage()
    name = edge_stack(aws, stage, api_region)
    there, elsewhere = (aws.account().in_region(region) for region in (api_region, other))
    client = aws.account().in_region("us-east-1").client("cloudformation")

    assert stack_resources(stage, elsewhere) == []
    [part] = stack_resources(stage, there)
    assert str(part).startswith(f"stack {name}")
    part.delete()
    assert stack_resources(stage, there) == []
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stacks(StackName=name)
