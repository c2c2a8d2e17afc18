"""Secrets that come with a request are known by their SHA-256 only."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection


def is_known(secret: str, hashes: Collection[str]) -> bool:
    """Whether it is one of those with these hashes; each is compared in constant time."""
    offered = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    matches = [hmac.compare_digest(offered, known) for known in hashes]
    return any(matches)
