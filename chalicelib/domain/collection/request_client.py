"""The client of a request: what its connection and headers say, apart from the payload.

The address exists only during the request. It is hashed and compared, and never stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.domain.collection.event import UNKNOWN_LOCATION, Location


@dataclass(frozen=True, slots=True)
class RequestClient:
    address: str = field(repr=False)
    user_agent: str
    location: Location = UNKNOWN_LOCATION
    language: str | None = None  # what the browser asks for first, such as de-AT
    opted_out: bool = False  # Sec-GPC or DNT
    is_prefetch: bool = False  # the browser guesses; nobody is looking yet
    has_token: bool = False  # one that may read; only `make verify` sends it with an event
