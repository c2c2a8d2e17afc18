"""Requests as API Gateway and the Function URL pass them to the functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from devkit.url_event import url_event

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
    """Return a collect request of the tracker, to the Function URL."""
    headers = {**_headers(sender), "content-type": "text/plain;charset=UTF-8"}
    return _url_event("POST", "/events", sender, json.dumps(bodies).encode(), headers, number)


def api_collect_event(bodies: object, sender: Browser) -> dict[str, Any]:
    """Return a collect request of the tracker, to the API."""
    return _event("POST", "/events", sender, json.dumps(bodies))


def tracker_event(sender: Browser, *, number: int = 0) -> dict[str, Any]:
    """Return a browser's request for the tracker, to the Function URL."""
    return _url_event("GET", "/tracker.js", sender, b"", _headers(sender), number)


def _headers(sender: Browser) -> dict[str, str]:
    return {"user-agent": sender.user_agent, "accept-encoding": "gzip, deflate, br"}


def _url_event(
    method: str,
    path: str,
    sender: Browser,
    body: bytes,
    headers: Mapping[str, str],
    number: int,
) -> dict[str, Any]:
    request_id = f"00000000-0000-4000-8000-{number:012d}"
    return url_event(method, path, body, headers, address=sender.address, request_id=request_id)


def file_event(path: str, sender: Browser, *, number: int = 0) -> dict[str, Any]:
    """Return a browser's request for a file, to the API."""
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
