"""The app as the gateway calls it, on the in-memory tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.config import Config
from chalice.local import LocalGateway

from tests.openapi import check_answer
from tests.world import CHROME, TABLES, TOKEN, TOKEN_HASH, World, new_world


@dataclass
class Api:
    """Sends requests; replies are (status, headers in lower case, body), and as documented."""

    gateway: LocalGateway
    world: World

    def send(
        self,
        method: str,
        path: str,
        body: object = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, str], Any]:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"user-agent": CHROME, "content-type": "application/json", **(headers or {})}
        reply = self.gateway.handle_request(method, path, sent, content)
        received = {name.lower(): value for name, value in reply["headers"].items()}
        check_answer(method, path, reply["statusCode"], received, reply["body"])
        try:
            return reply["statusCode"], received, json.loads(reply["body"] or "null")
        except ValueError:
            return reply["statusCode"], received, reply["body"]

    def post(self, body: object, path: str = "/events", **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, body, named)

    def read(self, path: str) -> tuple[int, Any]:
        """Return status and body of a GET with the token."""
        status, _, body = self.send("GET", path, headers={"authorization": f"Bearer {TOKEN}"})
        return status, body


@pytest.fixture
def environment() -> dict[str, str]:
    """Return no changes; override it to change a setting."""
    return {}


@pytest.fixture
def api(environment: dict[str, str]) -> Iterator[Api]:
    with open_api(**environment) as api:
        yield api


@contextmanager
def open_api(**environment: str) -> Iterator[Api]:
    """Open the app with empty tables; only one at a time, because its settings belong to the
    process."""
    import app
    from chalicelib.web import dependencies

    settings = {"SITES": "*", "READ_TOKEN_HASHES": TOKEN_HASH, **environment}
    world = new_world(**settings)
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in {**TABLES, **settings}.items():
            monkeypatch.setenv(name, value)
        dependencies.settings.cache_clear()
        dependencies.tables.cache_clear()
        monkeypatch.setattr(dependencies, "connect", lambda _: world.tables)
        yield Api(LocalGateway(app.app, Config()), world)
        dependencies.settings.cache_clear()
        dependencies.tables.cache_clear()
