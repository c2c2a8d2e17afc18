"""Upload the tracker and the dashboard to the bucket of infra/edge.yaml.

A page that was opened before an update may still load a file that the update removed. So a file
is only deleted if the previous upload, at least a day ago, did not contain it either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.web.static_files import STATIC, Asset, asset
from devkit.infrastructure.cloudformation import find_stack, outputs_of
from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.errors import CommandError

PAGE = "dashboard.html"
TRACKER = "tracker.js"
FOLDER = "static/"
KEEP_FOR = timedelta(days=1)
MAX_UPLOAD_TIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Upload:
    """`kept` are files of the previous upload that this one no longer contains."""

    uploaded: list[str]
    deleted: list[str]
    kept: list[str]


def upload(bucket: str, s3: Any, now: datetime) -> Upload:
    """Upload the page last, so that it never refers to a file that is missing."""
    existing = _modified(bucket, s3)
    current = dict(asset_files())
    for key in sorted(current, key=lambda key: key == PAGE):
        _put(bucket, key, current[key], s3)
    gone = sorted(key for key in existing if key.startswith(FOLDER) and key not in current)
    deleted = [key for key in gone if _is_expired(key, existing, now)]
    for key in deleted:
        s3.delete_object(Bucket=bucket, Key=key)
    return Upload(sorted(current), deleted, [key for key in gone if key not in deleted])


def asset_files() -> Iterator[tuple[str, Asset]]:
    """Yield the files, each with the path by which browsers request it."""
    for name in sorted(path.name for path in STATIC.iterdir()):
        file = asset(name)
        if file:
            yield name if name == PAGE else f"{FOLDER}{name}", file
    tracker = asset(TRACKER)
    assert tracker is not None
    yield TRACKER, tracker


def edge_bucket(stage: Stage, account: Account) -> str:
    """Return the bucket of the stage's edge."""
    name = f"{stage.stack_prefix}edge"
    bucket = outputs_of(find_stack(account.client("cloudformation"), name)).get("FilesBucket")
    if bucket:
        return bucket
    raise CommandError(
        f"There is no stack {name} in {account.region} with an output FilesBucket. Create it "
        "as docs/how-to/use-your-own-domain.md describes, or pass its bucket: make "
        f"edge STAGE={stage.name} BUCKET=..."
    )


def _modified(bucket: str, s3: Any) -> dict[str, datetime]:
    """Return the time of the last upload of each object."""
    try:
        return {
            stored["Key"]: stored["LastModified"]
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for stored in page.get("Contents", [])
        }
    except ClientError as error:
        if error_code(error) != "NoSuchBucket":
            raise
        raise CommandError(
            f"There is no bucket {bucket}. It is the output FilesBucket of infra/edge.yaml."
        ) from None


def _is_expired(key: str, existing: Mapping[str, datetime], now: datetime) -> bool:
    """Whether the previous upload is old enough and did not contain the file. Each upload
    writes all files, the page last."""
    previous = existing.get(PAGE)
    if previous is None or now - previous < KEEP_FOR:
        return False
    return existing[key] < previous - MAX_UPLOAD_TIME


def _put(bucket: str, key: str, file: Asset, s3: Any) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=file.text.encode(),
        ContentType=file.content_type,
        # As the app serves it: an update may change the names of the files that it loads.
        CacheControl="no-cache" if key == PAGE else file.cache_control,
    )
