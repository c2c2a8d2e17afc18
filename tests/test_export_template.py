"""infra/export.yaml: the Athena table reads what the job writes."""

from __future__ import annotations

from typing import Any

import boto3
from cfnlint.api import lint_file
from moto import mock_aws

from chalicelib.presentation.export_row import export_row
from chalicelib.services.closed_sessions import read_days
from chalicelib.storage.export_bucket import FOLDER, ExportBucket
from devkit.infrastructure.cfn_template import read_template
from devkit.project_paths import ROOT
from tests.world import World, minutes, page_view

EXPORT = ROOT / "infra" / "export.yaml"
RESOURCES: dict[str, Any] = read_template(EXPORT)["Resources"]
TABLE: dict[str, Any] = RESOURCES["Sessions"]["Properties"]["TableInput"]


def a_line(world: World) -> dict[str, Any]:
    world.send(page_view("/"))
    world.close(at=minutes(40))
    (day,) = read_days("example.com", "2026-09-05", "2026-09-05", world.context())
    return export_row(day.packs[0].sessions()[0], world.settings)


def test_cfn_lint_reports_no_problem():
    assert [str(match) for match in lint_file(EXPORT)] == []


def test_exported_fields_and_table_columns_are_the_same(world: World):
    columns = {column["Name"] for column in TABLE["StorageDescriptor"]["Columns"]}

    assert columns | {"site"} == set(a_line(world))
    assert {key["Name"] for key in TABLE["PartitionKeys"]} == {"site", "day"}


def test_timeline_type_has_every_event_field(world: World):
    types = {c["Name"]: c["Type"] for c in TABLE["StorageDescriptor"]["Columns"]}
    (event,) = a_line(world)["timeline"]
    fields = types["timeline"].removeprefix("array<struct<").split(",")

    assert {field.split(":")[0] for field in fields if ":" in field} == set(event)


@mock_aws
def test_exported_files_are_in_the_table_location():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="export")
    ExportBucket("export", s3).put_part("example.com", "2026-09-05", 0, b"")
    (found,) = s3.list_objects_v2(Bucket="export")["Contents"]
    template = TABLE["Parameters"]["storage.location.template"]["Fn::Sub"]

    folder = template.removeprefix("s3://${Bucket}/")
    folder = folder.replace("${!site}", "example.com").replace("${!day}", "2026-09-05")
    assert found["Key"] == f"{folder}part-0000.ndjson.gz"


def test_job_may_only_write_to_the_bucket():
    (statement,) = RESOURCES["JobMayWrite"]["Properties"]["PolicyDocument"]["Statement"]

    assert statement["Action"] == "s3:PutObject"
    assert statement["Resource"] == {"Fn::Sub": f"${{Bucket.Arn}}/{FOLDER}/*"}


def test_bucket_is_private_encrypted_and_retained():
    bucket = RESOURCES["Bucket"]

    assert bucket["DeletionPolicy"] == "Retain"
    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
    assert "AES256" in str(bucket["Properties"]["BucketEncryption"])
