"""MaxUsdPerDay bounds what the tables cost, and leaves room for the traffic of a full rate
limit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.suites.work import write_units
from benchmarks.targets.capacity import Usage
from benchmarks.targets.fake_app import fake_app
from chalicelib.settings import Settings
from devkit.infrastructure import throughput
from devkit.infrastructure.throughput import (
    AMOUNTS,
    SHARES,
    mapping,
    max_requests_per_minute,
    max_units,
    usd_per_day,
)
from devkit.project_paths import ROOT
from operate.resources.table_settings import table_properties
from tests.resources_template import TEMPLATE

PARAMETER = TEMPLATE["Parameters"]["MaxUsdPerDay"]
DEFAULT = int(PARAMETER["Default"])
RATE_LIMIT: Any = Settings.__dataclass_fields__["rate_limit_per_minute"].default
DASHBOARDS, POLL_SECONDS = 4, 5
PAGE_UNITS = 1_048_576 / 4_096 / 2  # as it was a second ago, which costs half
QUOTA = 40_000  # units a second of an on-demand table, unless AWS raises it


def test_template_matches_the_price_list():
    wrong = "copy what `python -m devkit.infrastructure.throughput` prints to the template"

    assert TEMPLATE["Mappings"]["MaxUnits"] == mapping(), wrong
    assert PARAMETER["AllowedValues"] == [str(usd) for usd in AMOUNTS]


@pytest.mark.parametrize("usd", AMOUNTS)
def test_day_at_the_limit_costs_at_most_the_amount(usd: int):
    assert 0.95 * usd < usd_per_day(max_units(usd)) <= usd
    assert max(max_units(usd).values()) < QUOTA


def test_shares_add_up_to_the_amount():
    assert sum(SHARES.values()) == pytest.approx(1)


def limits(given: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the limits by table or index, for these parameters."""
    result = {}
    for table in table_properties({"Stage": "prod", **given}).values():
        for part in (table, *table.get("GlobalSecondaryIndexes", [])):
            name = part.get("IndexName", table["TableName"]).removeprefix("LiveInsight-")
            result[name] = part.get("OnDemandThroughput")
    return result


@pytest.mark.parametrize("usd", [DEFAULT, 200])
def test_every_table_and_index_is_limited(usd: int):
    expected = max_units(usd)

    assert limits({"MaxUsdPerDay": str(usd)}) == {
        name: {
            "MaxReadRequestUnits": expected[f"{name}Read"],
            "MaxWriteRequestUnits": expected[f"{name}Write"],
        }
        for name in ("Events", "ActiveSessions", "Sessions", "UserIndex", "Rollups")
    }


def test_provisioned_tables_have_no_limit_on_demand():
    assert set(limits({"BillingMode": "PROVISIONED"}).values()) == {None}


# Twelve sessions arrive between two runs of the job. More share a closing, which takes less.
VISITS = {
    "three pages": (write_units.COOKIELESS, 3),
    "three pages, with engagement": (write_units.WITH_ENGAGEMENT, 3),
    "one page": (write_units.COOKIELESS, 1),
    "one page, of a user": (write_units.WITH_USERS, 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("visit", VISITS)
def test_default_amount_carries_the_full_rate_limit(
    visit: str, monkeypatch: pytest.MonkeyPatch
):
    variant, pages = VISITS[visit]
    monkeypatch.setattr(write_units, "PAGES", pages)
    with fake_app() as (app, usage):
        result = write_units.replay(
            app, usage, replace(variant, sessions=120, sessions_per_run=12)
        )
    a_second = RATE_LIMIT / 60 / result.requests
    used: Any = Counter(
        {f"{part}Read": n * a_second for part, n in _by_part(result.usage.reads, visit)}
        | {f"{part}Write": n * a_second for part, n in _by_part(result.usage.writes, visit)}
    )

    # Each shows a page of a scan of more open sessions than fit one, every five seconds.
    used["ActiveSessionsRead"] += DASHBOARDS * PAGE_UNITS / POLL_SECONDS

    assert max_requests_per_minute(DEFAULT) == RATE_LIMIT
    for part, most in max_units(DEFAULT).items():
        assert used[part] <= most, f"{part}: {used[part]:.1f} of {most}"


@pytest.mark.slow
def test_closing_a_minute_of_the_full_rate_limit_fits_the_limits(
    monkeypatch: pytest.MonkeyPatch,
):
    """It takes seconds, and so uses what the table had left in the previous minute. AWS
    documents that a table can do this for up to five minutes."""
    monkeypatch.setattr(write_units, "PAGES", 1)
    variant = replace(write_units.WITH_USERS, sessions=RATE_LIMIT, sessions_per_run=RATE_LIMIT)
    with fake_app() as (app, usage):
        for _ in write_units.send_requests(app, variant):
            pass
        collecting = usage.copy()
        app.run_minute_job(at=variant.ended_at)
        run = usage - collecting
    left = {
        part: 60 * most - _of_part(collecting, part)
        for part, most in max_units(DEFAULT).items()
    }

    assert run.writes.total() > 4 * RATE_LIMIT  # it did close them
    for part in SHARES:
        assert _of_part(run, part) <= left[part], part


def _of_part(usage: Usage, part: str) -> float:
    kind = "Read" if part.endswith("Read") else "Write"
    of_tables = usage.reads if kind == "Read" else usage.writes
    results = {f"{name}{kind}": number for name, number in _by_part(of_tables, "of a user")}
    return results.get(part, 0)


def _by_part(of_tables: Mapping[str, float], visit: str) -> Iterator[tuple[str, float]]:
    """Return the units by table or index. Half of what a user's session writes to Sessions is
    for the index."""
    for table, number in of_tables.items():
        part = table.removeprefix("LiveInsight-").removesuffix("-dev")
        has_index_entry = part == "Sessions" and visit.endswith("of a user")
        if has_index_entry:
            yield "UserIndex", number / 2
        yield part, number / 2 if has_index_entry else number


@pytest.mark.parametrize(
    ("parameters", "rate_limit", "wanted"),
    [
        pytest.param({"MaxUsdPerDay": "15"}, 1000, None, id="they fit"),
        pytest.param({"MaxUsdPerDay": "5"}, 1000, "MAX_USD=15", id="too little"),
        pytest.param({"MaxUsdPerDay": "15"}, 6000, "MAX_USD=100", id="a raised rate limit"),
        pytest.param(
            {"MaxUsdPerDay": "15", "BillingMode": "PROVISIONED"}, 6000, None, id="provisioned"
        ),
        pytest.param({}, 6000, None, id="a stack of an earlier release"),
    ],
)
def test_owner_is_warned_if_the_tables_carry_less_than_the_rate_limit(
    parameters: dict[str, str], rate_limit: int, wanted: str | None
):
    notes = list(throughput.advisories(parameters, rate_limit))

    assert len(notes) == (wanted is not None)
    assert all(wanted in note for note in notes if wanted)


def test_docs_explain_how_the_amount_is_divided():
    text = (ROOT / "docs" / "how-to" / "limit-cost.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"<!-- max throughput -->\n(.*?)<!-- end -->", text, re.DOTALL)
    documented = {}
    for line in table.splitlines()[2:]:
        name, reads, read_units, writes, write_units = [
            cell.strip(" %") for cell in line.strip("|").split("|")
        ]
        documented[f"{name}Read"] = (float(reads) / 100, int(read_units))
        documented[f"{name}Write"] = (float(writes) / 100, int(write_units))

    assert f"units a second at {DEFAULT} USD" in table
    assert documented == {
        part: (pytest.approx(share), max_units(DEFAULT)[part]) for part, share in SHARES.items()
    }
