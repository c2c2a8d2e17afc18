"""The figures of results.json in the docs, which `make bench` updates.

| NAME | 3.41 units | ...               a table row whose first cell is a figure's name
6.58<!-- NAME -->                       a figure within a sentence
<!-- table: KIND --> ... <!-- end -->   a table that is calculated from the figures
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness.result import Result
from benchmarks.suites.price import worst_bill
from benchmarks.suites.price.measured import Measurements
from benchmarks.suites.price.monitoring_price import alarms, dashboards, metrics
from benchmarks.suites.price.open_dashboard import hours_table
from benchmarks.suites.price.scale import simulate_month, table
from devkit.infrastructure.price_list import PRICES
from devkit.project_paths import ROOT

QUOTING_FILES = [
    ROOT / "README.md",
    ROOT / "README.ko.md",
    ROOT / "docs" / "explanation" / "security.md",
    ROOT / "docs" / "explanation" / "comparison.md",
    ROOT / "docs" / "decisions" / "collect-function.md",
    ROOT / "docs" / "decisions" / "price-levers.md",
    ROOT / "docs" / "explanation" / "cost.md",
]
MONTH_COLUMNS = (
    "page views", "API Gateway", "Lambda", "writes", "reads", "logs", "data transfer",
    "storage", "total", "of which dashboard",
)  # fmt: skip
MONTHS = tuple(10**n for n in range(4, 9))
_ROW = re.compile(r"^\| ([^|]+) \|[^|]*\|(.*)$", re.MULTILINE)
_INLINE = re.compile(r"[\d.,]+\d(?=<!-- ([^>]+) -->)|\d(?=<!-- ([^>]+) -->)")
_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Rows = Mapping[str, Mapping[str, Any]]


def with_figures(text: str, rows: Rows, measurements: Measurements) -> str:
    """Return the text with the figures of `rows`, by name."""
    text = _ROW.sub(lambda match: _row(match, rows), text)
    text = _INLINE.sub(lambda match: _inline(match, rows), text)
    return _TABLE.sub(lambda match: _table(match, measurements), text)


def update_docs(rows: Rows, measurements: Measurements) -> list[Path]:
    """Update the docs and return the changed files."""
    changed = []
    for path in QUOTING_FILES:
        text = path.read_text(encoding="utf-8")
        new = with_figures(text, rows, measurements)
        if new != text:
            path.write_text(new, encoding="utf-8")
            changed.append(path)
    return changed


def format_figure(row: Mapping[str, Any]) -> str:
    return f"{row['value']:,} {row['unit']}"


def format_goal(row: Mapping[str, Any]) -> str:
    """Format the goal. It is a minimum if a larger value met it or a smaller one missed it."""
    goal = row["goal"]
    if goal is None:
        return ""
    least = row["value"] != goal and (row["value"] > goal) == row["met"]
    return f"{'at least ' if least else ''}{goal:,}{'' if row['met'] else ', missed'}"


def _row(match: re.Match[str], rows: Rows) -> str:
    name = match[1].strip()
    if name not in rows:
        return match[0]
    rest = match[2].split("|")
    if len(rest) > 1:
        rest[0] = f" {format_goal(rows[name])} "
    return f"| {name} | {format_figure(rows[name])} |{'|'.join(rest)}"


def _inline(match: re.Match[str], rows: Rows) -> str:
    return f"{rows[match[1] or match[2]]['value']:,}"


def _table(match: re.Match[str], measurements: Measurements) -> str:
    return match[1] + "\n".join(TABLES[match[2]](measurements)) + "\n" + match[3]


def monthly_costs_table(measurements: Measurements) -> list[str]:
    """Return the monthly cost by service, for several numbers of page views."""
    names = ("gateway", "function", "writes", "reads", "logs", "data_out", "storage")
    lines = [
        f"| {' | '.join(MONTH_COLUMNS)} |",
        f"|{' ---: |' * len(MONTH_COLUMNS)}",
    ]
    for events in MONTHS:
        step = simulate_month(events, measurements)
        parts = [_usd(getattr(step.cost, name)) for name in names]
        total, dashboard = _usd(step.cost.total), _usd(step.dashboard_usd)
        lines.append(f"| {events:,} | {' | '.join(parts)} | {total} | {dashboard} |")
    return lines


def monitoring_table(_: Measurements) -> list[str]:
    """Return the price of each alarm, the metrics and the CloudWatch dashboard."""
    lines = ["| what | metrics | USD a month |", "| --- | ---: | ---: |"]
    for name, number in alarms().items():
        lines.append(
            f"| alarm {name} | {number} | {_usd(number * PRICES['alarm_metric_month'])} |"
        )
    usd = _usd(metrics() * PRICES["custom_metric_month"])
    lines.append(
        f"| the app's own metrics, if each has data in every hour | {metrics()} | {usd} |"
    )
    usd = _usd(dashboards() * PRICES["dashboard_month"])
    return [*lines, f"| CloudWatch dashboard | | {usd} |"]


TABLES: Mapping[str, Callable[[Measurements], list[str]]] = {
    "dashboard_hour": hours_table,
    "flood": worst_bill.table,
    "months": monthly_costs_table,
    "scale": table,
    "unlimited": worst_bill.unlimited,
    "watched": monitoring_table,
}


def _usd(value: float) -> str:
    return f"{Result('', value, '').rounded:,}" if value >= 0.005 else "0.00"
