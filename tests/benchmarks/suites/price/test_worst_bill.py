"""docs/explanation/security.md states the cost of a flood, calculated from what is deployed."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from benchmarks.__main__ import read
from benchmarks.doc_figures import with_figures
from benchmarks.suites.price import worst_bill
from benchmarks.suites.price.measured import load_measurements
from benchmarks.suites.work.collecting import LARGEST
from devkit.infrastructure.api_methods import METHODS
from devkit.infrastructure.price_list import PRICES
from devkit.infrastructure.throttles import LIMITS, Limit, method_settings
from devkit.infrastructure.throughput import max_units
from devkit.project_paths import ROOT
from tests.resources_template import TEMPLATE

SECURITY = ROOT / "docs" / "explanation" / "security.md"
STATIC = ROOT / "chalicelib" / "static"
KNOWN = load_measurements()


def usd(service: str) -> float:
    return sum(part.usd for part in worst_bill.bill_lines(KNOWN) if part.service == service)


def calculated() -> str:
    rows = {row["name"]: row for row in read()}
    return with_figures(SECURITY.read_text(encoding="utf-8"), rows, KNOWN)


def test_docs_state_the_calculated_bill():
    text = SECURITY.read_text(encoding="utf-8")
    (total,) = re.findall(r"\| \*\*total\*\* \| \| \*\*([\d.]+)\*\* \|", text)

    assert calculated() == text, "make bench brings it up to date"
    assert float(total) == pytest.approx(worst_bill.total(KNOWN), abs=0.005)
    (row,) = [row for row in read() if row["name"] == worst_bill.FLOODED_DAY]
    (result,) = worst_bill.measure()
    assert row == result.as_json()


def test_another_request_limit_changes_the_bill_in_the_docs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(LIMITS, ("GET", "/health"), Limit(0.5))

    assert calculated() != SECURITY.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "price",
    [
        "gateway_requests_per_million",
        "lambda_requests_per_million",
        "lambda_arm_gb_second",
        "logs_per_gb",
        "data_out_per_gb",
    ],
)
def test_every_price_is_in_the_bill(price: str, monkeypatch: pytest.MonkeyPatch):
    before = worst_bill.total(KNOWN)
    monkeypatch.setitem(PRICES, price, PRICES[price] * 2)

    assert worst_bill.total(KNOWN) != pytest.approx(before, rel=0.001)


def test_gateway_cost_follows_the_request_limits():
    rates = {
        (one["HttpMethod"], one["ResourcePath"].removeprefix("/").replace("~1", "/") or "/"):
        one["ThrottlingRateLimit"]
        for one in method_settings(worst_bill.RATE_LIMIT)
    }  # fmt: skip
    a_second = sum(rates.get(method, rates["*", "*"]) for method in METHODS)

    expected = a_second * 86_400 / 1e6 * PRICES["gateway_requests_per_million"]
    assert usd("API Gateway") == pytest.approx(expected)


def test_table_cost_follows_the_throughput_limits():
    units = TEMPLATE["Mappings"]["MaxUnits"][TEMPLATE["Parameters"]["MaxUsdPerDay"]["Default"]]
    writes = sum(n for part, n in units.items() if part.endswith("Write"))
    reads = sum(n for part, n in units.items() if part.endswith("Read"))

    assert units == max_units(worst_bill.MAX_USD)
    assert usd("DynamoDB") == pytest.approx(
        86_400
        / 1e6
        * (
            writes * PRICES["dynamodb_write_units_per_million"]
            + reads * PRICES["dynamodb_read_units_per_million"]
        )
    )


def test_function_url_costs_what_its_reserved_executions_can_do():
    """A day of ten executions at 512 MB, with a hundred requests a second."""
    used = worst_bill.flooded_executions(10, KNOWN)

    assert worst_bill.RESERVED == 10
    assert used.invocations == 100 * 86_400
    assert used.gb_seconds == pytest.approx(10 * 86_400 * 0.5)
    assert used.requests == 0  # to API Gateway


def test_more_reserved_executions_cost_more(monkeypatch: pytest.MonkeyPatch):
    before = worst_bill.total(KNOWN)
    monkeypatch.setattr(worst_bill, "RESERVED", 20)

    assert worst_bill.total(KNOWN) > before + 10


def test_job_works_until_its_timeout():
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    job = config["stages"]["prod"]["lambda_functions"]["expire_sessions"]

    assert job["lambda_timeout"] == worst_bill.JOB_SECONDS


def test_files_are_not_larger_than_assumed():
    of_path = worst_bill.FILE_BYTES
    sizes = {path.name: path.stat().st_size for path in STATIC.rglob("*") if path.is_file()}

    assert sizes["dashboard.html"] <= of_path["GET", "/"]
    assert sizes["tracker.js"] <= of_path["GET", "/tracker.js"]
    assert max(sizes.values()) <= of_path["GET", "/static/{name}"]


def test_slower_collecting_costs_more():
    slower = {**KNOWN.cpu_ms, LARGEST: 1_000.0}

    assert worst_bill.total(replace(KNOWN, cpu_ms=slower)) > worst_bill.total(KNOWN) + 5
