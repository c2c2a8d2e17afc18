"""The ids that the server makes: UTC date and time, then 8 hex digits.

evt_20250905_153409_3a7c66d5        sess_20250905_3ef5a49f
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime

_SESSION_ID = re.compile(r"sess_\d{8}_[0-9a-f]{8}")


def new_event_id(at: int, random: bytes) -> str:
    """An id for an event of `at` (ms) from 4 random bytes."""
    return f"evt_{_utc(at):%Y%m%d_%H%M%S}_{random[:4].hex()}"


def new_session_id(at: int, random: bytes) -> str:
    """An id for a session that starts at `at` (ms) from 4 random bytes."""
    return f"sess_{_utc(at):%Y%m%d}_{random[:4].hex()}"


def derived_session_id(first_id: str, number: int, at: int) -> str:
    """The id of the further session `number` (1, 2, ...) among the events collected under
    `first_id`."""
    return new_session_id(
        at, hashlib.blake2b(f"{first_id}|{number}".encode(), digest_size=4).digest()
    )


def is_session_id(text: str) -> bool:
    """Whether the text has the form of an id that the server made; it need not exist."""
    return _SESSION_ID.fullmatch(text) is not None


def session_day(session_id: str) -> date | None:
    """The UTC date in a session's id, which is that of its start when it was made; None if the
    id has another form."""
    if not is_session_id(session_id):
        return None
    try:
        return date(int(session_id[5:9]), int(session_id[9:11]), int(session_id[11:13]))
    except ValueError:
        return None


def id_random_bytes(session_id: str) -> bytes:
    """The 4 random bytes of a session's id; zeros for one of another form."""
    return bytes.fromhex(session_id[-8:]) if is_session_id(session_id) else bytes(4)


def short_event_id(event_id: str) -> str:
    """10 characters that stand for an event within its session, where the whole id is too
    long."""
    return hashlib.blake2b(event_id.encode(), digest_size=5).hexdigest()


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
