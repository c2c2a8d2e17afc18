"""The whole product for a test: an emulated AWS with its own tables, and the app."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.emulated_aws import child_process
from devkit.emulated_aws.child_process import Process
from devkit.emulated_aws.emulated_stack import deploy_stack
from devkit.emulated_aws.emulator import Emulator, without_aws
from devkit.local_secrets import token_hash
from devkit.project_paths import RESOURCES
from devkit.stage_environment import stage_environment
from devkit.user_agent_header import CHROME as CHROME
from operate.aws.http_client import Reply as Reply
from tests.openapi import check_answer

TOKEN = "the-token-of-the-end-to-end-tests"


def request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
    """Send a request as a browser does."""
    sent = urllib.request.Request(url, body, {"User-Agent": CHROME, **headers}, method=method)
    try:
        with urllib.request.urlopen(sent, timeout=30) as answer:
            return Reply(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read().decode())


@dataclass(frozen=True, slots=True)
class Product:
    """`environment` is the app's, with the tables and how to reach them."""

    url: str
    environment: Mapping[str, str]
    process: Process
    token: str = TOKEN

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send a request as a browser does; `_` in the name of a header means `-`. Check the
        response against the documentation."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = request(method, f"{self.url}{path}", named, body)
        check_answer(method, path, reply.status, reply.headers, reply.text)
        return reply

    def post(self, body: object, path: str = "/events", **headers: str) -> Reply:
        """Collect any JSON value."""
        headers = {"Content_Type": "application/json", **headers}
        return self.send("POST", path, json.dumps(body).encode(), **headers)

    def read(self, path: str) -> Any:
        """Return the `data` of a response that needs the token."""
        reply = self.send("GET", path, Authorization=f"Bearer {self.token}")
        assert reply.status == 200, reply.text
        return reply.json["data"]

    def stop(self) -> None:
        self.process.stop()


def start_product(
    emulator: Emulator, stage: str, logs: Path, *, expire_seconds: float = 1, **settings: str
) -> Product:
    """Create the tables of the stage, if it is new, and serve the app on them.

    `settings` are environment variables. Sessions are closed every `expire_seconds`.
    """
    outputs = deploy_stack(RESOURCES, stage, emulator.environment)
    environment = {
        **without_aws(os.environ),
        **stage_environment("dev"),
        **emulator.environment,
        "EVENTS_TABLE": outputs["EventsTable"],
        "SESSIONS_TABLE": outputs["SessionsTable"],
        "ACTIVE_SESSIONS_TABLE": outputs["ActiveSessionsTable"],
        "ROLLUPS_TABLE": outputs["RollupsTable"],
        "READ_TOKEN_HASHES": token_hash(TOKEN),
        "VISITOR_KEY": "the-visitor-key-of-the-end-to-end-tests",
        **settings,
    }
    app = child_process.start(
        "local.app_process", ["0", "0", str(expire_seconds)], environment, logs / f"{stage}.log"
    )
    return Product(app.report["url"], environment, app)
