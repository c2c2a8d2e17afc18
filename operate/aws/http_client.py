"""Requests to a deployment, as a browser would send them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from devkit.user_agent_header import CHROME
from operate.errors import CommandError

TIMEOUT_SECONDS = 35  # API Gateway gives up after 29


@dataclass(frozen=True, slots=True)
class Reply:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def send(method: str, url: str, body: object = None, **headers: str) -> Reply:
    """Send a JSON body. `_` in the name of a header means `-`. Raise CommandError if there is
    no reply."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        response = requests.request(
            method,
            url,
            data=None if body is None else json.dumps(body),
            headers={"User-Agent": CHROME, "Content-Type": "application/json", **named},
            timeout=TIMEOUT_SECONDS,
        )
    except requests.RequestException as error:
        raise CommandError(f"{url} does not answer: {error}") from None
    return Reply(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        response.content.decode("utf-8", "replace"),
    )
