"""The bill includes everything that a site with the default configuration pays for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.harness.lambda_events import browser
from benchmarks.suites.price.cost_model import cost_of
from benchmarks.suites.price.measured import Measurements, load_measurements
from benchmarks.suites.price.monthly_price import (
    EVENT_MONTHS,
    HEALTH_READ_UNITS,
    SESSION_DAYS,
    cold_start_time,
    dashboard_reads,
    health_checks,
    million_pageviews,
    requests_and_tables_usd,
    session,
    stored,
)
from benchmarks.suites.work.write_units import (
    COOKIELESS,
    START,
    WITH_ENGAGEMENT,
    Replay,
    Variant,
    replay,
)
from benchmarks.targets.fake_app import fake_app
from devkit.infrastructure.cfn_template import read_template
from devkit.infrastructure.price_list import ITEM_OVERHEAD_BYTES, MILLION
from devkit.project_paths import RESOURCES
from tests.world import settings as settings_of


def replayed(variant: Variant) -> Replay:
    with fake_app() as (app, usage):
        return replay(app, usage, replace(variant, sessions=97))


@pytest.fixture(scope="module")
def known() -> Measurements:
    return load_measurements()


@pytest.mark.parametrize(
    ("variant", "requests"), [(COOKIELESS, 3 + 1), (WITH_ENGAGEMENT, 4 + 1)]
)
def test_session_includes_a_request_for_the_tracker(
    known: Measurements, variant: Variant, requests: int
):
    result = million_pageviews(replayed(variant), known)

    assert result.requests == 0, "a Function URL costs nothing per request"
    assert result.invocations == pytest.approx(requests * MILLION / 3)
    assert result.bytes_out > MILLION / 3 * known.answer_bytes["tracker.js"]


def test_health_checks_are_720_cold_starts_a_month(known: Measurements):
    result = health_checks(known)
    with fake_app() as (app, usage):
        before = usage.copy()
        assert app.get("/health", browser(0), at=START)["statusCode"] == 200
        used = usage - before

    assert (result.invocations, result.requests) == (720, 0)
    assert result.read_units == 720 * used.read_units == 720 * HEALTH_READ_UNITS
    assert result.gb_seconds > 720 * known.start_ms / 1000 * 1769 / 1024


def test_tracker_is_cached_for_a_day():
    """So no session requests it twice, as the bill says."""
    with fake_app() as (app, _):
        answer = app.get("/tracker.js", browser(0), at=START)

    assert answer["headers"]["Cache-Control"].startswith("public, max-age=86400, ")


def test_events_are_stored_for_a_month_and_sessions_for_thirteen(known: Measurements):
    events = 3 * (known.event_bytes + ITEM_OVERHEAD_BYTES)
    closed = known.outline_bytes + ITEM_OVERHEAD_BYTES + known.packed_bytes

    assert stored(known) == pytest.approx(events + closed * 400 / 30)
    assert session(known, has_engagement=False, line_bytes=0).byte_months == stored(known)
    assert settings_of().event_retention_days == EVENT_MONTHS * 30
    assert settings_of().personal_retention_days == SESSION_DAYS


def test_everything_that_is_stored_is_backed_up():
    tables = {
        name: resource["Properties"].get("PointInTimeRecoverySpecification", {})
        for name, resource in read_template(RESOURCES)["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }

    backed_up = {name for name, found in tables.items() if found}
    assert tables.keys() - backed_up == {"ActiveSessionsTable"}


def test_quiet_sites_pay_for_cold_starts(known: Measurements):
    a_session_a_day, a_session_a_second = (
        cold_start_time(30, known),
        cold_start_time(2_592_000, known),
    )

    assert cost_of(a_session_a_day).total > 0
    assert a_session_a_second.gb_seconds < 100 * a_session_a_day.gb_seconds


def test_dashboard_reads_more_with_more_active_sessions(known: Measurements):
    few, many = (
        dashboard_reads(sessions, known, line_bytes=0).read_units for sessions in (0, 333_333)
    )

    assert 187_200 <= few < many


def test_price_includes_requests_and_tables(
    known: Measurements,
):
    result = million_pageviews(replayed(COOKIELESS), known)
    usd = requests_and_tables_usd(result, MILLION / 3, known)
    cost = cost_of(result)

    assert cost.writes + cost.reads < usd < cost.total - cost.storage - cost.logs
    assert usd == pytest.approx(cost.writes + cost.reads + cost.function, abs=0.15)
