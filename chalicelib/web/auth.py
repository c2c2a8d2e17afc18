"""Reading needs a token whose SHA-256 is in READ_TOKEN_HASHES. Collecting is open.

The token is in a header, never in a cookie, so no other page can make a browser send it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

from chalicelib.settings import Settings
from chalicelib.web.http_message import HttpError, HttpRequest

_BEARER = "bearer "


def require_token(request: HttpRequest, settings: Settings) -> None:
    """Raise HttpError unless the request has a valid token."""
    token = _token(request)
    if not token:
        raise HttpError(
            401, "Missing API token: send Authorization: Bearer TOKEN, or X-Api-Key."
        )
    if not is_known(token, settings.read_token_hashes):
        raise HttpError(401, "Invalid API token.")


def has_token(request: HttpRequest, settings: Settings) -> bool:
    """Return whether the request has a valid token. Trackers send none, so for them this only
    checks two headers."""
    token = _token(request)
    return bool(token) and is_known(token, settings.read_token_hashes)


def _token(request: HttpRequest) -> str:
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith(_BEARER):
        return str(authorization[len(_BEARER) :]).strip()
    return str(request.headers.get("x-api-key", "")).strip()


def is_known(secret: str, hashes: Collection[str]) -> bool:
    """Return whether the secret has one of these SHA-256 hashes; compared in constant time."""
    offered = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    matches = [hmac.compare_digest(offered, token_hash) for token_hash in hashes]
    return any(matches)
