"""Who may read: whoever has a token whose SHA-256 is in READ_TOKEN_HASHES. Collecting is open.

The token comes in a header, never in a cookie, so no foreign page can make a browser send it.
"""

from __future__ import annotations

from chalice.app import Request

from chalicelib.settings import Settings
from chalicelib.web.requests import HttpError
from chalicelib.web.token_digest import is_known

_BEARER = "bearer "


def require_token(request: Request, settings: Settings) -> None:
    """Raise HttpError unless the request brings a token that may read."""
    token = _token(request)
    if not token:
        raise HttpError(
            401, "Missing API token: send Authorization: Bearer TOKEN, or X-Api-Key."
        )
    if not is_known(token, settings.read_token_hashes):
        raise HttpError(401, "Invalid API token.")


def has_token(request: Request, settings: Settings) -> bool:
    """Whether the request brings a token that may read. Trackers bring none, so for them this
    looks at two headers."""
    token = _token(request)
    return bool(token) and is_known(token, settings.read_token_hashes)


def _token(request: Request) -> str:
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith(_BEARER):
        return str(authorization[len(_BEARER) :]).strip()
    return str(request.headers.get("x-api-key", "")).strip()
