"""The model of a scan adds up what is measured and what is assumed."""

from __future__ import annotations

import pytest

from benchmarks.harness.lambda_time import ARM_SLOWNESS
from benchmarks.suites.price.parallel_scan import PAGE_BYTES, PAGE_MS, MonthTable, Part


def test_part_takes_its_cpu_and_reads_its_pages_in_sequence():
    part = Part(cpu_ms=100, read_bytes=PAGE_BYTES + 1, answer_bytes=0)

    assert part.milliseconds == pytest.approx(100 * ARM_SLOWNESS + 2 * PAGE_MS)


def test_table_returns_the_packs_of_the_days():
    table = MonthTable(
        {"2026-10-01": ['{"B": "YQ=="}'], "2026-10-02": ['{"B": "Yg=="}', '{"B": "Yw=="}']}, {}
    )

    packs = table.packs("example.com", "2026-10-02", "2026-10-03")

    assert [(pack.day, pack.number, pack.packed) for pack in packs] == [
        ("2026-10-02", 0, b"b"),
        ("2026-10-02", 1, b"c"),
    ]
