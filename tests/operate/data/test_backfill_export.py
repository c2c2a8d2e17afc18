"""Days from before there was a bucket are exported when an operator requests them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from chalicelib.services.jobs import s3_export
from chalicelib.services.jobs.compact import compact
from operate.data.backfill_export import mark_days
from operate.data.session_sources import SessionSources
from operate.errors import CommandError
from tests.world import World, minutes, page_view

BUCKET = "liveinsight-export"
SITE = "example.com"
NEXT_DAY = minutes(16 * 60)  # 02:00 UTC


@pytest.fixture
def sources(world: World) -> Iterator[SessionSources]:
    """Send a day that was over before there was a bucket, and one today."""
    world.send(page_view("/"))
    world.close(at=minutes(40))
    compact(world.context(NEXT_DAY))
    settings = replace(world.settings, export_bucket=BUCKET)
    with mock_aws(), ThreadPoolExecutor(1) as pool:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield SessionSources(SITE, replace(world.context(), settings=settings), pool)


def test_earlier_days_are_exported_on_request(sources: SessionSources):
    assert s3_export.export_pending_days(sources.context) == 0

    marked = mark_days(sources, "2026-09-04", "2026-09-06", now=NEXT_DAY)

    assert marked == ["2026-09-04", "2026-09-05"]  # the 6th is not over
    assert s3_export.export_pending_days(sources.context) == 2
    result = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [one["Key"] for one in result] == [
        f"sessions/site={SITE}/day=2026-09-05/part-0000.ndjson.gz"
    ]


def test_export_without_a_bucket_is_rejected(sources: SessionSources):
    settings = replace(sources.settings, export_bucket=None)
    without = replace(sources, context=replace(sources.context, settings=settings))

    with pytest.raises(CommandError, match="EXPORT_BUCKET"):
        mark_days(without, "2026-09-05", "2026-09-05", now=NEXT_DAY)
