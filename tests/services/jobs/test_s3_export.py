"""Finished days are in the bucket as lines of JSON: all of their sessions, once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.presentation.export_row import OMITTED_FIELDS
from chalicelib.services.jobs import compact_day, s3_export
from chalicelib.services.jobs.compact import compact
from chalicelib.storage.export_bucket import ExportBucket
from tests.world import World, custom, minutes, page_view, visitor

BUCKET = "liveinsight-export"
SITE = "example.com"
DAY = "2026-09-05"
NEXT_DAY = minutes(16 * 60)  # 02:00 UTC
FOLDER = f"sessions/site={SITE}/day={DAY}"


@pytest.fixture
def archived(world: World) -> Iterator[World]:
    """Yield a world with a bucket."""
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield replace(world, settings=replace(world.settings, export_bucket=BUCKET))


def visit(world: World, number: int, at: float = 0, **fields: Any) -> None:
    world.send(
        page_view("/", **fields), page_view("/b"), at=minutes(at), sender=visitor(number)
    )
    world.close(at=minutes(at + 40))


def write(world: World, **options: Any) -> int:
    return s3_export.export_pending_days(world.context(), **options)


def files() -> dict[str, list[dict[str, Any]]]:
    """Return the lines of each file."""
    s3 = boto3.client("s3")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return {
        key: [
            json.loads(text)
            for text in gzip.decompress(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            .decode()
            .splitlines()
        ]
        for key in keys
    }


def session_ids() -> list[str]:
    return sorted(one["session_id"] for lines in files().values() for one in lines)


def test_finished_day_is_exported_once(archived: World):
    visit(archived, 1)
    visit(archived, 2, at=60)
    compact(archived.context(NEXT_DAY))

    assert write(archived) == 1
    assert [(key, len(lines)) for key, lines in files().items()] == [
        (f"{FOLDER}/part-0000.ndjson.gz", 2)
    ]
    assert write(archived) == 0


def test_unfinished_day_is_not_exported(archived: World):
    visit(archived, 1)
    compact(archived.context(minutes(60)))

    assert write(archived) == 0
    assert files() == {}


def test_exported_line_has_a_session_with_events_and_no_user_id(archived: World):
    whose = {"user_id": "grace@example.org"}
    archived.send(page_view("/?utm_source=news", language="de", **whose))
    props = {"plan": "team", "seats": 5, "trial": True}
    archived.send(custom("signup", "/b", props=props, **whose), at=minutes(1))
    archived.close(at=minutes(40))
    compact(archived.context(NEXT_DAY))
    write(archived)

    ((line,),) = files().values()
    assert line["start_time"] == "2026-09-05T10:00:00+00:00"
    assert (line["utm_source"], line["language"], line["browser"]) == ("news", "de", "Chrome")
    assert (line["page_count"], line["events"], line["entry_page"]) == (1, 1, "/")
    assert [event["event_type"] for event in line["timeline"]] == ["page_view", "signup"]
    assert line["timeline"][1]["props"] == {"plan": "team", "seats": "5", "trial": "true"}
    assert line["timeline"][0]["time"] == "2026-09-05T10:00:00.000+00:00"
    assert "grace" not in json.dumps(line)
    assert not set(OMITTED_FIELDS) & set(line)


def test_late_session_exports_its_day_again(archived: World):
    visit(archived, 1)
    compact(archived.context(NEXT_DAY))
    write(archived)
    # Sent on the next morning by a tracker that had no network.
    archived.send(page_view("/late", age=16 * 3_600_000), at=NEXT_DAY, sender=visitor(2))
    archived.close(at=NEXT_DAY + 40 * 60_000)
    compact(archived.context(NEXT_DAY + 24 * 3_600_000))

    assert write(archived) == 1
    assert len(session_ids()) == len(set(session_ids())) == 2


def test_run_out_of_time_leaves_the_rest_to_the_next_run(
    archived: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(compact_day, "MAX_PACK_BYTES", 1)
    for number in range(1, 4):
        visit(archived, number, at=number)
    compact(archived.context(NEXT_DAY))
    time_left = iter([True, False])

    assert write(archived, has_time=lambda: next(time_left)) == 0
    assert list(files()) == [f"{FOLDER}/part-0000.ndjson.gz"]

    class Counting(ExportBucket):
        parts: list[int] = []  # noqa: RUF012

        def put_part(self, site: str, day: str, number: int, content: bytes) -> None:
            self.parts.append(number)
            super().put_part(site, day, number, content)

    assert write(archived, bucket=Counting(BUCKET)) == 1
    assert Counting.parts == [1, 2]
    assert len(session_ids()) == 3


def test_day_marked_during_its_export_is_exported_again(archived: World):
    visit(archived, 1)
    compact(archived.context(NEXT_DAY))

    def mark_again() -> bool:
        s3_export.enqueue_day(SITE, DAY, archived.context(NEXT_DAY + 1))
        return True

    assert write(archived, has_time=mark_again) == 1
    assert write(archived) == 1
    assert write(archived) == 0


def test_without_a_bucket_nothing_is_marked_or_read(world: World):
    visit(world, 1)
    compact(world.context(NEXT_DAY))
    world.calls.clear()

    assert write(world) == 0
    assert world.calls == []
    assert not [i for i in world.items("rollups") if i["sort_key"].startswith("export#")]
