"""The ids that the server creates: a UTC date and time, then 8 hex digits.

evt_20250905_153409_3a7c66d5        sess_20250905_3ef5a49f
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime

_SESSION_ID = re.compile(r"sess_\d{8}_[0-9a-f]{8}")


def new_event_id(at: int, random: bytes) -> str:
    """Return an id for an event of `at` (ms) from 4 random bytes."""
    return f"evt_{_utc(at):%Y%m%d_%H%M%S}_{random[:4].hex()}"


def new_session_id(at: int, random: bytes) -> str:
    """Return an id for a session that starts at `at` (ms) from 4 random bytes."""
    return f"sess_{_utc(at):%Y%m%d}_{random[:4].hex()}"


def derived_session_id(first_id: str, number: int, at: int) -> str:
    """Return the id of the further session `number` (1, 2, ...) of the events collected under
    `first_id`."""
    return new_session_id(
        at, hashlib.blake2b(f"{first_id}|{number}".encode(), digest_size=4).digest()
    )


def is_session_id(text: str) -> bool:
    """Return whether the text has the form of a server's session id; it need not exist."""
    return _SESSION_ID.fullmatch(text) is not None


def session_day(session_id: str) -> date | None:
    """Return the UTC date in a session's id, that of its start when the id was created, or None
    for another form."""
    if not is_session_id(session_id):
        return None
    try:
        return date(int(session_id[5:9]), int(session_id[9:11]), int(session_id[11:13]))
    except ValueError:
        return None


def id_random_bytes(session_id: str) -> bytes:
    """Return the 4 random bytes of a session's id; zeros for another form."""
    return bytes.fromhex(session_id[-8:]) if is_session_id(session_id) else bytes(4)


def short_event_id(event_id: str) -> str:
    """Return 10 characters that identify an event within its session."""
    return hashlib.blake2b(event_id.encode(), digest_size=5).hexdigest()


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
