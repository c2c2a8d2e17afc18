"""The computed capacity units are those that the emulator reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.suites.work.write_units import (
    COOKIELESS,
    ONE_SESSION_PER_RUN,
    VARIANTS,
    Variant,
    replay,
    replay_on,
)
from benchmarks.targets.emulated_stage import emulator
from benchmarks.targets.fake_app import fake_app
from devkit.emulated_aws.emulator import Emulator

FEW = 12


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with emulator() as one:
        yield one


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_computed_units_match_the_emulator(started: Emulator, variant: Variant):
    small = replace(variant, sessions=FEW)
    output = replay_on(started, small)
    with fake_app() as (app, usage):
        result = replay(app, usage, small)

    assert sorted(result.usage.writes.values()) == sorted(output.usage.writes.values())
    assert result.usage.calls == output.usage.calls
    assert sorted(result.usage.reads.values()) == sorted(output.usage.reads.values())
    assert result.requests == output.requests


def test_every_session_is_closed_and_compacted():
    with fake_app() as (app, usage):
        result = replay(app, usage, replace(COOKIELESS, sessions=FEW))
        stats = app.read(
            "/api/stats?site=demo.example&period=custom&from=2026-09-05&to=2026-09-05",
            at=COOKIELESS.ended_at,
        )

    assert stats["totals"]["sessions"] == FEW
    assert stats["totals"]["pageviews"] == result.pageviews == 3 * FEW
    assert stats["meta"]["open_sessions"] == 0


def test_closing_one_session_at_a_time_costs_more():
    def units(variant: Variant) -> float:
        with fake_app() as (app, usage):
            return replay(app, usage, replace(variant, sessions=FEW)).write_units

    assert units(ONE_SESSION_PER_RUN) > 1.2 * units(COOKIELESS)
