"""The collect function: it answers trackers at a Lambda Function URL, as the REST API does.

A Function URL costs nothing per request, where API Gateway would be half of the price. This
module imports neither Chalice nor anything for reading, so that a start is short.

    POST /events, /api/events                   store events
    GET  /pixel.gif                             store a page view
    GET  /tracker.js, /static/tracker_more.js   the tracker's two files

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html has the format of requests and
responses. In AWS, Lambda answers preflights itself; OPTIONS is for `make run`.
"""
# ruff: noqa: E402 - calls come before the imports that they are for

from __future__ import annotations

import gc

gc.disable()  # during the imports, as in app.py

import gzip
import json
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.services.context import Context
from chalicelib.web import collect_views, request_log, responses, static_files
from chalicelib.web.dependencies import settings, tables, warm_up
from chalicelib.web.http_message import (
    Gateway,
    Headers,
    HttpError,
    HttpRequest,
    HttpResponse,
)
from chalicelib.web.requests import MAX_BODY_BYTES, TOO_LARGE

CONTENT_TYPES = ("application/json", "text/plain")  # the latter needs no preflight
MIN_GZIP_BYTES = 1024  # as minimum_compression_size of the REST API in config.json
# Of base64, which makes four characters of three bytes.
_MAX_ENCODED = (MAX_BODY_BYTES + 2) // 3 * 4

View = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class UrlRequest:
    """A request as Lambda passes it on, in payload format 2.0."""

    event: Mapping[str, Any]

    @property
    def method(self) -> str:
        return str(self.event["requestContext"]["http"]["method"])

    @property
    def path(self) -> str:
        return str(self.event["rawPath"])

    @property
    def headers(self) -> Mapping[str, str]:
        headers: Mapping[str, str] = self.event.get("headers") or {}
        return headers

    @property
    def query_params(self) -> Mapping[str, str]:
        """The parameters; of a repeated one, the last. Lambda's own field joins them."""
        return dict(parse_qsl(self.event.get("rawQueryString", ""), keep_blank_values=True))

    @property
    def raw_body(self) -> bytes:
        """Raise HttpError if the body is larger than any that is accepted."""
        body: str = self.event.get("body") or ""
        if not self.event.get("isBase64Encoded"):
            return body.encode("utf-8", "surrogatepass")
        if len(body) > _MAX_ENCODED:
            raise HttpError(413, TOO_LARGE)
        return b64decode(body)

    @property
    def context(self) -> Mapping[str, Any]:
        own = self.event["requestContext"]
        return {
            "requestId": own.get("requestId", ""),
            "identity": {"sourceIp": own["http"].get("sourceIp", "")},
        }


def handle(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request. Lambda calls this."""
    began_ns = time.perf_counter_ns()
    request = UrlRequest(event)
    response = _answer(request)
    response.headers |= _common_headers()
    result = _to_lambda(request, response)
    request_log.log_request(request, response, settings(), began_ns=began_ns)
    return result


def _answer(request: UrlRequest) -> HttpResponse:
    views = _ROUTES.get(request.path)
    if views is None:
        return responses.error(404, "Not found.")
    if request.method == "OPTIONS":
        return _preflight(views)
    view = views.get(request.method)
    if view is None:
        return responses.method_not_allowed(", ".join(views))
    try:
        return view(request)
    except Exception:
        import logging

        logging.getLogger().exception("Caught exception for path %s", request.path)
        return responses.internal_error()


def _common_headers() -> Headers:
    """Leave out the CORS headers in AWS, where Lambda adds those of the URL
    (operate/aws/collect_settings.py): a browser rejects a response that has them twice."""
    headers = responses.common_headers(settings().cors_origin)
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return headers
    return {name: value for name, value in headers.items() if "Access-Control" not in name}


def _collect_events(request: HttpRequest) -> HttpResponse:
    content_type = request.headers.get("content-type", CONTENT_TYPES[0])
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        return responses.unsupported_content_type()
    return collect_views.collect_events(request, _new_context(), gateway=Gateway.FUNCTION_URL)


def _collect_pixel(request: HttpRequest) -> HttpResponse:
    return collect_views.collect_pixel(request, _new_context(), gateway=Gateway.FUNCTION_URL)


def _tracker_file(name: str, request: HttpRequest) -> HttpResponse:
    asset = static_files.asset(name)
    assert asset is not None
    return static_files.respond(request, asset)


def now() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def _new_context() -> Context:
    return Context(tables(), settings(), now())


def _file_views(name: str) -> dict[str, View]:
    view = partial(_tracker_file, name)
    return {"GET": view, "HEAD": view}


_ROUTES: Mapping[str, Mapping[str, View]] = {
    "/events": {"POST": _collect_events},
    "/api/events": {"POST": _collect_events},
    "/pixel.gif": {"GET": _collect_pixel},
    "/tracker.js": _file_views("tracker.js"),
    "/static/tracker_more.js": _file_views("tracker_more.js"),
}


def _preflight(views: Mapping[str, View]) -> HttpResponse:
    return HttpResponse("", responses.preflight_headers(settings().cors_origin, views))


def _to_lambda(request: UrlRequest, response: HttpResponse) -> dict[str, Any]:
    body = response.body
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    result = {"statusCode": response.status_code, "headers": response.headers}
    if request.method == "HEAD":
        return result | {"body": "", "isBase64Encoded": False}
    content = text.encode()
    accepted = "gzip" in request.headers.get("accept-encoding", "").lower()
    if accepted and len(content) >= MIN_GZIP_BYTES:
        response.headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        packed = response.gzipped or gzip.compress(content, mtime=0)
        return result | {"body": b64encode(packed).decode(), "isBase64Encoded": True}
    return result | {"body": text, "isBase64Encoded": False}


if "EVENTS_TABLE" in os.environ:
    warm_up()
gc.freeze()
gc.enable()
