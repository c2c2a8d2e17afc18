"""The secrets of a local run: created once, in files that only their owner can read."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

SECRET_BYTES = 32


def read_token(state: Path) -> str:
    """Return the API token, which the dashboard uses too."""
    return _get_or_create(state / "read-token")


def visitor_key(state: Path) -> str:
    """Return the key that user ids are hashed with. With another key, every visitor is new."""
    return _get_or_create(state / "visitor-key")


def token_hash(token: str) -> str:
    """Return the SHA-256 of a token in hex, as the configuration stores it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _get_or_create(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        part.replace(path)
    return path.read_text(encoding="utf-8").strip()
