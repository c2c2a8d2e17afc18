"""Reads requests: converts what was sent to values, or raises an error that says what is
wrong."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any
from urllib.parse import unquote

from chalicelib.domain.attributes.location import location_from_headers
from chalicelib.domain.collection.address import clean_address
from chalicelib.domain.collection.event import UNKNOWN_LOCATION, Location
from chalicelib.domain.collection.event_payload import MAX_TEXT_CHARACTERS
from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.domain.urls.hostname import hostname_in_url
from chalicelib.settings import Settings
from chalicelib.web.auth import is_known
from chalicelib.web.http_message import Gateway, HttpError, HttpRequest

MAX_EVENTS = 50
MAX_USER_AGENT_CHARACTERS = 512  # rows and events should stay below a write unit of 1 KB
MAX_BODY_BYTES = 64 * 1024  # after decompression; the tracker sends at most 60,000
MAX_DIGITS = 400  # of a whole number: no double has more
EDGE_HEADER = "x-liveinsight-edge"  # in which trusted proxies send their secret
# A language tag of RFC 5646, section 2.1, at the start of a list: de, de-AT, zh-Hant-TW.
_LANGUAGE = re.compile(r"\s*([a-z]{2,8}(?:-[a-z0-9]{1,8})*)(?=[,;\s]|$)", re.IGNORECASE)
_GZIP_MAGIC = b"\x1f\x8b"
TOO_LARGE = f"The body must be at most {MAX_BODY_BYTES // 1024} KB after decompression."
_NOT_JSON = "The body must be JSON: one event, an array of events, or an object with events."


def read_events(request: HttpRequest) -> tuple[list[Any], bool]:
    """Return the events of a collect request, and whether they were sent as an array."""
    content = _json(_decompress(request))
    events = content["events"] if isinstance(content, dict) and "events" in content else content
    if not isinstance(events, list):
        if content is not events:
            raise HttpError(400, "events must be an array of events.")
        return [events], False
    if not events:
        raise HttpError(400, "The request contains no events.")
    if len(events) > MAX_EVENTS:
        raise HttpError(413, f"A request can have at most {MAX_EVENTS} events.")
    return events, True


def parse_client(
    request: HttpRequest,
    settings: Settings,
    *,
    has_token: bool = False,
    gateway: Gateway = Gateway.REST_API,
) -> RequestClient:
    """Return who sent the request."""
    headers = request.headers
    is_forwarded = _is_forwarded(request, settings)
    return RequestClient(
        address=_address(request, settings.trusted_proxies if is_forwarded else 0, gateway),
        user_agent=_text(headers.get("user-agent", "").strip()[:MAX_USER_AGENT_CHARACTERS]),
        location=_location(request, settings, is_forwarded=is_forwarded, gateway=gateway),
        language=_first_language(headers.get("accept-language", "")),
        opted_out=headers.get("sec-gpc") == "1" or headers.get("dnt") == "1",
        is_prefetch="prefetch"
        in headers.get("sec-purpose", headers.get("purpose", "")).lower(),
        has_token=has_token,
    )


def read_pixel(request: HttpRequest) -> dict[str, str]:
    """Return the page view that a request for the pixel stands for: of the named page, the page
    that shows the pixel, or the site's root."""
    given = read_parameters(request)
    shown_on = request.headers.get("referer")
    at_root = f"https://{hostname_in_url(given['site'])}/" if given.get("site") else None
    page_url = given.get("page_url") or shown_on or at_root
    if page_url is None:
        raise HttpError(400, "Set page_url to the URL of the page, or site to its hostname.")
    return {"event_type": "page_view", "page_url": page_url}


def read_parameters(request: HttpRequest) -> dict[str, str]:
    """Return the query parameters; of a repeated one, the last."""
    return dict(request.query_params or {})


def read_id(part: str) -> str:
    """Return an id of the path, URL-decoded: neither the gateway nor Chalice decodes it."""
    return unquote(part, errors="replace")


def _decompress(request: HttpRequest) -> bytes:
    body = request.raw_body or b""
    body = body.encode() if isinstance(body, str) else body
    is_packed = "gzip" in request.headers.get("content-encoding", "").lower()
    # API Gateway unpacks by itself, and leaves the header.
    if is_packed and body.startswith(_GZIP_MAGIC):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(body, MAX_BODY_BYTES + 1)
        except zlib.error:
            raise HttpError(400, "The body is not valid gzip.") from None
        if not unpacker.eof and len(body) <= MAX_BODY_BYTES:
            raise HttpError(400, "The gzip body is truncated.")
    if len(body) > MAX_BODY_BYTES:
        raise HttpError(413, TOO_LARGE)
    return body


def _json(body: bytes) -> Any:
    if not body.strip():
        raise HttpError(400, "The request contains no events.")
    try:
        return _values(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise HttpError(400, _NOT_JSON) from None


def _values(text: str) -> Any:
    """Parse JSON. NaN and Infinity, which some programs write, become null, and so do numbers
    with too many digits for Python."""
    try:
        return json.loads(text, parse_constant=_reject_constant)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, parse_constant=_reject_constant, parse_int=_parse_int)


def _reject_constant(_constant: str) -> None:
    return None


def _parse_int(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def _text(header: str) -> str:
    """Decode the body; bytes that are not UTF-8 become lone surrogates, which no table
    accepts."""
    return header.encode("utf-8", "replace").decode("utf-8")


def _first_language(accepted: str) -> str | None:
    """Return the first language of an Accept-Language header; None for `*` and invalid ones."""
    match = _LANGUAGE.match(accepted)
    return match[1][: MAX_TEXT_CHARACTERS["language"]] if match else None


def _is_forwarded(request: HttpRequest, settings: Settings) -> bool:
    """Return whether a proxy that authenticated itself forwarded the request. Callers can also
    call the API directly and set any header."""
    secret = request.headers.get(EDGE_HEADER, "")
    return (
        settings.trusted_proxies > 0
        and bool(secret)
        and is_known(secret, settings.edge_secret_hashes)
    )


def _location(
    request: HttpRequest, settings: Settings, *, is_forwarded: bool, gateway: Gateway
) -> Location:
    """Return the edge's location of the visitor. For direct calls only the country is used,
    which API Gateway sets unless the API is regional. A Function URL sets none."""
    if is_forwarded:
        return location_from_headers(request.headers)
    if settings.trusted_proxies or gateway is Gateway.FUNCTION_URL:
        return UNKNOWN_LOCATION
    return Location(location_from_headers(request.headers).country)


def _address(request: HttpRequest, trusted_proxies: int, gateway: Gateway) -> str:
    """Return the visitor's address: that of the connection, or the one that the last trusted
    proxy recorded. A Function URL keeps only the first address of X-Forwarded-For, which
    callers can choose, so the edge also sends the one that it saw, with a port."""
    connection = str((request.context.get("identity") or {}).get("sourceIp", ""))
    connection = clean_address(connection) or connection
    forwarded = request.headers.get("x-forwarded-for", "").split(",")
    if not trusted_proxies:
        return connection
    if gateway is Gateway.FUNCTION_URL:
        viewer = request.headers.get("cloudfront-viewer-address", "").rpartition(":")[0]
        return clean_address(viewer) or clean_address(forwarded[0]) or connection
    if trusted_proxies > len(forwarded):
        return connection
    return clean_address(forwarded[-trusted_proxies]) or connection
