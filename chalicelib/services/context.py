"""The tables, settings and time that services work with."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables


@dataclass(frozen=True, slots=True)
class Context:
    """Of one request, or of one run of the job; `now` is when it arrived or began, in ms."""

    tables: Tables
    settings: Settings
    now: int
