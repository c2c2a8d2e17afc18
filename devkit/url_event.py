"""A request as Lambda passes it to a function behind a Function URL: payload format 2.0.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

TEXT = ("text/", "application/json", "application/xml", "application/javascript")


def url_event(
    method: str,
    target: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    address: str = "127.0.0.1",
    request_id: str | None = None,
) -> dict[str, Any]:
    """Return the event of a request for `target`, a path with its query. A body that is not
    text, or is compressed, is in base64."""
    path, _, query = target.partition("?")
    lower = {name.lower(): value for name, value in (headers or {}).items()}
    is_text = lower.get("content-type", "").lower().startswith(TEXT)
    is_encoded = bool(body) and (not is_text or "content-encoding" in lower)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": lower,
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": address},
            "requestId": request_id or str(uuid4()),
        },
        "isBase64Encoded": is_encoded,
    }
    if body:
        content = b64encode(body) if is_encoded else body
        event["body"] = content.decode("utf-8", "replace")
    return event
