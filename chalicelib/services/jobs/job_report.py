"""What a run of the job tells an operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chalicelib.storage.aws.database import Unavailable

# What stored items can raise that make no sense, or that make something which no item holds.
BROKEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(slots=True)
class Report:
    """`rows_due` and `rows_open` are of what was scanned. `lag_seconds` is how long the oldest
    due row had been due when the run began. `rows_failed` are the keys of rows that could not
    be closed this time, `rows_aside` how many are out of the way because of that. `failed` is
    what else could not be done: sites and days that could not be put together, and steps to
    which DynamoDB gave no answer. `unavailable` says what could not be read, the last time that
    something could not."""

    sessions_closed: int = 0
    rows_due: int = 0
    rows_open: int = 0
    rows_empty: int = 0
    rows_failed: list[str] = field(default_factory=list)
    rows_aside: int = 0
    lag_seconds: int = 0
    recents_compacted: int = 0
    failed: list[str] = field(default_factory=list)
    unavailable: str = ""

    @contextmanager
    def failing_alone(self, name: str) -> Iterator[None]:
        """Leave what DynamoDB does not answer to the next run, and report it by that name."""
        try:
            yield
        except Unavailable as cause:
            self.unavailable = str(cause)
            self.failed.append(name)
