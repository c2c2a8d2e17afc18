"""The secrets of this copy: made once, kept in files that only their owner can read."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

SECRET_BYTES = 32


def read_token(state: Path) -> str:
    """The token by which the dashboard and the API are read."""
    return _kept(state / "read-token")


def visitor_key(state: Path) -> str:
    """The key under which user ids are hashed. Another one makes every visitor a new one."""
    return _kept(state / "visitor-key")


def token_hash(token: str) -> str:
    """What the configuration holds in place of the token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _kept(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        part.replace(path)
    return path.read_text(encoding="utf-8").strip()
