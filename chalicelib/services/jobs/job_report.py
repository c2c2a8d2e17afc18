"""What a run of the job did, and what it has to leave to the next run.

There is one report per run. The steps of the run fill it in as they go, so that it says how far
the run got, also if DynamoDB stops responding or the time is up in the middle:

    expire.py          reads rows     rows_due, rows_open, rows_quarantined, lag_seconds, failed
    close_sessions.py  closes them    sessions_closed, rows_empty, rows_failed, rows_quarantined
    minute_job.py      compacts       recents_compacted, failed

For example, a run reads 1,000 rows, of which 40 are due. It closes 39 of them as 41 sessions.
The last one failed in two runs before, so it is tried alone. It fails again and goes into
quarantine. Then `rows_open` is 960, `rows_due` 40, `sessions_closed` 41, `rows_failed` has the
key of that row, and `rows_quarantined` is 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chalicelib.storage.aws.retries import Unavailable

# Raised by stored items that cannot be read, or whose sessions do not fit an item.
BAD_DATA_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(slots=True)
class Report:
    """Counts and failures of a run.

    rows_due, rows_open    of the rows that were read: closable by now, and not yet
    lag_seconds            how long the oldest of them had been closable when the run began
    rows_empty             closed without an event
    rows_failed            keys of rows that could not be closed this time
    rows_quarantined       how many rows are in quarantine
    failed                 sites and days that could not be compacted, and steps to which
                           DynamoDB did not respond
    unavailable            the last error of a step to which DynamoDB did not respond
    """

    sessions_closed: int = 0
    rows_due: int = 0
    rows_open: int = 0
    rows_empty: int = 0
    rows_failed: list[str] = field(default_factory=list)
    rows_quarantined: int = 0
    lag_seconds: int = 0
    recents_compacted: int = 0
    failed: list[str] = field(default_factory=list)
    unavailable: str = ""

    @contextmanager
    def failing_alone(self, name: str) -> Iterator[None]:
        """Report a step by that name if DynamoDB does not respond. The next run repeats it."""
        try:
            yield
        except Unavailable as cause:
            self.unavailable = str(cause)
            self.failed.append(name)
