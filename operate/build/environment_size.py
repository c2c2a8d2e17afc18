"""Lambda takes at most 4 KB of environment variables, for names and values together."""

from __future__ import annotations

import json
from collections.abc import Mapping

from operate.errors import CommandError

MAX_ENVIRONMENT_BYTES = 4096
LOW_SPACE_BYTES = 256  # less than this left is worth a look: a token takes 65


def environment_bytes(environment: Mapping[str, str]) -> int:
    """The variables as one JSON object, which is how Lambda measures them in its errors."""
    return len(json.dumps(dict(environment), separators=(",", ":")).encode())


def check_environment(environment: Mapping[str, str]) -> None:
    """Raise Refused for one that Lambda would reject."""
    size = environment_bytes(environment)
    if size > MAX_ENVIRONMENT_BYTES:
        raise CommandError(
            f"The environment variables take {size:,} bytes, but Lambda accepts "
            f"{MAX_ENVIRONMENT_BYTES:,}. The largest is {largest(environment)}. Shorten it, "
            "or remove read tokens (65 bytes each). Nothing was changed."
        )


def largest(environment: Mapping[str, str]) -> str:
    name = max(environment, key=lambda variable: len(environment[variable]))
    return f"{name} with {len(environment[name].encode()):,} bytes"
