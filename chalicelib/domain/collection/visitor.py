"""Identifies visitors by salted hashes, which cannot be reversed.

The salt is random, is used for one day and deleted after two; the address is hashed here and
never stored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

VISITOR_ID_DIGITS = (
    12  # 48 bits: among a million visitors of a day, two share one once in 500 days
)
POINTER_KEY_DIGITS = 32


@dataclass(frozen=True, slots=True)
class VisitorIdentity:
    """What distinguishes visitors. `name` is a session_id that the server did not create."""

    site: str
    address: str = field(repr=False)
    user_agent: str
    user_id: str | None = None
    client_session_name: str | None = None

    def visitor_id(self, salt: bytes) -> str:
        """Return the visitor's id for the day of the salt."""
        return _keyed_hash(salt, self.site, self.address, self.user_agent)[:VISITOR_ID_DIGITS]

    def pointer_key(self, salt: bytes) -> str:
        """Return the key of the pointer to the visitor's last session."""
        return _keyed_hash(
            salt,
            self.site,
            self.address,
            self.user_agent,
            self.user_id or "",
            self.client_session_name or "",
            "pointer",
        )[:POINTER_KEY_DIGITS]


def effective_visitor(visitor_id: str, user_id: str | None, *, site: str, key: bytes) -> str:
    """Return the visitor that a session counts as: the site's user, if it named one."""
    if user_id is None:
        return visitor_id
    return _keyed_hash(key, site, user_id)[:VISITOR_ID_DIGITS]


def _keyed_hash(key: bytes, *parts: str) -> str:
    """Hash the parts, each preceded by its length, so that they cannot run together."""
    keyed = hashlib.blake2b(key=key[:64], digest_size=16)
    for part in parts:
        # A lone surrogate has no UTF-8 form, and must not stop a page view from being counted.
        encoded = part.encode("utf-8", "surrogatepass")
        keyed.update(len(encoded).to_bytes(4, "big") + encoded)
    return keyed.hexdigest()
