"""Put the tracker and the dashboard into the bucket of infra/edge.yaml, as the app serves them.

    python -m operate.edge_files BUCKET

To be run after each update of the app. What stood there under another name stays.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import boto3

from chalicelib.web.assets import FOLDERS, SHORT, Asset, asset

PAGE = "dashboard.html"
TRACKER = "tracker.js"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m operate.edge_files")
    parser.add_argument("bucket")
    bucket = parser.parse_args(arguments).bucket
    print(f"{put_files(bucket, boto3.client('s3'))} files are in {bucket}.")


def put_files(bucket: str, s3: Any) -> int:
    """How many there are."""
    keys = [
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=file.text.encode(),
            ContentType=file.content_type,
            # As the app says it: what the page loads may have changed with it.
            CacheControl="no-cache" if key == PAGE else SHORT,
        )
        for key, file in files()
    ]
    return len(keys)


def files() -> Iterator[tuple[str, Asset]]:
    """By the path under which browsers ask for them."""
    names = {path.name for folder in FOLDERS for path in folder.glob("*.*")}
    for name in sorted(names):
        found = asset(name)
        if found:
            yield name if name == PAGE else f"static/{name}", found
    tracker = asset("tracker.min.js") or asset(TRACKER)
    assert tracker is not None
    yield TRACKER, tracker
