"""Each method has its own limit, and together they are what the owner chose."""

from __future__ import annotations

import re

import pytest

from devkit.infrastructure.api_methods import METHODS
from devkit.infrastructure.throttles import (
    ALL_METHODS,
    BURST_SECONDS,
    LIMITS,
    Throttle,
    method_settings,
    method_throttles,
    setting_key,
    stage_patch,
)
from devkit.project_paths import ROOT

COLLECTING = [("POST", "/events"), ("POST", "/api/events"), ("GET", "/pixel.gif")]


def a_minute(throttle: Throttle) -> float:
    return throttle.rate * 60


def test_every_method_has_a_limit_except_head_and_preflights_of_read_routes():
    own = {method for method in METHODS if method in LIMITS}
    without = {method for method in METHODS if method not in LIMITS}

    assert set(LIMITS) == own | {ALL_METHODS}
    assert {verb for verb, _ in without} == {"HEAD", "OPTIONS"}
    assert len(METHODS) == 35


@pytest.mark.parametrize("rate_limit", [1, 60, 1000, 6000, 600_000])
def test_collecting_routes_share_the_rate_limit(rate_limit: int):
    together = sum(a_minute(method_throttles(rate_limit)[method]) for method in COLLECTING)

    assert together == pytest.approx(rate_limit, abs=1.8)  # each is rounded to 0.01 a second


def test_preflights_health_and_files_get_a_small_share():
    result = method_throttles(1000)

    assert a_minute(result[ALL_METHODS]) == pytest.approx(10, abs=0.3)
    for method in [
        ("OPTIONS", "/events"),
        ("OPTIONS", "/api/events"),
        ("GET", "/"),
        ("GET", "/static/{name}"),
        ("GET", "/health"),
    ]:
        assert a_minute(result[method]) <= 120, method


def test_tracker_can_be_loaded_once_for_two_events():
    result = method_throttles(1000)

    assert result[("GET", "/tracker.js")].rate * 2 >= result[("POST", "/events")].rate


def test_dashboard_opens_at_once_for_several_readers():
    assert method_throttles(1)[("GET", "/static/{name}")].burst >= 10 * 6
    assert method_throttles(1)[("GET", "/api/realtime")].burst >= 10


@pytest.mark.parametrize("rate_limit", [1, 1000, 600_000])
def test_bursts_cover_three_seconds(rate_limit: int):
    for throttle in method_throttles(rate_limit).values():
        assert throttle.rate > 0
        assert throttle.burst >= max(1, round(throttle.rate * BURST_SECONDS))


def test_cloudformation_and_api_calls_set_the_same_limits():
    patched = {
        change["path"]: change["value"] for change in stage_patch(method_throttles(1000))
    }
    in_template = {}
    for given in method_settings(1000):
        path = given["ResourcePath"].removeprefix("/") or "~1"
        start = f"/{path}/{given['HttpMethod']}/throttling"
        in_template[f"{start}/rateLimit"] = str(given["ThrottlingRateLimit"])
        in_template[f"{start}/burstLimit"] = str(given["ThrottlingBurstLimit"])

    assert patched == in_template


@pytest.mark.parametrize(
    ("method", "key", "resource_path"),
    [
        (ALL_METHODS, "*/*", "/*"),
        (("GET", "/"), "~1/GET", "/"),
        (("POST", "/api/events"), "~1api~1events/POST", "/~1api~1events"),
        (("GET", "/static/{name}"), "~1static~1{name}/GET", "/~1static~1{name}"),
    ],
)
def test_paths_are_escaped_for_api_gateway(method, key: str, resource_path: str):
    assert setting_key(method) == key
    (given,) = [
        given
        for given, known in zip(method_settings(1000), LIMITS, strict=True)
        if known == method
    ]
    assert given["ResourcePath"] == resource_path


def test_docs_list_every_request_limit():
    text = (ROOT / "docs" / "reference" / "limits.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"<!-- request limits -->\n(.*?)<!-- end -->", text, re.DOTALL)
    *rows, others = [
        [cell.strip("` ") for cell in line.strip("|").split("|")]
        for line in table.splitlines()[2:]
    ]
    documented = {
        tuple(method.split()): (float(rate), int(burst)) for method, rate, burst in rows
    }
    documented[ALL_METHODS] = (float(others[1]), int(others[2]))

    assert documented == {
        method: (LIMITS[method].share * 1000, throttle.burst)
        for method, throttle in method_throttles(1000).items()
    }
