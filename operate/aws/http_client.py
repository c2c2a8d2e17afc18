"""Requests to a deployment, as a browser would make them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operate.errors import CommandError

BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36"
)
TIMEOUT_SECONDS = 35  # the gateway gives up after 29


@dataclass(frozen=True, slots=True)
class Reply:
    """Header names in lower case."""

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
    """`_` in the name of a header stands for `-`. Raise Refused where nobody answers."""
    content = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"User-Agent": BROWSER, "Content-Type": "application/json", **named}
    request = urllib.request.Request(url, content, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return _reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return _reply(error.code, dict(error.headers), error.read())
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise CommandError(f"{url} does not answer: {error}") from None


def _reply(status: int, headers: Mapping[str, str], content: bytes) -> Reply:
    return Reply(
        status,
        {name.lower(): value for name, value in headers.items()},
        content.decode("utf-8", "replace"),
    )
