"""How long Lambda bills for work, from its CPU at reference speed and its calls.

    billed = CPU x FACTOR + round trips x ROUND_TRIP_MS

A function has a processor for each 1,769 MB (AWS, "Configure Lambda function memory"), so one
of 512 MB has 0.29 of one. Two figures are taken, not measured: that its arm processor needs 1.5
times the reference's time, and that a call to DynamoDB takes 4 ms from the same region on an
open connection (AWS promises "single-digit milliseconds").
"""

from __future__ import annotations

MEMORY_MB = 512
FULL_PROCESSOR_MB = 1_769
SLOWER_THAN_REFERENCE = 1.5
FACTOR = FULL_PROCESSOR_MB / MEMORY_MB * SLOWER_THAN_REFERENCE
ROUND_TRIP_MS = 4.0


def billed_ms(cpu_ms: float, *, round_trips: float, memory_mb: int = MEMORY_MB) -> float:
    """`cpu_ms` at reference speed; `round_trips` one after the other. More than one processor
    is of no use."""
    share = min(memory_mb / FULL_PROCESSOR_MB, 1.0)
    return cpu_ms / share * SLOWER_THAN_REFERENCE + round_trips * ROUND_TRIP_MS


def gb_seconds(milliseconds: float, *, memory_mb: int = MEMORY_MB) -> float:
    return milliseconds / 1000 * memory_mb / 1024
