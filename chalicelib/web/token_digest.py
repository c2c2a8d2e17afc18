"""Compares secrets by their SHA-256."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection


def is_known(secret: str, hashes: Collection[str]) -> bool:
    """Return whether the secret has one of these hashes; compared in constant time."""
    offered = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    matches = [hmac.compare_digest(offered, token_hash) for token_hash in hashes]
    return any(matches)
