"""The secret by which the edge, or another proxy, proves that it forwards a request."""

from __future__ import annotations

import secrets

from devkit.local_secrets import SECRET_BYTES, token_hash


def create_edge_secret() -> tuple[str, str]:
    """Return a new secret for the proxy, and its hash for the app."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return secret, token_hash(secret)
