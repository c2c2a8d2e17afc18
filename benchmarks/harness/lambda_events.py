"""Requests as API Gateway passes them to the function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)


@dataclass(frozen=True, slots=True)
class Browser:
    """The sender of a request. Its address is private, so no visitor has it."""

    address: str
    user_agent: str = CHROME
    country: str = "DE"


def browser(number: int) -> Browser:
    return Browser(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")


def collect_event(bodies: object, sender: Browser, *, number: int = 0) -> dict[str, Any]:
    """Return a collect request of the tracker."""
    return _event("POST", "/events", sender, json.dumps(bodies), number=number)


def file_event(path: str, sender: Browser, *, number: int = 0) -> dict[str, Any]:
    """Return a browser's request for a file."""
    return _event("GET", path, sender, None, {"accept-encoding": "gzip"}, number)


def api_event(path: str, token: str, *, number: int = 0) -> dict[str, Any]:
    """Return an API request with a token."""
    return _event("GET", path, browser(0), None, {"authorization": f"Bearer {token}"}, number)


def _event(
    method: str,
    path: str,
    sender: Browser,
    body: str | None,
    more_headers: Mapping[str, str] | None = None,
    number: int = 0,
) -> dict[str, Any]:
    """Return the parts of the event that the app reads, and the ids that it logs."""
    url = urlsplit(path)
    headers = {
        **({"content-type": "text/plain;charset=UTF-8"} if body is not None else {}),
        "user-agent": sender.user_agent,
        "CloudFront-Viewer-Country": sender.country,
        **(more_headers or {}),
    }
    return {
        "resource": url.path,
        "path": url.path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(parse_qsl(url.query)) or None,
        "multiValueQueryStringParameters": {n: [v] for n, v in parse_qsl(url.query)} or None,
        "pathParameters": None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": url.path,
            "httpMethod": method,
            "requestId": f"00000000-0000-4000-8000-{number:012d}",
            "identity": {"sourceIp": sender.address},
            "stage": "prod",
        },
    }
