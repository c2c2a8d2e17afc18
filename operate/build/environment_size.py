"""The size of a function's environment: Lambda accepts 4 KB for all names and values."""

from __future__ import annotations

import json
from collections.abc import Mapping

from operate.errors import CommandError

MAX_ENVIRONMENT_BYTES = 4096
LOW_SPACE_BYTES = 256  # `make doctor` mentions less space than this; a token takes 65


def environment_bytes(environment: Mapping[str, str]) -> int:
    """Return the size of the variables as a JSON object, as Lambda measures it."""
    return len(json.dumps(dict(environment), separators=(",", ":")).encode())


def check_environment(environment: Mapping[str, str]) -> None:
    """Raise CommandError if Lambda would reject it."""
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
