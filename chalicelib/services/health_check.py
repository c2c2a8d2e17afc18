"""The job checks the API once an hour, so that an outage is noticed even without visitors.

It invokes the API function with `GET /health`, which reads every table with the API's own
rights. That fails if the function cannot start, is throttled, or cannot read its tables. It
bypasses API Gateway: docs/decisions/health-check.md says why."""

from __future__ import annotations

import time
from collections.abc import Callable

from chalicelib.storage.aws.api_function import ApiFunction, NoAnswer

CHECKED_AT_MINUTE = 20
ATTEMPTS = 3
PAUSE_SECONDS = 3
MS_TO_CHECK = 50_000  # three attempts of 12 seconds each, with their pauses, and some to spare


def failure(
    api: ApiFunction | None,
    now: int,
    *,
    remaining_ms: Callable[[], int],
    pause: Callable[[float], None] = time.sleep,
) -> str | None:
    """Return why the last of all attempts failed; None if the API is healthy or no check is
    due. `api` is None outside Lambda, `now` is in ms."""
    is_due = now // 60_000 % 60 == CHECKED_AT_MINUTE
    if api is None or not is_due or remaining_ms() < MS_TO_CHECK:
        return None
    reason = None
    for attempt in range(ATTEMPTS):
        if attempt:
            pause(PAUSE_SECONDS)
        reason = _failure(api)
        if reason is None:
            return None
    return reason


def _failure(api: ApiFunction) -> str | None:
    try:
        status = api.get("/health")
    except NoAnswer as error:
        return str(error)
    return None if status == 200 else f"status {status}"
