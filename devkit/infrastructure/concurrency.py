"""How many requests the collect function serves at once: its reserved concurrency.

A Function URL has no throttle of its own. Lambda accepts at most ten requests a second for
each concurrent execution (AWS, "Lambda function URLs", throttling), so the reserved concurrency
bounds the requests a second and the time that Lambda bills. Requests beyond it get 429.
"""

from __future__ import annotations

import math

from devkit.infrastructure.throttles import BURST_SECONDS, LIMITS

REQUESTS_PER_EXECUTION = 10  # a second
MIN_UNRESERVED = 100  # AWS does not let an account reserve these
MIN_EXECUTIONS = 10  # a page that is shared widely brings this many visitors at once


def collect_concurrency(requests_a_minute: int) -> int:
    """Return the executions for RATE_LIMIT_PER_MINUTE: enough if the collect requests of
    BURST_SECONDS, and the trackers that their visitors load, arrive within one second."""
    a_second = requests_a_minute / 60 * (1 + LIMITS[("GET", "/tracker.js")].share)
    return max(MIN_EXECUTIONS, math.ceil(a_second * BURST_SECONDS / REQUESTS_PER_EXECUTION))


def requests_per_second(executions: int) -> int:
    """Return the most that Lambda accepts with this reserved concurrency."""
    return executions * REQUESTS_PER_EXECUTION
