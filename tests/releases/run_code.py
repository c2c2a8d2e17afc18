"""Run one version of the app in a process of its own: this one's code, or that of a release.

    python tests/releases/run_code.py < job.json > result.json

The job has the folder of the `code`, its `environment`, the definitions of the `tables`, the
`items` that are in them, and `steps`; the result has what each step gave, and the items
afterwards. It imports nothing of this repository but the code that it is given.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from tempfile import NamedTemporaryFile
from types import SimpleNamespace
from typing import Any

import boto3
from moto import mock_aws

REGION = "us-east-1"


def main() -> None:
    job = json.load(sys.stdin)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({"AWS_DEFAULT_REGION": REGION, **job["environment"]})
    sys.path.insert(0, job["code"])
    # moto answers botocore, which the app uses if the environment has no credentials.
    with (
        NamedTemporaryFile("w") as profile,
        mock_aws(config={"core": {"mock_credentials": False}}),
    ):
        profile.write("[default]\naws_access_key_id = test\naws_secret_access_key = test\n")
        profile.flush()
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = profile.name
        client = boto3.client("dynamodb", region_name=REGION)
        for definition in job["tables"]:
            client.create_table(**definition)
        for name, value in job.get("parameters", {}).items():
            boto3.client("ssm", region_name=REGION).put_parameter(
                Name=name, Value=value, Type="SecureString"
            )
        for table, items in job["items"].items():
            for item in items:
                client.put_item(TableName=table, Item=_with_bytes(item))
        done = [_step(step) for step in job["steps"]]
        items = {
            definition["TableName"]: [
                _without_bytes(item)
                for page in client.get_paginator("scan").paginate(
                    TableName=definition["TableName"]
                )
                for item in page["Items"]
            ]
            for definition in job["tables"]
        }
    json.dump({"steps": done, "items": items}, sys.__stdout__)


def _step(step: dict[str, Any]) -> Any:
    if "at" in step:
        now = step["at"] * 1_000_000
        time.time_ns = lambda: now
    import app

    if step["do"] == "send":
        event = {**step["event"], "isBase64Encoded": False, "stageVariables": None}
        answer = app.app(event, SimpleNamespace(aws_request_id="r"))
        return {"status": answer["statusCode"], "body": answer["body"]}
    if step["do"] == "run the job":
        context = SimpleNamespace(
            aws_request_id="r", get_remaining_time_in_millis=lambda: 50_000
        )
        app.expire_sessions(dict.fromkeys(_EVENT, ""), context)
        return None
    if step["do"] == "list routes":
        return {
            path: {method: sorted(entry.content_types) for method, entry in methods.items()}
            for path, methods in app.app.routes.items()
        }
    assert step["do"] == "read settings"
    try:
        from chalicelib.web.dependencies import settings
    except ModuleNotFoundError:  # its name in the first releases
        from chalicelib.web.context import settings  # type: ignore[import-not-found,no-redef]

    return {name: _comparable(getattr(settings(), name)) for name in settings().__slots__}


def _comparable(value: Any) -> str:
    return repr(sorted(value) if isinstance(value, frozenset) else value)


_EVENT = ("version", "account", "region", "detail", "detail-type", "source", "time", "id",
          "resources")  # fmt: skip


def _with_bytes(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": base64.b64decode(value["B"])} if "B" in value else value
        for name, value in item.items()
    }


def _without_bytes(item: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"B": base64.b64encode(bytes(value["B"])).decode()} if "B" in value else value
        for name, value in item.items()
    }


if __name__ == "__main__":
    sys.stdout = sys.stderr  # where the app's log lines go
    main()
