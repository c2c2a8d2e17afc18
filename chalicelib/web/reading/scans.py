"""Invocations of the function that scans, by the API function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.services.context import Context
from chalicelib.services.scanning.day_scan import answer_scan
from chalicelib.storage.aws.retries import within

SCAN_SECONDS = 5.0  # shorter than its caller waits, so that it gets the days that are done


def scan(payload: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return the summaries of the days in the payload, as many as there is time for."""
    with within(SCAN_SECONDS):
        return answer_scan(payload, context)
